"""live/dev, applied once in a run by Terragrunt through tftest, and shared by all tests: each sends ids of its own."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import pytest
import tftest

from tests.emulator.csv_upload_system import CsvUploadSystem
from tests.emulator.transaction_file_system import TransactionFileSystem
from tests.emulator.webhook_system import WebhookSystem
from tools.demo.notifications import Notifications
from tools.deploy import terragrunt
from tools.deploy.target import Target
from tools.emulator import control
from tools.operations.csv_upload import CsvUpload
from tools.operations.notification_letters import NotificationLetter
from tools.operations.payment_events import PaymentEvents
from tools.operations.transaction_files import TransactionFiles
from tools.operations.webhooks import Webhooks
from tools.waiting import wait_for


class Environment:
    """An environment of the live tree, and Terragrunt over all of its units."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._terragrunt = terragrunt.find(for_aws=target.emulator is None)
        self._test = tftest.TerragruntTest(
            str(terragrunt.folder(target.environment)), binary=str(self._terragrunt.binary)
        )
        self._test.env = terragrunt.environment(target.variables(), unattended=True)

    def all_units(self, command: str, *arguments: str) -> tftest.TerraformCommandOutput:
        """Run a Terraform command in every unit: {retcode, out, err}. Raises TerraformTestError when it fails."""
        _, *words = self._terragrunt.all_units(command, *arguments)
        return self._test.execute_command(*words)

    def set(self, variable: str, value: str) -> None:
        """Set an environment variable for what runs from now on."""
        self._test.env[variable] = value

    def one_unit(self, unit: str, *words: str) -> None:
        """Run a command in one unit ("us-east-1/account/data"). Raises CalledProcessError when it fails."""
        folder = terragrunt.folder(self.target.environment, unit)
        subprocess.run([self._terragrunt.binary, *words], cwd=folder, env=self._test.env, check=True)


@pytest.fixture(scope="session")
def emulator(target: str) -> Iterator[control.Emulator | None]:
    """An emulator of this run's own, on a free port; None where the tests address an account."""
    if target == "aws":
        yield None
        return
    with control.start(control.free_port(), ends_with_caller=True) as started:
        yield started


@pytest.fixture(scope="session")
def dev(emulator: control.Emulator | None) -> Environment:
    """live/dev, applied."""
    environment = Environment(Target("dev", emulator))
    environment.all_units("apply")
    return environment


@dataclass
class System:
    """payment-events as it is deployed, with what a test wants to wait for."""

    deployed: PaymentEvents

    @cached_property
    def client(self) -> Callable[[str], Any]:
        return self.deployed.client

    def stage(self, event_id: str, stage: str) -> dict[str, Any]:
        """The audit item of an event's stage, once it is there."""
        return wait_for(lambda: self.deployed.stages(event_id).get(stage), f"stage {stage} of {event_id}")

    def enriched(self, event_id: str) -> dict[str, Any]:
        """The enricher's item, once the event went all the way."""

        def look() -> dict[str, Any] | None:
            item = self.deployed.stages(event_id).get("event-enricher")
            return item if item and item["status"] == "ENRICHED" else None

        return wait_for(look, f"{event_id} to be enriched")

    def letter(self, queue: str, correlation_id: str) -> NotificationLetter:
        """The dead letter of a delivery in a function's queue, once it is there."""
        return wait_for(
            lambda: next(
                (letter for letter in self.deployed.letters(queue) if letter.correlation_id == correlation_id), None
            ),
            f"a letter about {correlation_id} in the queue of {queue}",
        )


@pytest.fixture(scope="session")
def payment_events(dev: Environment) -> System:
    return System(PaymentEvents(dev.target))


@pytest.fixture(scope="session")
def webhooks(dev: Environment) -> WebhookSystem:
    return WebhookSystem(Webhooks(dev.target))


@pytest.fixture(scope="session")
def transaction_files(dev: Environment) -> TransactionFileSystem:
    return TransactionFileSystem(TransactionFiles(dev.target))


@pytest.fixture(scope="session")
def csv_upload(dev: Environment) -> CsvUploadSystem:
    return CsvUploadSystem(CsvUpload(dev.target))


@pytest.fixture
def make() -> Notifications:
    """Notifications with ids of this test's own."""
    return Notifications(uuid.uuid4().hex[:8], datetime.now(UTC))
