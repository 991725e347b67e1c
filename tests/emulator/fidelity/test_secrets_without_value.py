from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.emulator.fidelity.account import Account


def test_a_secret_made_without_a_value_has_none_until_one_is_put(account: Account) -> None:
    client = account.client("secretsmanager")
    created = client.create_secret(Name="signing")
    assert "VersionId" not in created
    assert client.describe_secret(SecretId="signing").get("VersionIdsToStages", {}) == {}
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client.get_secret_value(SecretId="signing")
    client.put_secret_value(SecretId="signing", SecretString="first")
    client.put_secret_value(SecretId="signing", SecretString="second")
    assert client.get_secret_value(SecretId="signing")["SecretString"] == "second"
    assert client.get_secret_value(SecretId="signing", VersionStage="AWSPREVIOUS")["SecretString"] == "first"


def test_a_secret_made_with_a_value_has_it(account: Account) -> None:
    client = account.client("secretsmanager")
    version = client.create_secret(Name="signing", SecretString="first")["VersionId"]
    assert client.get_secret_value(SecretId="signing")["VersionId"] == version
