"""Of a file, exactly the records of one account go, and every other one stays byte for byte."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.common.records.batches import NotReadable
from functions.common.records.gzip_streams import decompress
from tools.errors import Failure
from tools.operations.account_records import Account, Content, between, cuts, without

ACCOUNT = Account("ACC-1")
FIELDS = ("transaction_id", "timestamp", "amount", "currency", "account_id", "type", "description", "counterparty")

# Neighbours of the account's id, which are other accounts.
others = st.sampled_from(["ACC-10", "ACC-1.2", "XACC-1", "B-7", "ACC-1-x", "acc-1"])
texts = st.text(st.sampled_from("ab ,;\"\r\n\\'{}[]:é€💶")).map(lambda text: text.strip("\r\n"))
records = st.fixed_dictionaries(
    {
        "transaction_id": st.integers(0, 999).map("T-{}".format),
        "timestamp": st.just("2026-03-01T10:15:30Z"),
        "amount": st.sampled_from(["1.20", "-5", "wrong"]),
        "currency": st.sampled_from(["EUR", "eur"]),
        "account_id": st.one_of(st.just(ACCOUNT.id), others),
        "type": st.just("debit"),
        "description": texts,
        "counterparty": st.one_of(texts, st.just("who pays ACC-1")),
    }
)
sizes = st.lists(st.integers(1, 60), max_size=20)


def content_of(data: bytes, chunk_sizes: Iterable[int] = ()) -> Content:
    def content(start: int) -> Iterator[bytes]:
        at = start
        for size in chunk_sizes:
            yield data[at : at + size]
            at += size
        yield data[at:]

    return content


def erased(name: str, data: bytes, chunk_sizes: Iterable[int] = ()) -> bytes:
    content = content_of(data, list(chunk_sizes))
    return b"".join(without(content, cuts(ACCOUNT.records(name, content))))


def exported(name: str, data: bytes) -> list[bytes]:
    content = content_of(data)
    return [
        b"".join(between(content, record.start, record.end))
        for record in ACCOUNT.records(name, content)
        if record.is_of_account
    ]


def row(record: dict[str, Any], end: str) -> bytes:
    written = io.StringIO()
    cells = [record[field] for field in FIELDS]
    has_lines = "\r" in "".join(cells)
    csv.writer(written, lineterminator=end, quoting=csv.QUOTE_ALL if has_lines else csv.QUOTE_MINIMAL).writerow(cells)
    return written.getvalue().encode()


def is_theirs(record: dict[str, Any]) -> bool:
    return bool(record["account_id"] == ACCOUNT.id)


@pytest.mark.requirement("TXF-61")
@settings(max_examples=200, deadline=None)
@given(rows=st.lists(records), end=st.sampled_from(["\n", "\r\n"]), mark=st.sampled_from(["", "\ufeff"]), cut=sizes)
def test_of_csv_the_other_rows_stay_byte_for_byte(
    rows: list[dict[str, Any]], end: str, mark: str, cut: list[int]
) -> None:
    header = f"{mark}{','.join(FIELDS)}{end}".encode()
    whole = header + b"".join(row(record, end) for record in rows)

    assert erased("a.csv", whole, cut) == header + b"".join(row(one, end) for one in rows if not is_theirs(one))
    assert exported("a.csv", whole) == [row(record, end) for record in rows if is_theirs(record)]


@pytest.mark.requirement("TXF-61")
@settings(max_examples=200, deadline=None)
@given(rows=st.lists(records, min_size=1), ascii_=st.booleans(), cut=sizes)
def test_of_newline_delimited_json_the_other_lines_stay_byte_for_byte(
    rows: list[dict[str, Any]], ascii_: bool, cut: list[int]
) -> None:
    lines = [json.dumps(record, ensure_ascii=ascii_).encode() + b"\n" for record in rows]
    kept = [line for line, record in zip(lines, rows, strict=True) if not is_theirs(record)]

    assert erased("a.json", b"".join(lines), cut) == b"".join(kept)
    assert exported("a.json", b"".join(lines)) == [
        line for line, record in zip(lines, rows, strict=True) if is_theirs(record)
    ]


@pytest.mark.requirement("TXF-61")
@settings(max_examples=200, deadline=None)
@given(
    rows=st.lists(records),
    spaces=st.lists(st.sampled_from(["", " ", "\n  "]), min_size=2, max_size=2),
    frame=st.sampled_from(
        [("[", "]"), ('{"transactions": [', "]}"), ('{"a": [1, {}], "transactions": [', '], "b": 2}')]
    ),
    cut=sizes,
)
def test_of_a_json_document_the_other_elements_stay_byte_for_byte_and_it_stays_a_document(
    rows: list[dict[str, Any]], spaces: list[str], frame: tuple[str, str], cut: list[int]
) -> None:
    texts_ = [json.dumps(record) for record in rows]
    whole = frame[0] + f"{spaces[0]},{spaces[1]}".join(texts_) + frame[1]
    rest = erased("a.json", whole.encode(), cut).decode()

    kept = [text for text, record in zip(texts_, rows, strict=True) if not is_theirs(record)]
    assert rest.startswith(frame[0])
    assert rest.endswith(frame[1])
    inside = rest[len(frame[0]) : len(rest) - len(frame[1])]
    for number, text in enumerate(kept):
        between_them, found, inside = inside.partition(text)
        assert found
        assert between_them.split() == ([","] if number else [])
    assert not inside.strip()
    document = json.loads(rest)
    assert (document if frame[0] == "[" else document["transactions"]) == [json.loads(text) for text in kept]


THEIRS = b"T-1,2026-03-01T10:15:30Z,1,EUR,ACC-1,debit,,\n"
OTHERS = b"T-2,2026-03-01T10:15:30Z,1,EUR,B-7,debit,,\n"
HEADER = ",".join(FIELDS).encode() + b"\n"


@pytest.mark.requirement("TXF-61")
@pytest.mark.parametrize(
    ("name", "whole", "rest"),
    [
        pytest.param("a.csv", HEADER + b"T-1,ACC-1,too few\n" + OTHERS, HEADER + OTHERS, id="a row of other width"),
        pytest.param("a.csv", HEADER + b'T-1,"ACC-1,open\n' + OTHERS, HEADER + OTHERS, id="a quote that stays open"),
        pytest.param("a.csv", HEADER + b"\xff" + THEIRS + OTHERS, HEADER + OTHERS, id="bytes that are not UTF-8"),
        pytest.param(
            "a.csv", HEADER + OTHERS[:-1] + b"\xff ACC-1\n" + OTHERS, HEADER + OTHERS, id="not UTF-8, and names it"
        ),
        pytest.param("a.csv", HEADER + THEIRS + OTHERS[:-1], HEADER + OTHERS[:-1], id="no newline at the end"),
        pytest.param("a.csv", HEADER + OTHERS + THEIRS[:-9], HEADER + OTHERS, id="a truncated row"),
        pytest.param(
            "a.csv",
            HEADER + b"T-1," + b"x" * 200_000 + b",ACC-1\n" + OTHERS,
            HEADER + OTHERS,
            id="a row that is too long to be read",
        ),
        pytest.param("a.csv", b"id;account\n1;ACC-1\n", b"", id="a file that is no transaction file is one record"),
        pytest.param("a.csv", "id,ACC-1\n".encode("utf-16"), b"", id="UTF-16"),
        pytest.param("a.csv", b"id;account\n1;ACC-12\n", b"id;account\n1;ACC-12\n", id="that of another account"),
        pytest.param("a.json", b'[{"account_id": "B"}, {"x": ACC-1}]', b'[{"account_id": "B"}]', id="broken element"),
        pytest.param("a.json", b'[{"account_id": "ACC-1"}, {"account_id": "B"}', b'[ {"account_id": "B"}', id="cut"),
        pytest.param(
            "a.json", b'[{"account_id": "B"}, {"account_id": "ACC-1"', b'[{"account_id": "B"}', id="cut in it"
        ),
        pytest.param("a.json", b'[{"account_id": "B"}] ACC-1', b'[{"account_id": "B"}] ', id="behind the document"),
        pytest.param("a.json", b'[{"account_id": "\\u0041CC-1"}]', b"[]", id="escaped letters"),
        pytest.param(
            "a.json", b'[,{"account_id": "ACC-1"},,{"account_id": "B"}]', b'[,{"account_id": "B"}]', id="commas"
        ),
        pytest.param("a.json", b'{"account_id": ["ACC-1"]}\n{"x": "B"}\n', b'{"x": "B"}\n', id="a list of accounts"),
        pytest.param(
            "a.json",
            b'{"account_id": "B", "account_id": "ACC-1"}\n{"x": "B"}\n',
            b'{"x": "B"}\n',
            id="a field twice",
        ),
        pytest.param(
            "a.json",
            b'[{"x": "' + b"y" * 200_000 + b' ACC-1"},{"account_id": "B"}]',
            b'[{"account_id": "B"}]',
            id="long",
        ),
    ],
)
def test_a_record_that_cannot_be_read_goes_when_it_names_the_account(name: str, whole: bytes, rest: bytes) -> None:
    assert erased(name, whole) == rest
    assert erased(name, whole, [3] * 20) == rest


@pytest.mark.parametrize(
    ("name", "whole", "numbers"),
    [
        ("a.csv", HEADER + b"\n" + OTHERS + THEIRS + b"\n" + THEIRS, [4, 6]),
        ("a.json", b'[,{"account_id": "ACC-1"},,{"account_id": "ACC-1"}]', [2, 4]),
        ("a.json", b'{"account_id": "B"}\n\n{"account_id": "ACC-1"}', [3]),
    ],
)
def test_a_record_has_the_number_that_reports_give_it(name: str, whole: bytes, numbers: list[int]) -> None:
    found = list(ACCOUNT.records(name, content_of(whole)))
    assert [record.number for record in found if record.is_of_account] == numbers


@pytest.mark.requirement("TXF-61")
@settings(deadline=None)
@given(rows=st.lists(records, min_size=1, max_size=8), lost=st.integers(1, 200))
def test_of_a_gzip_stream_that_breaks_off_all_that_can_be_read_is_looked_through(
    rows: list[dict[str, Any]], lost: int
) -> None:
    whole = HEADER + b"".join(row(record, "\n") for record in rows)
    stored = gzip.compress(whole)[: -min(lost, 8)]

    def content(start: int) -> Iterator[bytes]:
        at = 0
        for chunk in decompress([stored]):
            yield chunk[max(0, start - at) :]
            at += len(chunk)

    rest = b"".join(without(content, cuts(ACCOUNT.records("a.csv", content))))
    readable = b""
    try:
        for chunk in content(0):
            readable += chunk
    except NotReadable:
        pass
    assert rest == erased("a.csv", readable)


@settings(deadline=None)
@given(before=st.binary(max_size=40), behind=st.binary(max_size=40), cut=sizes)
def test_a_name_is_found_wherever_a_stream_is_divided(before: bytes, behind: bytes, cut: list[int]) -> None:
    data = before + b" ACC-1 " + behind
    assert ACCOUNT.is_named_in(content_of(data, cut)(0))
    long = b"-" * 1000 + data + b"-" * 1000
    assert ACCOUNT.is_named_in(content_of(long, [300] * 10)(0)) == ACCOUNT.is_named_in([long])


@pytest.mark.parametrize("wrong", ["", " ", "a" * 129, 'a"b', "a\nb", "a\\b", " a"])
def test_what_cannot_be_an_account_is_refused(wrong: str) -> None:
    with pytest.raises(Failure):
        Account(wrong)
