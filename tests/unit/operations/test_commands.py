"""What the commands of transaction-files refuse, and how they end."""

from __future__ import annotations

import json
import stat
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tools import cli
from tools.operations.privacy import Holdings, Receipt
from tools.operations.transaction_files import TransactionFiles

ITEM = {"transaction_id": "T-1", "account_id": "A"}


class Deployed(TransactionFiles):
    """Nothing is deployed: what could not be processed is two segments and a file."""

    def __init__(self, *_: object) -> None:
        self.target: Any = SimpleNamespace(environment="dev", emulator=object())
        self.region = "eu-central-1"
        self.redriven: list[Any] = []

    def not_processed(self, code: str | None = None) -> list[dict[str, Any]]:
        return [{"kind": kind} for kind in ("segment", "segment", "file")] if code in (None, "not_processed") else []

    def redrive(self, items: Any) -> Counter[str]:
        return Counter(item["kind"] for item in items)


class Asked:
    """The rights of an account of which one transaction is held."""

    left: dict[str, str] = {}  # noqa: RUF012 -- tests replace it

    def __init__(self, *_: object) -> None: ...

    def export(self) -> tuple[Holdings, Receipt]:
        return Holdings(transactions=[ITEM], left=self.left), Receipt(1, "secret")

    erase = export


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.operations.cli.target", lambda *_: None)
    monkeypatch.setattr("tools.operations.cli.TransactionFiles", Deployed)
    monkeypatch.setattr("tools.operations.cli.SYSTEMS", {"transaction-files": Deployed})
    monkeypatch.setattr("tools.operations.cli.Privacy", Asked)


def run(words: str) -> int:
    return cli.main(["system", *words.split()])


def test_a_dry_run_counts_and_a_redrive_says_what_went(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("redrive transaction-files --dry-run") == 0
    assert capsys.readouterr().out == "1 of kind file\n2 of kind segment\n"
    assert run("redrive transaction-files") == 0
    assert "3 redriven" in capsys.readouterr().out
    assert run("redrive transaction-files --error another") == 0
    assert "0 redriven" in capsys.readouterr().out


def test_there_is_no_queue_to_redrive(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("redrive transaction-files --queue main") == 2
    assert "no dead-letter queue to choose" in capsys.readouterr().err


@pytest.mark.requirement("TXF-61")
def test_an_export_is_a_new_file_for_its_owner_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "export.json"
    assert run(f"export transaction-files --account A --output {file}") == 0
    assert json.loads(file.read_text())["transactions"] == [ITEM]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "secret" not in file.read_text()
    assert "secret" in capsys.readouterr().err
    assert run(f"export transaction-files --account A --output {file}") == 2
    assert "is there already" in capsys.readouterr().err


@pytest.mark.requirement("TXF-61")
@pytest.mark.parametrize(("typed", "status"), [(None, 2), ("B", 2), ("A", 0)])
def test_an_erasure_asks_for_the_account_again(
    typed: str | None, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: typed is not None))
    monkeypatch.setattr("builtins.input", lambda _: typed)
    assert run("erase transaction-files --account A") == status
    assert ("nothing was erased" in capsys.readouterr().err) == bool(status)


@pytest.mark.requirement("TXF-61")
def test_what_is_left_is_named_and_the_command_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Asked, "left", {"bucket/a.csv@v1": "it is archived"})
    assert run("erase transaction-files --account A --yes") == 1
    assert "not erased: bucket/a.csv@v1: it is archived" in capsys.readouterr().err


def test_what_is_no_account_is_refused_before_anything_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["system", "erase", "transaction-files", "--yes", "--account", ""]) == 2
    assert "--account" in capsys.readouterr().err


def test_a_missing_file_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("send transaction-files missing.csv") == 2
    assert "missing.csv cannot be read" in capsys.readouterr().err
