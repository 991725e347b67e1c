"""The emulator as a program: how it starts and ends, and what its functions see."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.emulator.fidelity.account import ECHOES, REGION, Account, statement
from tools.emulator import control, processes
from tools.project import ROOT
from tools.toolchain import EMULATOR
from tools.waiting import wait_for

TELLS_ITS_ENVIRONMENT = """
import os, tempfile
def handler(event, context):
    return {**os.environ, "tempfile": tempfile.gettempdir()}
"""
READS_AND_DELETES = """
import boto3
def attempt(call, **arguments):
    try:
        return call(**arguments) and "done"
    except Exception as error:
        return error.response["Error"]["Code"]
def handler(event, context):
    table = boto3.client("dynamodb")
    return {
        "read": attempt(table.describe_table, TableName="events"),
        "delete": attempt(table.delete_table, TableName="events"),
        "list": attempt(table.list_tables),
    }
"""


@pytest.fixture
def own() -> control.Emulator:
    """An emulator that the test may end as it likes."""
    return control.start(control.free_port(), ends_with_caller=True)


def _with_a_worker(emulator: control.Emulator) -> list[int]:
    """Invoke a function, so that a worker runs. Returns the workers' process ids."""
    account = Account(emulator)
    account.function("validator", ECHOES)
    account.invoke("validator", {})
    return _workers(emulator.port)


def _workers(port: int) -> list[int]:
    mark = f"{control.FOLDER}/{port}.tmp/ministack-lambda-"
    return [pid for pid, command in processes.command_lines().items() if mark in command]


def _left_of(port: int) -> list[str]:
    return sorted(path.name for path in control.FOLDER.glob(f"{port}.*"))


@pytest.mark.requirement("PLT-20")
@pytest.mark.parametrize("ending", ["stop", "SIGTERM"])
def test_an_emulator_ends_with_its_workers_and_leaves_only_its_log(own: control.Emulator, ending: str) -> None:
    port = own.port
    assert len(_with_a_worker(own)) == 1
    assert control.find_running(port) is not None
    if ending == "SIGTERM":
        os.kill(own.pid, signal.SIGTERM)
    else:
        own.stop()
    wait_for(lambda: _left_of(port) == [f"{port}.log"], "the emulator to end and to clean up")
    assert _workers(port) == []
    assert control.find_running(port) is None
    own.stop()  # does no harm


def test_the_workers_of_an_emulator_that_was_killed_are_found_by_the_next(
    own: control.Emulator, capsys: pytest.CaptureFixture[str]
) -> None:
    workers = _with_a_worker(own)
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)  # a worker that is busy, and does not notice that nobody listens any more
    os.kill(own.pid, signal.SIGKILL)
    wait_for(lambda: control.find_running(own.port) is None, "the emulator to end")
    with control.start(own.port, ends_with_caller=True):
        assert f"cleaned up after one that died on port {own.port}: its files, and 1 function worker(s)" in (
            capsys.readouterr().out
        )
        assert not set(workers) & processes.command_lines().keys()


def test_an_emulator_that_is_to_end_with_its_caller_does() -> None:
    port = control.free_port()
    code = (
        f"from tools.emulator import control; control.start({port}, ends_with_caller=True); print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as caller:
        assert caller.stdout is not None
        caller.stdout.readline()
        assert control.find_running(port) is not None
        caller.kill()
    wait_for(lambda: _left_of(port) == [f"{port}.log"], "the emulator to end and to clean up")


def test_a_ministack_that_has_changed_stops_the_start_with_the_name_of_the_patch(tmp_path: Path) -> None:
    code = (
        "import sys; from ministack.services import sns; sns._deliver_to_lambda = lambda *a: None;"
        "from tools.emulator import launcher; sys.exit(launcher.main(sys.argv[1:]))"
    )
    command = [str(EMULATOR.python), "-c", code, str(control.free_port()), str(tmp_path), control.DEFAULT_ACCOUNT]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert "error: the patch subscription_delivery does not fit ministack" in answer.stderr
    assert "where: ministack.services.sns._deliver_to_lambda" in answer.stderr


@pytest.mark.requirement("PLT-20")
def test_accounts_live_side_by_side_in_one_process(account: Account, emulator: control.Emulator) -> None:
    other = Account(emulator)
    for each in (account, other):
        each.client("sqs").create_queue(QueueName="payments")
        each.client("sqs").create_queue(QueueName=f"of-{each.id}")
    for each in (account, other):
        urls = each.client("sqs").list_queues()["QueueUrls"]
        assert sorted(url.rsplit("/", 1)[1] for url in urls) == [f"of-{each.id}", "payments"]
        assert each.client("sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{each.id}:root"


def test_a_function_sees_its_own_role_and_nothing_of_this_machines_configuration(
    account: Account, emulator: control.Emulator
) -> None:
    account.function("validator", TELLS_ITS_ENVIRONMENT, Environment={"Variables": {"TABLE": "events"}})
    seen, _ = account.invoke("validator")
    assert (seen["TABLE"], seen["AWS_REGION"], seen["AWS_LAMBDA_FUNCTION_NAME"]) == ("events", REGION, "validator")
    assert (seen["AWS_ENDPOINT_URL"], seen["TZ"]) == (emulator.endpoint, "UTC")
    assert seen["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert seen["tempfile"] == seen["HOME"] == str(control.FOLDER / f"{emulator.port}.tmp")
    assert not {"AWS_PROFILE", "AWS_CA_BUNDLE", "VIRTUAL_ENV", "PYTHONPATH", "SSH_AUTH_SOCK"} & seen.keys()


@pytest.mark.requirement("PLT-20")
def test_a_function_may_do_what_its_role_allows_and_a_deny_wins(account: Account) -> None:
    table = account.arn("dynamodb", "table/events")
    account.table("events", "event_id")
    allow = statement(["dynamodb:DescribeTable", "dynamodb:DeleteTable"], table)
    account.function("validator", READS_AND_DELETES, allow, {**statement("dynamodb:DeleteTable"), "Effect": "Deny"})
    assert account.invoke("validator")[0] == {
        "read": "done", "delete": "AccessDeniedException", "list": "AccessDeniedException",
    }  # fmt: skip


def test_a_queue_that_admits_nobody_refuses_a_user_without_permission(account: Account) -> None:
    url, arn = account.queue("payments")
    with pytest.raises(ClientError, match="AccessDenied"):
        account.user_client("sqs", statement("sqs:GetQueueUrl")).send_message(QueueUrl=url, MessageBody="paid")
    assert account.user_client("sqs", statement("sqs:SendMessage", arn)).send_message(QueueUrl=url, MessageBody="paid")
