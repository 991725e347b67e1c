"""Where an environment is deployed, the emulator or AWS, and what its units say of what they made."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

import boto3
from botocore.exceptions import ClientError

from tools.emulator import control
from tools.errors import WRONG_INPUT, Failure
from tools.livetree.settings import Settings, load

REGION: Final = "us-east-1"
STATE_REGION: Final = "us-east-1"


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

    def client(self, service: str, region: str = REGION) -> Any:
        """A boto3 client that acts in the environment's account."""
        if self.emulator:
            return self.emulator.client(service, self.account_id, region)
        return boto3.session.Session().client(service, region_name=region)  # type: ignore[call-overload]

    def variables(self) -> Mapping[str, str | None]:
        """What Terraform and Terragrunt are run with; None removes a variable."""
        return self.emulator.variables(self.account_id) if self.emulator else {"AWS_ENDPOINT_URL": None}

    def outputs(self, system: str, unit: str, region: str = REGION) -> dict[str, Any]:
        """The outputs of an applied unit, from its state: {"topic": {...}, ...}.

        Raises Failure when the unit has not been applied.
        """
        bucket = f"financial-event-pipelines-state-{self.account_id}"
        key = f"{self.environment}/{region}/{system}/{unit}/terraform.tfstate"
        try:
            body = self.client("s3", STATE_REGION).get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"NoSuchKey", "NoSuchBucket"}:
                raise
            body = b"{}"
        outputs = json.loads(body).get("outputs") or {}
        if not outputs:
            raise Failure(
                f"{system}/{unit} of {self.environment} has not been applied here",
                where=f"s3://{bucket}/{key}",
                do="run `make up`" if self.emulator else f"run `make apply ENV={self.environment} TARGET=aws`",
            )
        return {name: output["value"] for name, output in outputs.items()}


def target(environment: str, kind: Literal["emulator", "aws"]) -> Target:
    """The environment on the emulator that runs, or on AWS. Raises Failure when none runs."""
    if kind == "aws":
        if os.environ.get("AWS_ENDPOINT_URL"):
            raise Failure(
                f"AWS_ENDPOINT_URL is {os.environ['AWS_ENDPOINT_URL']}, and the target is AWS",
                where="the environment variable AWS_ENDPOINT_URL",
                do="unset it, or leave out TARGET=aws",
                status=WRONG_INPUT,
            )
        return Target(environment, None)
    running = control.find_running()
    if running is None:
        raise Failure(
            "no emulator is running",
            where="build/emulator/",
            do="run `make up`; to work on a real account, give its credentials and TARGET=aws",
            status=WRONG_INPUT,
        )
    return Target(environment, running)
