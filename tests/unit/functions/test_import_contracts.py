"""Imports point one way, as .importlinter says."""

from __future__ import annotations

import configparser
import subprocess
from pathlib import Path

import pytest

from tools.project import ROOT
from tools.toolchain import DEVELOPMENT, script


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    arguments = [*script(DEVELOPMENT, "lint-imports"), "--config", str(ROOT / ".importlinter"), "--no-cache"]
    return subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.requirement("PLT-05")
def test_the_contracts_are_kept() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.requirement("PLT-05")
def test_every_system_and_all_logic_is_under_contract() -> None:
    """What `.importlinter` does not name may import anything."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")

    def names(contract: str, key: str) -> set[str]:
        return set(contracts[f"importlinter:contract:{contract}"][key].split())

    functions = ROOT / "functions"
    systems = {f"functions.{path.parent.name}" for path in functions.glob("*/__init__.py")} - {"functions.common"}
    common = {f"functions.common.{path.stem}" for path in functions.glob("common/*.py") if path.stem != "__init__"}
    common |= {f"functions.common.{path.parent.name}" for path in functions.glob("common/*/__init__.py")}
    logic = {f"functions.{path.parent.parent.name}.logic" for path in functions.glob("*/logic/__init__.py")}
    assert systems - names("layers", "containers") == set()
    assert systems - names("systems", "modules") == set()
    assert systems - names("common", "forbidden_modules") == set()
    assert (common - {"functions.common.aws"} | logic) - names("logic", "source_modules") == set()


@pytest.mark.requirement("PLT-05")
@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("functions/payment_events/logic/payments.py", "import boto3", "Logic knows neither AWS nor Powertools"),
        (
            "functions/payment_events/enrichment/rules.py",
            "import functions.payment_events.aws.event_bus",
            "A handler uses",
        ),
        (
            "functions/common/money.py",
            "import functions.payment_events.logic.payments",
            "What is common knows no system",
        ),
        ("tools/livetree/reading/source.py", "import tools.livetree.state", "In the live tree, reading is below"),
        ("tools/livetree/guard.py", "import tools.livetree.standin.main", "In the live tree, reading is below"),
        ("tools/docs/tables.py", "import policies.hcl.lexical", "HCL has one reader"),
        ("policies/model.py", "import tools.errors", "The rules run by themselves"),
        ("tools/deploy/quotas.py", "import tools.livetree.standin.programs", "Nothing but its own program starts"),
    ],
)
def test_an_import_the_wrong_way_breaks_a_contract(tmp_path: Path, module: str, line: str, broken: str) -> None:
    for source in (path for package in ("functions", "policies", "tools") for path in (ROOT / package).rglob("*.py")):
        copy = tmp_path / source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(source.read_text())
    changed = tmp_path / module
    changed.write_text(f"{changed.read_text()}\n{line}\n")
    result = lint(tmp_path)
    assert result.returncode != 0
    verdicts = [verdict for verdict in result.stdout.splitlines() if verdict.startswith(broken)]
    assert any(verdict.endswith("BROKEN") for verdict in verdicts), result.stdout
