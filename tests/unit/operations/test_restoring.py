"""Restoring tables, without an emulator: what is asked of DynamoDB and of Terragrunt, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tools.errors import Failure
from tools.livetree.layout import Place
from tools.operations.restoring import Restoring

PLACE = Place("dev", "eu-central-1", "transaction-files", "data")
AT = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
FILES = "dynamodb-files-dev"
RESTORED = "dynamodb-files-dev-at-20261128T090000Z"
KEY = [{"AttributeName": "file", "KeyType": "HASH"}]


class NotFound(ClientError):
    pass


class InUse(ClientError):
    pass


def refusal(code: str, kind: type[ClientError] = ClientError) -> ClientError:
    return kind({"Error": {"Code": code, "Message": code}}, "operation")


class DynamoDB:
    """Tables by name, each with its key and how often it is CREATING before it is ACTIVE."""

    exceptions = SimpleNamespace(ResourceNotFoundException=NotFound, TableAlreadyExistsException=InUse)

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, Any]] = []
        self.refuses: ClientError | None = None
        for name in ("dynamodb-errors-dev", FILES):
            self.make(name)

    def make(self, name: str, status: str = "ACTIVE", key: Any = KEY) -> None:
        self.tables[name] = {"TableStatus": status, "KeySchema": key}

    def restore_table_to_point_in_time(self, **asked: Any) -> None:
        self.asked.append(asked)
        if self.refuses:
            raise self.refuses
        self.make(asked["TargetTableName"])

    def describe_continuous_backups(self, **_: Any) -> Any:
        times = {
            "EarliestRestorableDateTime": datetime(2026, 11, 1, tzinfo=UTC),
            "LatestRestorableDateTime": datetime(2026, 11, 28, 8, 55, tzinfo=UTC),
        }
        return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": times}}

    def describe_table(self, TableName: str) -> Any:  # noqa: N803 -- as boto3 calls it
        if TableName not in self.tables:
            raise refusal("ResourceNotFoundException", NotFound)
        return {"Table": self.tables[TableName]}


class OnAccount:
    """What a target says: names of tables in the state, and what the settings name."""

    environment = "dev"
    emulator = None

    def __init__(self, dynamodb: DynamoDB) -> None:
        self.dynamodb = dynamodb
        self.names = {"errors": "dynamodb-errors-dev", "files": FILES}
        self.settings = SimpleNamespace(restored_tables=dict[str, dict[str, str]]())

    def client(self, service: str, region: str) -> DynamoDB:
        assert (service, region) == ("dynamodb", "eu-central-1")
        return self.dynamodb

    def outputs(self, place: Place) -> None:
        assert place == PLACE

    def state(self, _: Place) -> Any:
        return {
            "resources": [
                {"type": "aws_kms_key", "module": "module.dynamodb_key", "name": "this", "instances": []},
                *(
                    {
                        "type": "aws_dynamodb_table",
                        "module": f"module.{key}_table",
                        "name": "this",
                        "instances": [{"attributes": {"name": name}}],
                    }
                    for key, name in self.names.items()
                ),
            ]
        }


class Watched(Restoring):
    """Writes down what Terragrunt is asked for."""

    def _terragrunt(self, *words: str) -> None:
        self.asked = [*getattr(self, "asked", []), words]


@pytest.fixture
def account() -> OnAccount:
    return OnAccount(DynamoDB())


@pytest.fixture
def restoring(account: OnAccount) -> Watched:
    return Watched(account, PLACE)  # type: ignore[arg-type]


def test_each_table_is_restored_beside_itself_under_the_time_in_its_name(
    restoring: Watched, account: OnAccount
) -> None:
    made = restoring.restore(restoring.chosen([]), AT)
    assert made == {"errors": "dynamodb-errors-dev-at-20261128T090000Z", "files": RESTORED}
    assert [each["RestoreDateTime"] for each in account.dynamodb.asked] == [AT, AT]
    assert [each["SourceTableName"] for each in account.dynamodb.asked] == ["dynamodb-errors-dev", FILES]


def test_a_restore_that_runs_already_is_waited_for(restoring: Watched, account: OnAccount) -> None:
    account.dynamodb.refuses = refusal("TableAlreadyExistsException", InUse)
    account.dynamodb.make(RESTORED)
    assert restoring.restore(restoring.chosen(["files"]), AT) == {"files": RESTORED}


def test_a_time_that_cannot_be_restored_is_refused_with_those_that_can(restoring: Watched, account: OnAccount) -> None:
    account.dynamodb.refuses = refusal("InvalidRestoreTimeException")
    with pytest.raises(Failure) as failure:
        restoring.restore(restoring.chosen(["files"]), AT)
    assert failure.value.do == "give a time from 2026-11-01T00:00:00Z to 2026-11-28T08:55:00Z"


def test_a_table_that_is_not_there_is_refused_with_those_that_are(restoring: Watched) -> None:
    with pytest.raises(Failure) as failure:
        restoring.chosen(["file"])
    assert failure.value.do == "name one of: errors, files"


def test_what_is_to_be_written_keeps_what_is_there(restoring: Watched, account: OnAccount) -> None:
    account.settings.restored_tables = {"us-east-1": {"orders-dev": "orders-dev-at-20261101T000000Z"}}
    assert restoring.written({"files": RESTORED}).splitlines() == [
        "restored_tables:",
        "  eu-central-1:",
        f"    {FILES}: {RESTORED}",
        "  us-east-1:",
        "    orders-dev: orders-dev-at-20261101T000000Z",
    ]


def test_the_state_gets_the_table_that_the_settings_name_and_no_other(restoring: Watched, account: OnAccount) -> None:
    account.settings.restored_tables = {"eu-central-1": {FILES: RESTORED}}
    account.dynamodb.make(RESTORED)
    said = list(restoring.adopt())
    address = "module.files_table.aws_dynamodb_table.this"
    assert restoring.asked == [("state", "rm", address), ("import", address, RESTORED)]
    assert said == [f"{PLACE}: terragrunt state rm {address}", f"{PLACE}: terragrunt import {address} {RESTORED}"]


def test_without_the_setting_the_original_table_comes_back(restoring: Watched, account: OnAccount) -> None:
    account.names["files"] = RESTORED
    account.dynamodb.make(RESTORED)
    list(restoring.adopt())
    assert restoring.asked[-1][-1] == FILES


def test_a_second_restore_has_the_name_of_the_original_and_the_new_time(restoring: Watched, account: OnAccount) -> None:
    account.names["files"] = RESTORED
    made = restoring.restore(restoring.chosen(["files"]), datetime(2026, 11, 28, 10, 0, tzinfo=UTC))
    assert made == {"files": "dynamodb-files-dev-at-20261128T100000Z"}
    assert account.dynamodb.asked[0]["SourceTableName"] == RESTORED


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (None, "does not exist"),
        (("CREATING", KEY), "is not ready: CREATING"),
        (("ACTIVE", [{"AttributeName": "error_id", "KeyType": "HASH"}]), f"has other keys or indexes than {FILES}"),
    ],
)
def test_a_table_that_cannot_take_anothers_place_is_refused_before_anything_changes(
    restoring: Watched, account: OnAccount, made: Any, why: str
) -> None:
    account.settings.restored_tables = {"eu-central-1": {FILES: RESTORED}}
    if made:
        account.dynamodb.make(RESTORED, *made)
    with pytest.raises(Failure) as failure:
        list(restoring.adopt())
    assert failure.value.problem == f"the table {RESTORED} {why}"
    assert not hasattr(restoring, "asked")


def test_there_is_nothing_to_adopt_where_state_and_settings_agree(restoring: Watched) -> None:
    with pytest.raises(Failure) as failure:
        list(restoring.adopt())
    assert "nothing to adopt" in failure.value.problem
