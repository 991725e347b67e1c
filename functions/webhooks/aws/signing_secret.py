"""The secret that senders sign with, in Secrets Manager."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from functions.common.aws.clients import transient_errors
from functions.webhooks.logic.signatures import SigningSecrets, UnusableSecretError

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

_REMEDY = "set it with `pipelines system rotate-secret webhooks --env <environment>`"


class SigningSecret:
    def __init__(self, client: SecretsManagerClient, arn: str) -> None:
        self._client = client
        self._arn = arn

    def fetch(self) -> SigningSecrets:
        """Raises UnusableSecretError while the secret has no value yet, and TransientError."""
        value = self._value()
        if not value:
            raise UnusableSecretError(f"the signing secret has no value: {_REMEDY}")
        try:
            return msgspec.json.decode(value, type=SigningSecrets)
        except msgspec.DecodeError:
            # Not chained: the decoder's error could show the secret.
            raise UnusableSecretError(
                'the signing secret is not {"current": ..., "previous": ... or null}, '
                f"each of at least 32 characters: {_REMEDY}"
            ) from None

    def _value(self) -> str | None:
        try:
            with transient_errors("reading the signing secret"):
                return self._client.get_secret_value(SecretId=self._arn).get("SecretString")
        except self._client.exceptions.ResourceNotFoundException:
            return None
