"""Collects the module cases (`tests/plan/modules/<module>/tftest.yaml`); tests/plan/cases.py describes the format."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest._code.code import TerminalRepr

from tests.plan import cases
from tests.plan.accept import report
from tests.plan.inventory import differences
from tests.plan.terraform import Refused, Workspace, merge
from tests.plan.validations import Rule, rules, tripped

WORKSPACE = pytest.StashKey[Workspace]()
SCRATCH = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


class Failed(Exception):
    """A case failed. The text says how, and nothing else is printed."""


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if file_path.name == "tftest.yaml":
        return ModuleFile.from_parent(parent, path=file_path)
    return None


def pytest_unconfigure(config: pytest.Config) -> None:
    if WORKSPACE in config.stash:
        config.stash[WORKSPACE].close()
        config.stash[SCRATCH].cleanup()


def shared_workspace(config: pytest.Config) -> Workspace:
    """The session's scratch folders, shared by all cases: what one initialises or plans, the others use."""
    if WORKSPACE not in config.stash:
        config.stash[SCRATCH] = tempfile.TemporaryDirectory(prefix="plans-")
        config.stash[WORKSPACE] = Workspace(Path(config.stash[SCRATCH].name))
    return config.stash[WORKSPACE]


@pytest.fixture
def workspace(request: pytest.FixtureRequest) -> Workspace:
    return shared_workspace(request.config)


def refuse(workspace: Workspace, case: cases.Refusal) -> str | None:
    """The message with which Terraform refuses a case; None if it plans it."""
    return workspace.refusal(case.module, merge(workspace.values(case.tfvars), case.changes))


class ModuleFile(pytest.File):
    """The cases of one module."""

    def collect(self) -> Iterator[pytest.Item]:
        try:
            read = cases.read(self.path)
        except cases.Malformed as fault:
            raise self.CollectError(str(fault)) from None
        for plan in read.plans:
            yield PlanItem.from_parent(self, name=f"plans {plan.call.name}", plan=plan)
        for refusal in read.refusals:
            yield RefusalItem.from_parent(self, name=f"refuses {refusal.name}", refusal=refusal)
        yield RulesItem.from_parent(self, name="has a case for every rule", cases=read)


class ModuleItem(pytest.Item):
    """A case of a module."""

    def __init__(self, *, requirements: tuple[str, ...], **node: Any) -> None:
        super().__init__(**node)
        self.add_marker(pytest.mark.requirement("PLT-40", *requirements))

    @property
    def workspace(self) -> Workspace:
        return shared_workspace(self.config)

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: str | None = None
    ) -> str | TerminalRepr:
        if isinstance(excinfo.value, Failed | Refused):
            return f"{self.path.parent.name}: {excinfo.value}"
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.path, None, f"{self.path.parent.name} {self.name}"


class PlanItem(ModuleItem):
    """A module's plan is what the inventory says."""

    def __init__(self, *, plan: cases.Plan, **node: Any) -> None:
        super().__init__(requirements=plan.requirements, **node)
        self.plan = plan

    def runtest(self) -> None:
        wanted = [item.plan.call for item in self.session.items if isinstance(item, PlanItem)]
        found = differences(self.plan.inventory, self.workspace.plan(self.plan.call, wanted))
        if found:
            raise Failed(report(found, self.plan.source))


class RefusalItem(ModuleItem):
    """A module refuses values, and its message says so."""

    def __init__(self, *, refusal: cases.Refusal, **node: Any) -> None:
        super().__init__(requirements=("PLT-16",), **node)
        self.refusal = refusal

    def runtest(self) -> None:
        case = self.refusal
        said = refuse(self.workspace, case)
        if said is None:
            raise Failed(f"{case.changes} was planned; it must be refused with: {case.says}")
        if " ".join(case.says.split()) not in said:
            raise Failed(f"{case.changes} was refused, but not with: {case.says}\n  it says: {said}")


class RulesItem(ModuleItem):
    """Each validation and precondition of a module refuses something in its cases."""

    def __init__(self, *, cases: cases.Cases, **node: Any) -> None:
        super().__init__(requirements=("PLT-16",), **node)
        self.cases = cases

    def runtest(self) -> None:
        seen: set[Rule] = set()
        declared = rules(self.cases.module)
        for refusal in self.cases.refusals:
            seen |= tripped(refuse(self.workspace, refusal) or "", declared)
        if idle := [str(rule) for rule in declared if rule not in seen]:
            raise Failed("no case under `refused` trips\n  " + "\n  ".join(idle))
