"""The tables of functions/csv_upload/README.md say what the code does."""

from __future__ import annotations

import re
from typing import Final

import pytest

from functions.csv_upload.aws.row_table import _item
from functions.csv_upload.logic.rows import REQUIRED, Rows
from functions.csv_upload.logic.status import State
from tests.unit.functions.csv_upload.test_aws import UPLOAD
from tools.project import ROOT

FUNCTIONS: Final = ROOT / "functions"
README: Final = (FUNCTIONS / "csv_upload" / "README.md").read_text()
SOURCES: Final = (
    "csv_upload/logic/rows.py",
    "csv_upload/logic/processing.py",
    "common/money.py",
    "common/records/batches.py",
    "common/records/csv_files.py",
    "common/records/formats.py",
)


def column(heading: str) -> set[str]:
    """The names in code of the first column of the table below a heading's row."""
    table = README.partition(heading)[2].partition("\n\n")[0]
    return {name for line in table.splitlines()[2:] for name in re.findall(r"`([a-z_]+)`", line.split("|")[1])}


@pytest.mark.requirement("CSV-11")
def test_every_code_of_a_fault_is_explained() -> None:
    codes = set[str]()
    for source in SOURCES:
        text = (FUNCTIONS / source).read_text()
        codes |= set(re.findall(r'(?:Fault\("[$a-z_]*", |Fault\(name, |_Wrong\(|AmountError\()"([a-z_]+)"', text))
    assert {"missing", "ambiguous", "conflict", "too_precise", "missing_column"} <= codes
    assert codes - {"truncated_gzip"} <= column("| code | of | what to do |")


@pytest.mark.requirement("CSV-12")
def test_every_column_and_every_attribute_is_described() -> None:
    assert set(REQUIRED) <= column("| column | required | what is read | what is stored |")
    cells = dict.fromkeys(("type", "description", "counterparty"), "x")
    row = Rows().read_row({"transaction_id": "t", "date": "2026-03-01", "amount": "1", "currency": "EUR", **cells})
    assert not isinstance(row, list)
    of_transactions = README.partition("`csv-upload-transactions-<suffix>` has")[2]
    assert set(_item(UPLOAD, 2, row)) <= set(re.findall(r"`([a-z_]+)`", of_transactions))
    assert all(f"`{state}`" in README for state in State)
