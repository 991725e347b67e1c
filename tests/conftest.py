"""What every test shares: the `requirement` mark, held to the catalogue, and the platform that the tests address."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from tools import process_environment
from tools.docs.requirements import catalogue

pytest_plugins = ["pytester"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--target",
        choices=["emulator", "aws"],
        default="emulator",
        help="where end-to-end tests send their input: the emulator (default), or the account of the environment",
    )
    parser.addoption(
        "--requirements-to", type=Path, help="write which tests prove which requirement to this file, as JSON"
    )


def pytest_configure(config: pytest.Config) -> None:
    # Tests start programs too, and tftest hands them this process's environment whatever it is told.
    passed = process_environment.inherited(identity=config.getoption("--target") == "aws")
    for name in os.environ.keys() - passed.keys():
        del os.environ[name]
    os.environ.update(passed)
    config.addinivalue_line("markers", "requirement(*ids): the rows of docs/spec that the test proves")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Refuse a mark that names no row of the catalogue, and write down the others when asked."""
    rows = catalogue()
    proofs: dict[str, list[str]] = {}
    for item in items:
        test = item.nodeid.partition("[")[0]
        for identifier in (identifier for mark in item.iter_markers("requirement") for identifier in mark.args):
            if identifier not in rows:
                raise pytest.UsageError(f"{test} names requirement {identifier!r}: docs/spec has no such row")
            if test not in proofs.setdefault(identifier, []):
                proofs[identifier].append(test)
    if destination := config.getoption("--requirements-to"):
        destination.write_text(json.dumps(proofs, indent=2, sort_keys=True))


class OneWorkerAFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """With `-n`, the tests of a file share a worker. So do all module plans, which share one run of Terraform, and all
    tests that apply the live tree of this repository, which no two runs of Terragrunt can use at a time.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = Path(nodeid.partition("::")[0])
        if file.name == "tftest.yaml":
            return "module plans"
        if file.parent == Path("tests/emulator") or file.name == "test_contract.py":
            return "the live tree"
        if file.parent == Path("tests/emulator/drills"):
            return "drills"  # in one checkout
        return str(file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneWorkerAFile:
    return OneWorkerAFile(config, log)


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> str:
    """`emulator` or `aws`."""
    return str(request.config.getoption("--target"))
