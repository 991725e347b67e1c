"""Restoring the tables of a system to a point in time, and letting restored tables take the place of others.

A restore makes a new table beside the old one, which stays as it is. The setting `restored_tables` says which table a
system uses, and the state of its `data` unit has to hold the same one: otherwise an apply would replace the table.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

import yaml
from botocore.exceptions import ClientError

from tools.deploy import terragrunt
from tools.deploy.target import Target
from tools.errors import WRONG_INPUT, Failure
from tools.livetree.layout import LIVE, SETTINGS_FILE, Place
from tools.livetree.tables import Table, held, wanted
from tools.waiting import until

SETTING: Final = "restored_tables"
# On AWS a restore takes from minutes to hours:
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
_GIVE_UP_AFTER_S: Final = 24 * 3600.0
_LOOK_EVERY_S: Final = 10.0


class Restoring:
    """The tables of the data unit in one place."""

    def __init__(self, target: Target, place: Place) -> None:
        self.target = target
        self.place = place
        self._dynamodb = target.client("dynamodb", place.region)

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """Its tables, as its state has them, by their keys. Raises Failure when the unit has not been applied."""
        self.target.outputs(self.place)
        return held(self.target.state(self.place))

    def chosen(self, keys: Iterable[str]) -> list[Table]:
        """The tables with these keys, all where none is named. Raises Failure for a key that no table has."""
        if wrong := sorted(set(keys) - self.tables.keys()):
            raise Failure(
                f"there is no table {', '.join(wrong)}",
                where=str(self.place),
                do=f"name one of: {', '.join(sorted(self.tables))}",
                status=WRONG_INPUT,
            )
        return [self.tables[key] for key in sorted(set(keys) or self.tables)]

    def restore(self, tables: Iterable[Table], time: datetime) -> dict[str, str]:
        """Restore tables as they were at a time, into new ones, and wait until these can be used.

        Returns {key: name of the new table}. Run again, it waits for what it has begun. Raises Failure where the time
        cannot be restored.
        """
        made = {table.key: table.at(time) for table in tables}
        for key, name in made.items():
            self._begin(self.tables[key], name, time)
        for name in made.values():
            every = 0.2 if self.target.emulator else _LOOK_EVERY_S
            until(lambda name=name: self._described(name)["TableStatus"] == "ACTIVE", _GIVE_UP_AFTER_S, every)  # type: ignore[misc]
        return made

    def _begin(self, table: Table, name: str, time: datetime) -> None:
        try:
            self._dynamodb.restore_table_to_point_in_time(
                SourceTableName=table.name, TargetTableName=name, RestoreDateTime=time
            )
        except self._dynamodb.exceptions.TableAlreadyExistsException:
            return
        except ClientError as error:
            if error.response["Error"]["Code"] != "InvalidRestoreTimeException":
                raise
            earliest, latest = self._recoverable(table.name)
            raise Failure(
                f"{table.name} cannot be restored to {time:%Y-%m-%dT%H:%M:%SZ}",
                where=str(self.place),
                do=f"give a time from {earliest:%Y-%m-%dT%H:%M:%SZ} to {latest:%Y-%m-%dT%H:%M:%SZ}",
                status=WRONG_INPUT,
            ) from error

    def _recoverable(self, name: str) -> tuple[datetime, datetime]:
        described = self._dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        times = described["PointInTimeRecoveryDescription"]
        return times["EarliestRestorableDateTime"].astimezone(UTC), times["LatestRestorableDateTime"].astimezone(UTC)

    def written(self, made: Mapping[str, str]) -> str:
        """The setting of the environment with which these tables take the place of those that are used now."""
        setting = {region: dict(tables) for region, tables in self.target.settings.restored_tables.items()}
        of_region = setting.setdefault(self.place.region, {})
        of_region.update({self.tables[key].original: name for key, name in made.items()})
        return str(yaml.safe_dump({SETTING: setting}, sort_keys=True)).rstrip()

    def wanted(self) -> dict[Table, str]:
        """The tables of the state that the settings name otherwise, with the names that these give them."""
        return wanted(self.tables, self.target.settings, self.place)

    def adopt(self) -> Iterator[str]:
        """Let the unit's state hold the tables that the settings name; yields each command that it is about to run.

        Nothing changes on AWS until the next apply. Raises Failure where there is nothing to do, where a table is not
        there or has another key, and where a command fails.
        """
        tables = self.wanted()
        if not tables:
            raise Failure(
                "there is nothing to adopt: the tables in the state are those that the settings name",
                where=f"{SETTING} in {self.settings_file}",
                do="write there what `pipelines system restore` has printed, and run this again",
                status=WRONG_INPUT,
            )
        for table, name in tables.items():
            self._check(table, name)
        for table, name in tables.items():
            for words in (["state", "rm", table.address], ["import", table.address, name]):
                yield f"{self.place}: terragrunt {' '.join(words)}"
                self._terragrunt(*words)

    @property
    def settings_file(self) -> str:
        return f"{LIVE}/{self.place.environment}/{SETTINGS_FILE}"

    def _check(self, table: Table, name: str) -> None:
        """Refuse to let a table take another's place that is not there (yet), or does not look like it."""
        try:
            found = self._described(name)
        except self._dynamodb.exceptions.ResourceNotFoundException:
            raise self._unfit(name, "does not exist") from None
        if found["TableStatus"] != "ACTIVE":
            raise self._unfit(name, f"is not ready: {found['TableStatus']}")
        if _shape(found) != _shape(self._described(table.name)):
            raise self._unfit(name, f"has other keys or indexes than {table.name}")

    def _unfit(self, name: str, why: str) -> Failure:
        return Failure(
            f"the table {name} {why}",
            where=f"{SETTING} in {self.settings_file}",
            do="restore it first, or correct the setting; nothing was changed",
        )

    def _described(self, name: str) -> dict[str, Any]:
        table: dict[str, Any] = self._dynamodb.describe_table(TableName=name)["Table"]
        return table

    def _terragrunt(self, *words: str) -> None:
        for_aws = self.target.emulator is None
        folder = terragrunt.folder(self.place.environment, self.place.in_environment)
        answer = subprocess.run(
            [terragrunt.find(for_aws=for_aws).binary, *words],
            cwd=folder,
            env=terragrunt.environment(self.target.variables(), unattended=True),
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode:
            raise Failure(
                f"`terragrunt {' '.join(words)}` failed:\n{answer.stdout}{answer.stderr}",
                where=str(self.place),
                do="mend what it says and run this command there by hand, then run this again for what is left; "
                "the state bucket has every earlier version of the state",
            )


def _shape(table: Mapping[str, Any]) -> tuple[Any, ...]:
    """What has to be the same of two tables of which one takes the other's place."""
    indexes = {index["IndexName"]: index["KeySchema"] for index in table.get("GlobalSecondaryIndexes", [])}
    return table["KeySchema"], indexes
