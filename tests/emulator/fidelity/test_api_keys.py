from __future__ import annotations

from tests.emulator.fidelity.account import Account


def test_an_api_key_without_a_value_is_given_one(account: Account) -> None:
    client = account.client("apigateway")
    key = client.create_api_key(name="partner", value="")["id"]
    assert len(client.get_api_key(apiKey=key, includeValue=True)["value"]) >= 20
