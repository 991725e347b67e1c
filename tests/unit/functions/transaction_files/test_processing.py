"""Files are worked off in any number of parts and attempts, and each record is stored or reported once."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.transaction_files.logic.segments import Source
from tests.unit.functions.transaction_files.fakes import World, stored

COLUMNS = ("transaction_id", "timestamp", "amount", "currency", "account_id", "type", "description")
RECORDS = 330


def rows() -> list[dict[str, str]]:
    """Good records, some of them twice, some in conflict, and some that are none."""
    made = [
        {
            "transaction_id": f"tx-{number:05d}",
            "timestamp": "2026-03-01T10:15:30Z",
            "amount": f"{number}.25",
            "currency": "EUR",
            "account_id": f"acc-{number % 7}",
            "type": "debit",
            "description": "two\nlines" if number % 50 == 0 else "",
        }
        for number in range(RECORDS)
    ]
    for number in range(30, RECORDS, 97):
        made[number]["currency"] = "XQX"
    for number in range(60, RECORDS, 91):
        made[number] = dict(made[number - 55])
    for number in range(90, RECORDS, 77):
        made[number] = (
            made[number - 60] | {"amount": "0.01"} if number != 90 else made[number - 85] | {"amount": "0.01"}
        )
    return made


def csv_file() -> bytes:
    lines = [",".join(COLUMNS)]
    lines += [",".join(f'"{row[name]}"' if "\n" in row[name] else row[name] for name in COLUMNS) for row in rows()]
    return "\n".join(lines).encode()


FILES = {
    "a.csv": csv_file(),
    "lines.json": b"\n".join(json.dumps(row).encode() for row in rows()),
    "array.json": json.dumps(rows(), indent=1).encode(),
    "object.json": json.dumps({"bank": "x", "transactions": rows()}).encode(),
}
CASES = [(name, compressed) for name in FILES for compressed in (False, True)]


def world(name: str, compressed: bool, **settings: int | None) -> tuple[World, Source]:
    source, content = stored(name, FILES[name], compressed=compressed)
    return World({name: content}, **settings), source  # type: ignore[arg-type]


def result(world: World, source: Source) -> tuple[object, ...]:
    """What is left for people: the table, the reports, and what the ledger says of the file."""
    return world.table, {key: one.original for key, one in world.reports.items()}, world.finished(source)


@pytest.mark.requirement("TXF-12", "TXF-22")
@pytest.mark.parametrize(("name", "compressed"), CASES)
def test_every_record_of_a_file_is_stored_or_reported(name: str, compressed: bool) -> None:
    done, source = world(name, compressed)
    done.run(source)
    counts, complete = done.finished(source)
    assert complete
    assert sum(counts.values()) == RECORDS
    assert counts["stored"] == len(done.table)
    assert counts["conflicts"] + counts["rejected"] == len(done.reports)
    assert all(count > 0 for count in counts.values()), counts


@pytest.mark.requirement("TXF-14", "TXF-16")
@pytest.mark.parametrize(("name", "compressed"), CASES)
@pytest.mark.parametrize(
    "settings", [{"batches": 1}, {"batches": 3}, {"segment_bytes": 5000}, {"segment_bytes": 900, "batches": 1}]
)
def test_the_parts_of_a_file_leave_what_the_whole_leaves(name: str, compressed: bool, settings: dict[str, int]) -> None:
    whole, source = world(name, compressed)
    whole.run(source)
    parts, _ = world(name, compressed, **settings)
    parts.run(source)
    assert result(parts, source) == result(whole, source)


@pytest.mark.requirement("TXF-13")
@pytest.mark.parametrize(("name", "compressed"), CASES)
@pytest.mark.parametrize("settings", [{}, {"batches": 2}, {"segment_bytes": 20_000}])
def test_a_function_that_dies_anywhere_loses_nothing_and_doubles_nothing(
    name: str, compressed: bool, settings: dict[str, int]
) -> None:
    whole, source = world(name, compressed, **settings)
    whole.run(source)
    for dies_at in range(2 * whole.calls):
        once, _ = world(name, compressed, dies_at=dies_at, **settings)
        once.run(source)
        assert result(once, source) == result(whole, source), f"dies at {dies_at}"


@pytest.mark.requirement("TXF-13")
def test_a_file_that_comes_again_changes_nothing() -> None:
    done, source = world("a.csv", False)
    done.run(source)
    before = result(done, source)
    done.run(source, source)
    assert result(done, source) == before


@pytest.mark.requirement("TXF-13")
def test_a_file_with_the_same_records_finds_them_there() -> None:
    done, source = world("a.csv", False)
    done.run(source)
    again = msgspec.structs.replace(source, version_id="v2")
    done.run(again)
    counts, complete = done.finished(again)
    assert complete
    assert counts["stored"] == 0
    assert counts["present"] == RECORDS - counts["conflicts"] - counts["rejected"]


@pytest.mark.requirement("TXF-11")
def test_a_file_that_cannot_be_read_is_one_report() -> None:
    source, content = stored("bad.csv", b"id;amount\n1;2\n")
    done = World({"bad.csv": content})
    done.run(source)
    (report,) = done.reports.values()
    assert [fault.code for fault in report.faults] == ["delimiter"]
    assert done.finished(source) == ({"stored": 0, "present": 0, "conflicts": 0, "rejected": 1}, True)


@pytest.mark.requirement("TXF-11")
def test_a_file_in_another_encoding_is_one_report_that_says_which() -> None:
    source, content = stored("a.csv", csv_file())
    done = World({"a.csv": content})
    done.run(msgspec.structs.replace(source, encoding="br"))
    (report,) = done.reports.values()
    assert [(fault.code, fault.message) for fault in report.faults] == [
        ("content_encoding", "has the content encoding br: send gzip, or none")
    ]
    assert not done.table


@pytest.mark.requirement("TXF-11", "TXF-14")
@pytest.mark.parametrize("name", ["a.csv", "lines.json", "array.json"])
@pytest.mark.parametrize("batches", [1, 2, 3, 4])
def test_a_file_that_breaks_off_is_worked_off_in_parts_as_at_once(name: str, batches: int) -> None:
    source, content = stored(name, FILES[name], compressed=True)
    content = content[:-10]
    source = msgspec.structs.replace(source, size=len(content))
    whole, parts = World({name: content}), World({name: content}, batches=batches)
    whole.run(source)
    parts.run(source)
    assert result(parts, source) == result(whole, source)
    assert whole.finished(source)[1]
    assert "truncated_gzip" in {fault.code for report in whole.reports.values() for fault in report.faults}


@pytest.mark.requirement("TXF-11")
@pytest.mark.parametrize("records", [b'{"a":"\xff"}\n{}\n', b'{"\xff":1}\n{"\xff":1}\n', b"{\xff\n{}\n"])
def test_lines_of_json_that_are_not_utf8_are_reported_as_such_from_the_first_on(records: bytes) -> None:
    source, content = stored("lines.json", records + FILES["lines.json"])
    done = World({"lines.json": content})
    done.run(source)
    counts, complete = done.finished(source)
    assert complete
    assert counts["stored"] > 0
    assert "not_utf8" in {
        fault.code for report in done.reports.values() for fault in report.faults if report.number == 1
    }


@pytest.mark.requirement("TXF-11")
def test_a_document_with_a_name_that_is_not_utf8_is_refused_as_such() -> None:
    source, content = stored("object.json", b'{"\xff":1,\n "transactions": []}')
    done = World({"object.json": content})
    done.run(source)
    (report,) = done.reports.values()
    assert [fault.code for fault in report.faults] == ["not_utf8"]


_DIRT = [
    b"\xff",
    b"\x00",
    b'"',
    b"\n",
    b"\r",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b"\\",
    b":",
    b"\xc3",
    b"\\ud800",
    b"null",
    b"",
]


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bool, bytes]:
    """The beginning of a file, with dirt put in and bytes taken out, before it is compressed or after it."""
    name, compressed = draw(st.sampled_from(CASES))

    def damage(data: bytes) -> bytes:
        for _ in range(draw(st.integers(0, 4))):
            at = draw(st.integers(0, len(data)))
            data = data[:at] + draw(st.sampled_from(_DIRT)) + data[at + draw(st.integers(0, 20)) :]
        return data

    content = damage(FILES[name][: draw(st.integers(1, 6000))]) or b"{"
    content = stored(name, content, compressed=compressed)[1]
    return name, compressed, (damage(content) or b"{") if compressed and draw(st.booleans()) else content


@pytest.mark.requirement("TXF-11", "TXF-16")
@settings(max_examples=150, deadline=None)
@given(damaged(), st.sampled_from([{"batches": 1}, {"segment_bytes": 500}]))
def test_whatever_a_file_holds_it_is_worked_off_and_in_parts_as_at_once(
    file: tuple[str, bool, bytes], parts: dict[str, int]
) -> None:
    name, compressed, content = file
    source = msgspec.structs.replace(stored(name, b"", compressed=compressed)[0], size=len(content))
    whole, in_parts = World({name: content}), World({name: content}, **parts)  # type: ignore[arg-type]
    whole.run(source)
    in_parts.run(source)
    counts, complete = whole.finished(source)
    assert complete
    assert counts["stored"] == len(whole.table)
    assert result(in_parts, source) == result(whole, source)
