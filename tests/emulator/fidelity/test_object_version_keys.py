from __future__ import annotations

from urllib.parse import unquote

from tests.emulator.fidelity.account import Account

KEYS = {"2026/a+b.csv", "2026/50% off.csv", "2026/größe & <more>.csv"}


def test_a_bucket_with_every_kind_of_key_can_be_emptied(account: Account) -> None:
    client = account.client("s3")
    client.create_bucket(Bucket=f"files-{account.id}")
    client.put_bucket_versioning(Bucket=f"files-{account.id}", VersioningConfiguration={"Status": "Enabled"})
    for key in KEYS:
        client.put_object(Bucket=f"files-{account.id}", Key=key, Body=b"x")
    # Asked for by name, the encoding is not undone by the client: what is read is what was sent.
    asked = client.list_object_versions(Bucket=f"files-{account.id}", EncodingType="url")
    assert asked["EncodingType"] == "url"
    assert {unquote(version["Key"]) for version in asked["Versions"]} == KEYS
    assert not any(set(version["Key"]) & set("+& <") for version in asked["Versions"])
    listed = client.list_object_versions(Bucket=f"files-{account.id}")["Versions"]
    assert {version["Key"] for version in listed} == KEYS
    for version in listed:
        client.delete_object(Bucket=f"files-{account.id}", Key=version["Key"], VersionId=version["VersionId"])
    assert "Versions" not in client.list_object_versions(Bucket=f"files-{account.id}")
    client.delete_bucket(Bucket=f"files-{account.id}")
