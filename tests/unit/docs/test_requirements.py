"""Which test proves which requirement, and what happens to a requirement that none proves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools.docs import requirements
from tools.docs.requirements import Progress, Requirement
from tools.errors import Failure
from tools.project import ROOT

CATALOGUE = {
    row.id: row
    for row in (
        Requirement("EVT-01", "payment-events", "A topic."),
        Requirement("EVT-02", "payment-events", "A trigger."),
        Requirement("WHK-01", "webhooks", "An API."),
    )
}


def test_rows_are_read_from_the_tables_of_every_page(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("| `webhooks.md` | financial webhooks | `WHK-` |\n")
    (tmp_path / "webhooks.md").write_text("# Webhooks\n\n| id | must |\n| --- | --- |\n| WHK-01 | An `a | b` API. |\n")
    assert requirements.catalogue(tmp_path) == {"WHK-01": Requirement("WHK-01", "webhooks", "An `a | b` API.")}


def test_an_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "webhooks.md").write_text("| WHK-01 | An API. |\n| WHK-01 | A queue. |\n")
    with pytest.raises(Failure, match="WHK-01 stands in the catalogue twice"):
        requirements.catalogue(tmp_path)


def test_what_is_outstanding_must_stand_in_the_catalogue(tmp_path: Path) -> None:
    path = tmp_path / "progress.yaml"
    path.write_text("in_place: [payment-events, payments]\noutstanding: {EVT-99: all of it}\n")
    with pytest.raises(Failure, match="payments, EVT-99: not in the catalogue"):
        requirements.progress(CATALOGUE, path)


@pytest.mark.requirement("PLT-42")
def test_a_requirement_of_a_system_in_place_needs_a_test_or_a_word_on_what_is_outstanding() -> None:
    in_place = Progress(("payment-events",), {})
    assert [row.id for row in requirements.unproved(CATALOGUE, {"EVT-01": ["tests/a.py::test_b"]}, in_place)] == [
        "EVT-02"
    ]
    declared = Progress(("payment-events",), {"EVT-02": "the trigger"})
    assert requirements.unproved(CATALOGUE, {"EVT-01": ["tests/a.py::test_b"]}, declared) == []


def test_the_page_names_tests_as_sentences_and_shows_what_is_missing() -> None:
    proofs = {"EVT-01": ["tests/unit/a.py::test_it_takes_messages", "tests/unit/a.py::TestB::test_it_is_encrypted"]}
    page = "\n".join(
        requirements.render(CATALOGUE, proofs, Progress(("payment-events",), {"EVT-01": "its dead letters"}))
    )
    assert (
        "### EVT-01\n\nA topic.\n\n"
        "- [tests/unit/a.py](../tests/unit/a.py): It takes messages. It is encrypted.\n"
        "- *Outstanding: its dead letters.*\n"
    ) in page
    assert "### EVT-02\n\nA trigger.\n\n- **No test.**\n" in page
    assert "Not in place yet: [webhooks](spec/webhooks.md)." in page


@pytest.mark.requirement("PLT-42")
def test_a_mark_that_names_no_row_stops_the_collection(pytester: pytest.Pytester) -> None:
    pytester.makeconftest((ROOT / "tests" / "conftest.py").read_text())
    pytester.makepyfile("import pytest\n\n@pytest.mark.requirement('EVT-99')\ndef test_a(): pass\n")
    result = pytester.runpytest("--collect-only")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*names requirement 'EVT-99': docs/spec has no such row*"])


def test_tests_are_collected_by_the_rows_that_they_name(pytester: pytest.Pytester) -> None:
    pytester.makeconftest((ROOT / "tests" / "conftest.py").read_text())
    pytester.makepyfile(
        test_a="import pytest\n\n@pytest.mark.requirement('EVT-01', 'EVT-02')\n"
        "@pytest.mark.parametrize('n', [1, 2])\ndef test_b(n): pass\n"
    )
    answer = pytester.path / "answer.json"
    result = pytester.runpytest("--collect-only", f"--requirements-to={answer}")
    assert result.ret == pytest.ExitCode.OK
    assert json.loads(answer.read_text()) == {"EVT-01": ["test_a.py::test_b"], "EVT-02": ["test_a.py::test_b"]}
