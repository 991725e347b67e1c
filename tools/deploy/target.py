"""Where an environment is deployed, the emulator or AWS, and the states and outputs of its units."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import boto3
from botocore.exceptions import ClientError

from tools.deploy.aws_errors import check_account
from tools.emulator import control
from tools.errors import WRONG_INPUT, Failure
from tools.livetree import layout
from tools.livetree.layout import LIVE, Place
from tools.livetree.reading.subset import BackendSettings
from tools.livetree.reading.tree import Tree, discover
from tools.livetree.reading.units import Unit
from tools.livetree.settings import Settings, load
from tools.livetree.state import backend_of


@dataclass(frozen=True)
class Target:
    """An environment ("dev") on an emulator, or on AWS where `emulator` is None."""

    environment: str
    emulator: control.Emulator | None

    @cached_property
    def settings(self) -> Settings:
        return load(self.environment)

    @property
    def account_id(self) -> str:
        return self.settings.account_id

    def client(self, service: str, region: str) -> Any:
        """A boto3 client that acts in a region of the environment's account."""
        if self.emulator:
            return self.emulator.client(service, self.account_id, region)
        return boto3.session.Session().client(service, region_name=region)  # type: ignore[call-overload]

    def variables(self) -> Mapping[str, str | None]:
        """What Terraform and Terragrunt are run with; None removes a variable."""
        return self.emulator.variables(self.account_id) if self.emulator else {"AWS_ENDPOINT_URL": None}

    @cached_property
    def units(self) -> Mapping[Place, Unit]:
        """The environment's units, as the root configuration has them."""
        tree = Tree(discover(layout.folder(self.environment)), os.environ)
        return {Place.of(unit.folder): unit for unit in tree.units}

    @cached_property
    def backends(self) -> Mapping[Place, BackendSettings]:
        """Where the state of each unit is kept."""
        return {place: backend_of(unit) for place, unit in self.units.items()}

    def state(self, place: Place) -> dict[str, Any]:
        """The state of a unit; empty when it was never applied."""
        backend = self.backends[place]
        try:
            body = self.client("s3", backend.region).get_object(Bucket=backend.bucket, Key=backend.key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"NoSuchKey", "NoSuchBucket"}:
                raise
            body = b"{}"
        state: dict[str, Any] = json.loads(body)
        return state

    def outputs(self, place: Place) -> dict[str, Any]:
        """The outputs of an applied unit, from its state: {"topic": {...}, ...}.

        Raises Failure when the unit has not been applied, or when there is none.
        """
        if place not in self.backends:
            raise Failure(
                f"{place} is no unit",
                where=f"{LIVE}/{self.environment}",
                do="name one that has a terragrunt.hcl there",
                status=WRONG_INPUT,
            )
        outputs = self.outputs_if_applied(place)
        if not outputs:
            raise Failure(
                f"{place} has not been applied here",
                where=f"s3://{self.backends[place].bucket}/{self.backends[place].key}",
                do="run `make up`" if self.emulator else f"run `make apply ENV={self.environment} TARGET=aws`",
            )
        return outputs

    def outputs_if_applied(self, place: Place) -> dict[str, Any]:
        """The outputs of a unit; none while it has not been applied."""
        outputs = self.state(place).get("outputs") or {}
        return {name: output["value"] for name, output in outputs.items()}


def target(environment: str, kind: Literal["emulator", "aws"]) -> Target:
    """The environment on the emulator that runs, or on AWS.

    Raises Failure when none runs, or when the credentials for AWS are not of the environment's account.
    """
    if kind == "aws":
        if os.environ.get("AWS_ENDPOINT_URL"):
            raise Failure(
                f"AWS_ENDPOINT_URL is {os.environ['AWS_ENDPOINT_URL']}, and the target is AWS",
                where="the environment variable AWS_ENDPOINT_URL",
                do="unset it, or leave out TARGET=aws",
                status=WRONG_INPUT,
            )
        on_aws = Target(environment, None)
        check_account(environment, on_aws.account_id)
        return on_aws
    running = control.find_running()
    if running is None:
        raise Failure(
            "no emulator is running",
            where="build/emulator/",
            do="run `make up`; to work on a real account, give its credentials and TARGET=aws",
            status=WRONG_INPUT,
        )
    return Target(environment, running)
