from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
import requests

from tests.emulator.fidelity.account import Account

REPOSITORY = "orders-dev"


def log_in(account: Account) -> tuple[str, dict[str, str]]:
    """Where an account's registry is, and the header that opens it."""
    [data] = account.client("ecr").get_authorization_token()["authorizationData"]
    return data["proxyEndpoint"], {"Authorization": f"Basic {data['authorizationToken']}"}


def push(account: Account, tag: str, content: str) -> requests.Response:
    """Push an image of nothing but a configuration, which says `content`."""
    address, headers = log_in(account)
    config = json.dumps({"said": content}).encode()
    digest = f"sha256:{hashlib.sha256(config).hexdigest()}"
    where = f"{address}/v2/{REPOSITORY}"
    requests.post(
        f"{where}/blobs/uploads/?digest={digest}", data=config, headers=headers, timeout=10
    ).raise_for_status()
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    manifest: dict[str, Any] = {"schemaVersion": 2, "mediaType": kind, "layers": []}
    manifest["config"] = {
        "mediaType": "application/vnd.docker.container.image.v1+json",
        "size": len(config),
        "digest": digest,
    }
    return requests.put(
        f"{where}/manifests/{tag}", json=manifest, headers={**headers, "Content-Type": kind}, timeout=10
    )


@pytest.fixture
def registry(account: Account) -> Account:
    account.client("ecr").create_repository(repositoryName=REPOSITORY, imageTagMutability="IMMUTABLE")
    return account


def test_the_registry_asks_who_it_is(registry: Account) -> None:
    address, _ = log_in(registry)
    wrong = base64.b64encode(b"AWS:guessed").decode()
    for headers in ({}, {"Authorization": f"Basic {wrong}"}, {"Authorization": "Bearer x"}):
        answer = requests.get(f"{address}/v2/", headers=headers, timeout=10)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_a_token_opens_the_registry_of_its_account(registry: Account, emulator: Any) -> None:
    assert push(registry, "validator-1", "one").status_code == 201
    [image] = registry.client("ecr").batch_get_image(repositoryName=REPOSITORY, imageIds=[{"imageTag": "validator-1"}])[
        "images"
    ]
    assert image["imageId"]["imageTag"] == "validator-1"
    other = Account(emulator)
    address, headers = log_in(other)
    assert requests.get(f"{address}/v2/{REPOSITORY}/tags/list", headers=headers, timeout=10).status_code == 404


def test_a_tag_stays_with_its_image(registry: Account) -> None:
    assert push(registry, "validator-1", "one").status_code == 201
    refused = push(registry, "validator-1", "another")
    assert refused.status_code == 400
    assert "immutable" in refused.text
