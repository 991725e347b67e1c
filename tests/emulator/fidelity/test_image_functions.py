from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests import engine
from tests.emulator.fidelity.account import REGION, Account, document, statement
from tools.release import image_files, registry
from tools.release.manifest import EMULATOR_IMAGES, Artefact
from tools.waiting import wait_for

REPOSITORY = "orders-dev"
ARTEFACT = Artefact("orders", "orders", "index.handler", (), "", "")
WORKS = """
import os, time, boto3

class InvalidEvent(Exception):
    pass

def handler(event, context):
    if event == "raise":
        raise InvalidEvent("amount is negative")
    if event == "sleep":
        time.sleep(60)
    if event == "end":
        os._exit(1)
    if event == "write":
        open("/var/task/written", "w")
    if event == "put":
        boto3.client("dynamodb").put_item(TableName="orders", Item={"id": {"S": "1"}})
    print("handled", event)
    return [context.function_name, context.invoked_function_arn.split(":")[4], os.environ["TABLE"], os.getuid() != 0]

def other(event, context):
    return "other"
"""


@pytest.fixture
def push(account: Account, tmp_path: Path) -> Iterator[Callable[[str, str], str]]:
    """Builds an image of a handler's source and pushes it under a tag; returns its URI."""
    client, base = engine.connected(), engine.standin()
    account.client("ecr").create_repository(repositoryName=REPOSITORY, imageTagMutability="IMMUTABLE")
    built = []

    def build_and_push(tag: str, source: str) -> str:
        name = f"test-{uuid.uuid4().hex}:{tag}"
        dockerfile = f'FROM {base}\nCOPY index.py /var/task/\nLABEL account={account.id}\nCMD ["index.handler"]\n'
        engine.build({"Dockerfile": dockerfile, "index.py": source}, EMULATOR_IMAGES, name)
        built.append(name)
        image = image_files.keep(client.images.get(name), replace(ARTEFACT, image_hash=tag), tmp_path)
        list(registry.push(image, registry.log_in(account.client("ecr")), REPOSITORY, tag))
        return f"{account.id}.dkr.ecr.{REGION}.amazonaws.com/{REPOSITORY}:{tag}"

    yield build_and_push
    for name in built:
        client.images.remove(name)


def create(account: Account, uri: str, *statements: dict[str, object], **settings: object) -> str:
    """Make the function `orders` of an image. Returns its name."""
    client = account.client("lambda")
    client.create_function(
        FunctionName="orders",
        PackageType="Image",
        Code={"ImageUri": uri},
        Architectures=["arm64"],
        Role=account.role("orders-role", *statements),
        MemorySize=256,
        Environment={"Variables": {"TABLE": "orders"}},
        **{"Timeout": 10, **settings},
    )
    client.get_waiter("function_active_v2").wait(FunctionName="orders", WaiterConfig={"Delay": 1})
    return "orders"


def test_an_image_that_is_not_in_the_registry_is_refused(account: Account) -> None:
    account.client("ecr").create_repository(repositoryName=REPOSITORY)
    for uri in (f"{account.id}.dkr.ecr.{REGION}.amazonaws.com/{REPOSITORY}:none", "public.ecr.aws/lambda/python:3.11"):
        with pytest.raises(ClientError, match=r"Source image .* does not exist. Provide a valid source image"):
            create(account, uri)
        account.client("iam").delete_role(RoleName="orders-role")


def test_a_function_of_an_image_runs_as_one_of_a_zip(account: Account, push: Callable[[str, str], str]) -> None:
    uri = push("orders-1", WORKS)
    name = create(account, uri, Timeout=4)
    assert account.invoke(name, "hello") == (["orders", account.id, "orders", True], None)
    assert any("handled hello" in line for line in account.lines("/aws/lambda/orders"))
    answer, kind = account.invoke(name, "raise")
    assert (kind, answer["errorType"], answer["errorMessage"]) == ("Unhandled", "InvalidEvent", "amount is negative")
    answer, kind = account.invoke(name, "sleep")
    assert (kind, answer["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert account.invoke(name, "end")[0]["errorType"] == "Runtime.ExitError"
    assert "Read-only file system" in account.invoke(name, "write")[0]["errorMessage"]
    assert account.metric("AWS/Lambda", "Errors", FunctionName=name) == 4
    account.client("lambda").delete_function(FunctionName=name)
    wait_for(lambda: not containers(uri), "the containers of a function that is deleted to end")


def test_the_role_decides_what_the_code_of_an_image_may_do(account: Account, push: Callable[[str, str], str]) -> None:
    account.table("orders", "id")
    name = create(account, push("orders-1", WORKS))
    answer, _ = account.invoke(name, "put")
    assert "not authorized to perform: dynamodb:PutItem" in answer["errorMessage"]
    account.client("iam").put_role_policy(
        RoleName="orders-role",
        PolicyName="put",
        PolicyDocument=document(statement("dynamodb:PutItem", account.arn("dynamodb", "table/orders"))),
    )
    assert account.invoke(name, "put")[1] is None


def test_one_image_is_several_functions_and_a_new_one_replaces_it(
    account: Account, push: Callable[[str, str], str]
) -> None:
    client = account.client("lambda")
    name = create(account, push("orders-1", WORKS), ImageConfig={"Command": ["index.other"]})
    assert account.invoke(name) == ("other", None)
    client.update_function_configuration(FunctionName=name, ImageConfig={"Command": ["index.handler"]})
    assert account.invoke(name)[0][0] == "orders"
    first = client.get_function_configuration(FunctionName=name)["CodeSha256"]
    client.update_function_code(FunctionName=name, ImageUri=push("orders-2", "def handler(event, context): return 2"))
    assert account.invoke(name) == (2, None)
    assert client.get_function_configuration(FunctionName=name)["CodeSha256"] != first


def test_what_cannot_be_imported_is_answered_with_its_name(account: Account, push: Callable[[str, str], str]) -> None:
    name = create(account, push("orders-1", "import no_such_module\ndef handler(event, context): pass"))
    answer, kind = account.invoke(name)
    assert (kind, answer["errorType"]) == ("Unhandled", "Runtime.ImportModuleError")
    assert "no_such_module" in answer["errorMessage"]


def containers(uri: str) -> list[str]:
    """The containers that run from a test's image: of its one function."""
    running = engine.connected().containers.list(filters={"label": f"account={uri.partition('.')[0]}"})
    return [str(each.id) for each in running]
