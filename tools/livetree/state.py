"""What the states of units hold, read from the bucket: milliseconds, where `terraform output` takes half a second."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.errors import Failure
from tools.livetree.reading.outputs import Outputs
from tools.livetree.reading.subset import BackendSettings
from tools.livetree.reading.units import Unit

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class States:
    """The states of the live tree. Every method raises Failure when their bucket cannot be reached."""

    def __init__(self) -> None:
        self._clients: dict[str, S3Client] = {}
        self._making_a_client = threading.Lock()

    def read(self, unit: Unit) -> dict[str, Any]:
        """A unit's state, empty when it was never applied."""
        backend = backend_of(unit)
        try:
            response = self._client(backend.region).get_object(Bucket=backend.bucket, Key=backend.key)
            state: dict[str, Any] = json.loads(response["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "NoSuchBucket"):
                return {}
            raise unreachable(f"the state bucket {backend.bucket}", error) from error
        except BotoCoreError as error:
            raise unreachable(f"the state bucket {backend.bucket}", error) from error
        return state

    def outputs(self, unit: Unit) -> Outputs | None:
        """A unit's outputs with the types that its state gives them; None when it has none."""
        found = self.read(unit).get("outputs")
        if not found:
            return None
        return Outputs(
            {name: output["value"] for name, output in found.items()},
            {name: output["type"] for name, output in found.items()},
        )

    def is_applied(self, unit: Unit) -> bool:
        """Whether an apply of a unit has left anything in its state."""
        state = self.read(unit)
        return bool(state.get("resources") or state.get("outputs"))

    def holds_resources(self, unit: Unit) -> bool:
        """Whether a unit's state holds a resource."""
        return holds_resources(self.read(unit))

    def check_bucket(self, bucket: str, region: str, environment: str) -> None:
        """Raise Failure when the bucket of an environment's states does not exist."""
        try:
            self._client(region).head_bucket(Bucket=bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("404", "NoSuchBucket"):
                raise unreachable(f"the state bucket {bucket}", error) from error
            raise Failure(
                f"the state bucket {bucket} does not exist: the account of {environment} has never been set up",
                where=f"region {region}",
                do=f"run `make bootstrap ENV={environment}`, once for the account",
            ) from None
        except BotoCoreError as error:
            raise unreachable(f"the state bucket {bucket}", error) from error

    def check_key(self, alias: str, region: str, environment: str) -> None:
        """Raise Failure when the key of an environment's states does not exist."""
        try:
            boto3.client("kms", region_name=region).describe_key(KeyId=alias)
        except ClientError as error:
            # An identity that may write states is not always allowed to look at their key.
            if error.response["Error"]["Code"] == "NotFoundException":
                raise Failure(
                    f"the key {alias} of the states does not exist in the account of {environment}",
                    where=f"region {region}",
                    do=f"run `make bootstrap ENV={environment}`: it makes what an older one did not",
                ) from None
        except BotoCoreError as error:
            raise unreachable(f"the key {alias} of the states", error) from error

    def _client(self, region: str) -> S3Client:
        with self._making_a_client:
            if region not in self._clients:
                self._clients[region] = boto3.client("s3", region_name=region)
            return self._clients[region]


def holds_resources(state: Mapping[str, Any]) -> bool:
    """Whether a state holds a resource (data sources do not count)."""
    return any(resource["mode"] == "managed" for resource in state.get("resources", []))


def backend_of(unit: Unit) -> BackendSettings:
    """Where the state of a unit is kept. Raises Failure for a unit without `remote_state`."""
    remote_state = unit.configuration().remote_state
    if remote_state is None:
        raise Failure(
            f"{unit.name} has no remote_state",
            where=f"{unit.name}/terragrunt.hcl, and the files that it includes",
            do="include the root configuration",
        )
    return remote_state.config


def unreachable(what: str, error: Exception) -> Failure:
    """The failure when the bucket of the states, or their key, cannot be reached."""
    if os.environ.get("AWS_ENDPOINT_URL"):
        do = "start the emulator (`make up`), and use the environment's account id as the access key"
    else:
        do = "use credentials of the environment's account (`aws sts get-caller-identity` says whose they are)"
    return Failure(
        f"{what} cannot be reached: {error}",
        where="AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        do=do,
    )
