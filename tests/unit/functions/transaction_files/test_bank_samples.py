"""Files that banks and their customers' programs have written: each is refused with what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.functions.transaction_files.fakes import World, stored

SAMPLES = Path(__file__).parents[4].parent / "shared" / "samples" / "bank"
# By what they are refused for: none has the columns of a transaction file.
DELIMITER = {"kbc-be.csv", "raiffeisen-cd-flag.csv", "raiffeisen-headers.csv", "raiffeisen-tab.csv", "ubs-ch-fr.csv"}
NOT_UTF8 = {"gls.csv"}
NO_TRANSACTIONS = {"plaid-business-account.json", "plaid-checking-savings.json"}
OTHER_FIELDS = {"cdr-transactions.json"}

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the published samples do not lie beside this checkout, in ../shared/samples"
)


def codes(name: str) -> set[str]:
    """What the reports of a file say; all of it is reported."""
    source, content = stored(name, (SAMPLES / name).read_bytes())
    done = World({name: content})
    done.run(source)
    counts, complete = done.finished(source)
    assert complete
    assert counts["rejected"] == len(done.reports) > 0
    assert not done.table
    return {fault.code for report in done.reports.values() for fault in report.faults}


@pytest.mark.requirement("TXF-11")
def test_a_file_of_a_bank_is_refused_with_what_a_person_can_act_on() -> None:
    names = {file.name for file in SAMPLES.iterdir()}
    assert names >= DELIMITER | NOT_UTF8 | NO_TRANSACTIONS | OTHER_FIELDS
    found = {name: codes(name) for name in names}
    assert {name for name in names if found[name] == {"delimiter"}} == DELIMITER
    assert {name for name in names if found[name] == {"not_utf8"}} == NOT_UTF8
    for name in names - DELIMITER - NOT_UTF8:
        expected = "missing" if name in NO_TRANSACTIONS | OTHER_FIELDS else "missing_column"
        assert expected in found[name], name
