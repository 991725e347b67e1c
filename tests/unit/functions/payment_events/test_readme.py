"""The tables of functions/payment_events/README.md say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import functions.payment_events
from tools.docs.events import ROWS, table

FOLDER = Path(functions.payment_events.__file__).parent
README = (FOLDER / "README.md").read_text(encoding="utf-8")


def table_in_readme(provider: str) -> list[str]:
    """The first table under the provider's heading."""
    section = README.partition(f"### {provider}\n")[2].partition("\n#")[0]
    table, _, _ = section[section.index("| event |") :].partition("\n<!-- END")
    return table.splitlines()


@pytest.mark.requirement("EVT-22")
@pytest.mark.parametrize("provider", ROWS)
def test_every_event_is_told_as_it_is_read_and_counted(provider: str) -> None:
    assert table_in_readme(provider) == table(provider)


@pytest.mark.requirement("EVT-21")
def test_every_code_of_a_fault_is_explained() -> None:
    sources = [*FOLDER.rglob("*.py"), *(FOLDER.parent / "common").glob("*.py")]
    codes = {
        code
        for source in sources
        for code in re.findall(
            r'(?:fault\([^"\n]*"?[\w.]*"?, |Fault\([^"]*"[^"]*", |AmountError\(|NotJsonError\()"([a-z_]+)", ',
            source.read_text(),
        )
    }
    explained = set(re.findall(r"^\| `([a-z_]+)` \| [A-Z]", README, re.MULTILINE))
    assert {"missing", "too_large", "not_json", "contradiction"} <= codes
    assert codes <= explained, codes - explained
