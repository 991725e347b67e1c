"""The numbers of the runbooks are what is configured."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.docs import numbers
from tools.docs.numbers import FACTS, RUNBOOKS, Configured


@pytest.fixture(scope="module")
def configured() -> Configured:
    return Configured()


def test_every_number_of_a_runbook_is_what_is_configured(configured: Configured) -> None:
    assert numbers.problems(configured=configured) == []


@pytest.mark.parametrize(("runbook", "phrase"), FACTS, ids=lambda part: part.replace(" ", "-"))
def test_a_number_that_is_edited_in_a_runbook_is_found(
    runbook: str, phrase: str, configured: Configured, tmp_path: Path
) -> None:
    for page in RUNBOOKS.glob("*.md"):
        (tmp_path / page.name).write_text(page.read_text())
    edited = tmp_path / f"{runbook}.md"
    number, unit = ("`validator_concurrency`,", "11") if "`" in phrase else ("99", phrase.split(" ", 1)[1])
    edited.write_text(edited.read_text().replace(phrase, f"{number} {unit}"))
    found = numbers.problems(tmp_path, configured)
    assert any(f"`{number} {unit}`" in problem and problem.startswith("docs/runbooks/") for problem in found)


def test_a_number_that_is_configured_anew_is_found_in_the_runbook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(numbers.FACTS, ("webhooks", "ten minutes"), lambda _: 900.0)
    [problem] = numbers.problems()
    assert problem.startswith("docs/runbooks/webhooks.md, line ")
    assert problem.endswith(": `ten minutes` is 900 s in the configuration")
