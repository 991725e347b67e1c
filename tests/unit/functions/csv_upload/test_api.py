"""What the API takes, what it refuses, and that it says why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.csv_upload.logic.api import MAXIMUM_BODY_BYTES, MAXIMUM_OBJECT_BYTES, Api, Refused
from functions.csv_upload.logic.status import State, Step
from functions.csv_upload.logic.uploads import id_of, is_id, new_id, validated_key
from tests.unit.functions.csv_upload.fakes import World

CSV = {"content-type": "text/csv"}
BODY = b"transaction_id,date,amount,currency\ntx-1,2026-03-01,10.25,EUR\n"
URL = "https://api/dev"
UNKNOWN = "019a222a-8616-7d51-a28e-360023737dd3"


class Bucket:
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, key: str, body: bytes) -> None:
        self.objects[key] = body

    def presign(self, key: str, maximum_bytes: int, seconds: int) -> tuple[str, dict[str, str]]:
        return "https://bucket", {"key": key, "limit": f"{maximum_bytes}/{seconds}"}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


@pytest.fixture
def api(bucket: Bucket, world: World) -> Api:
    return Api(bucket, world)


def refusal(api: Api, body: bytes = BODY, headers: Mapping[str, str] = CSV) -> Refused:
    with pytest.raises(Refused) as raised:
        api.take(headers, body, URL)
    return raised.value


@pytest.mark.requirement("CSV-02")
@pytest.mark.parametrize(
    "media_type", ["text/csv", "TEXT/CSV; charset=utf-8", 'text/csv; charset="UTF-8"; header=present']
)
def test_a_file_is_kept_byte_for_byte_and_followed_by_its_id(
    api: Api, bucket: Bucket, world: World, media_type: str
) -> None:
    status, content = api.take({"content-type": media_type}, BODY, URL)
    upload_id = content["upload_id"]
    assert (status, content["status"]) == (202, "RECEIVED")
    assert content["status_url"] == f"{URL}/uploads/{upload_id}"
    assert bucket.objects == {validated_key(upload_id): BODY}
    assert id_of(*bucket.objects) == upload_id
    assert world.items[upload_id]["step"] == Step(1, State.RECEIVED)


@pytest.mark.requirement("CSV-03")
@pytest.mark.parametrize(
    "headers",
    [{}, {"content-type": ""}, {"content-type": "application/json"}, {"content-type": "text/csv; charset=utf-16"},
     {"content-type": "text/plain"}, {"content-type": ";"}, CSV | {"content-encoding": "gzip"}],
)  # fmt: skip
def test_another_type_is_refused_with_415(api: Api, headers: dict[str, str]) -> None:
    assert refusal(api, headers=headers).status == 415


@pytest.mark.requirement("CSV-03")
def test_a_file_that_is_too_large_is_told_where_to_go(api: Api) -> None:
    found = refusal(api, BODY + b" " * MAXIMUM_BODY_BYTES)
    assert found.status == 413
    assert "POST /uploads" in str(found)


@pytest.mark.requirement("CSV-03")
@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (b"", {"empty"}),
        (b"\xef\xbb\xbf \n", {"empty"}),
        (b"transaction_id,date\n1,2\n", {"missing_column"}),
        (b"transaction_id;date;amount;currency\n", {"delimiter"}),
        ("transaction_id".encode("utf-16"), {"utf16"}),
        (b"\x00\x01\xff\n", {"not_utf8"}),
        (b'{"transaction_id": 1}', {"missing_column"}),
    ],
)
def test_a_file_of_another_shape_is_refused_with_what_is_wrong(api: Api, body: bytes, codes: set[str]) -> None:
    found = refusal(api, body)
    assert found.status == 400
    assert {fault["code"] for fault in found.content["faults"]} == codes
    assert all(fault["line"] >= 1 for fault in found.content["faults"])


@pytest.mark.requirement("CSV-03")
def test_a_header_alone_is_refused(api: Api) -> None:
    assert str(refusal(api, b"transaction_id,date,amount,currency\n")) == "the file has a header and no row"


@pytest.mark.requirement("CSV-03")
@given(st.binary(max_size=300), st.dictionaries(st.sampled_from(["content-type", "content-encoding"]), st.text()))
def test_whatever_is_sent_is_taken_or_refused_with_words(body: bytes, headers: dict[str, str]) -> None:
    for sent in (headers, CSV):
        try:
            status, content = Api(Bucket(), World()).take(sent, body, URL)
        except Refused as refused:
            status, content = refused.status, refused.content
        assert status in (202, 400, 415)
        assert json.dumps(content)


@pytest.mark.requirement("CSV-03")
def test_a_form_for_a_larger_file_names_its_limits(api: Api) -> None:
    status, content = api.announce(URL)
    assert status == 200
    assert is_id(content["upload_id"])
    assert content["fields"] == {
        "key": f"incoming/{content['upload_id']}.csv",
        "limit": f"{MAXIMUM_OBJECT_BYTES}/{content['expires_in_seconds']}",
    }
    assert content["maximum_bytes"] == MAXIMUM_OBJECT_BYTES


@pytest.mark.requirement("CSV-02")
def test_a_status_has_counts_and_faults_and_nothing_of_the_systems_own(api: Api, world: World) -> None:
    upload_id = new_id()
    faults = [{"line": 3, "faults": []}]
    item: dict[str, Any] = {"upload_id": upload_id, "state": "COMPLETED", "rows": 5, "faults": faults}
    world.items[upload_id] = item | {"progress": 7, "day_shard": "2026-03-01#a", "timestamp": 1}
    assert api.tell(upload_id) == (200, {"upload_id": upload_id, "state": "COMPLETED", "rows": 5, "faults": faults})
    assert json.dumps(api.tell(upload_id)[1])


@pytest.mark.requirement("CSV-02")
@pytest.mark.parametrize(("state", "told"), [("FAILED", True), ("VALIDATING", False), ("COMPLETED", False)])
def test_why_an_attempt_failed_is_not_told_of_the_next_one(api: Api, world: World, state: str, told: bool) -> None:
    upload_id = new_id()
    world.items[upload_id] = {"upload_id": upload_id, "state": state, "reason": "a table was gone"}
    assert ("reason" in api.tell(upload_id)[1]) == told


@pytest.mark.requirement("CSV-03")
@pytest.mark.parametrize("upload_id", ["", "x", "../x", UNKNOWN, UNKNOWN.upper()])
def test_an_upload_that_nobody_knows_is_404(api: Api, upload_id: str) -> None:
    with pytest.raises(Refused) as raised:
        api.tell(upload_id)
    assert raised.value.status == 404


@pytest.mark.requirement("CSV-02")
def test_ids_are_in_the_order_of_time_and_never_twice() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == len(ids)
    assert all(map(is_id, ids))
    assert [one[:13] for one in ids] == sorted(one[:13] for one in ids)
