"""The gate: checkov over the source with all of our rules, the live tree, and the policies themselves.

checkov alone passes quietly where something switches it off: a setting, a variable of the shell, a folder that it does
not look into, a skip. Here that is a failure.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import yaml

from policies.hcl import syntax
from policies.mutations.mutants import LIVE, mutants
from policies.mutations.planted import coverage, planted
from policies.rule import RuleFault, all_rules
from policies.shapes import SHAPES
from policies.worlds.configuration import Configuration, ConfigurationFault, Folder, of_tree, without_keys
from tools import process_environment
from tools.errors import Failure
from tools.policies.live import live_faults
from tools.project import ROOT
from tools.toolchain import CHECKOV, script

MODULES: Final = "modules"
SETTINGS: Final = ".checkov.yaml"
SHORTEST_REASON: Final = 15
"""Characters. One word is not a reason."""

FEWEST_WORDS: Final = 4
FEWEST_MUTANTS: Final = 5
"""Of each rule that has something to judge in the source."""

# What `.checkov.yaml` says. A second place on purpose: whoever changes the one must change the other.
WANTED_SETTINGS: Final[dict[str, Any]] = {
    "compact": True,
    "external-checks-dir": ["policies/checkov_plugin"],
    "framework": ["terraform"],
    "quiet": True,
    "skip-download": True,
    "skip-path": ["/build$", "/fixtures$", "/live$", r"/terragrunt\.hcl$"],
}

Looked = set[tuple[str, str, str]]
"""(id of a rule, file, address without keys)."""


def check_source(root: Path = ROOT) -> int:
    """Run checkov as `checkov -d .` does and print its report. Returns 0 when nothing failed, every file could be read,
    every rule has judged every resource that it applies to, every skip has a reason, the settings are the committed
    ones, each rule has its mutants, and the live tree has its form. Raises Failure for a file or rule that cannot be
    read.
    """
    try:
        faults = [*setting_faults(root), *skip_faults(root), *live_faults(root)]
        configuration = of_tree(str(root / MODULES))
        expected = to_look_at(configuration, root)
        faults += policy_faults(configuration, root / MODULES)
    except (ConfigurationFault, RuleFault, syntax.SyntaxFault) as broken:
        raise Failure(str(broken), where=MODULES, do="fix the file that the message names") from None
    with tempfile.TemporaryDirectory() as folder:
        status = run_checkov(root, Path(folder) / "report.xml")
        looked = looked_at(Path(folder) / "report.xml")
    faults += [
        f"{os.path.relpath(path, root)} cannot be evaluated: {said}" for path, said in configuration.faults.items()
    ]
    faults += [f"{id_} has not judged {address} ({file})" for id_, file, address in sorted(expected - looked)]
    idle = sorted({rule.id for rule in all_rules() if "hcl" in rule.forms} - {id_ for id_, _, _ in expected})
    print(
        f"{len(expected)} verdicts of our own rules" + (f"; nothing to judge yet for {', '.join(idle)}" if idle else "")
    )
    for found in faults:
        print(f"error: {found}")
    return 1 if status or faults else 0


def run_checkov(root: Path, report: Path) -> int:
    """Run checkov over a folder with its `.checkov.yaml`. The findings go to the console, all verdicts to `report`
    (JUnit). Returns checkov's exit status.
    """
    # Nothing from the person's own environment: CKV_SKIP_CHECK, CKV_IGNORED_DIRECTORIES and others, or a .checkov.yaml
    # in their home, would switch checks off. Without CKV_PARSE_ERROR_FAIL a broken file passes.
    environment = process_environment.bare() | {"CKV_PARSE_ERROR_FAIL": "true", "HOME": str(report.parent)}
    outputs = ["-o", "cli", "-o", "junitxml", "--output-file-path", f"console,{report}"]
    command = [*script(CHECKOV, "checkov"), "-d", ".", *outputs]
    return subprocess.run(command, cwd=root, env=environment, check=False).returncode


def looked_at(report: Path) -> Looked:
    """What our rules have judged, from checkov's JUnit report."""
    if not report.exists():
        return set()
    found: Looked = set()
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 -- checkov's own report, just written
        name = re.match(r"\[\w+\]\[(CKV_FEP_\d+)\]", case.get("name", ""))
        if name:
            file = case.get("file", "")
            address = case.get("classname", "").removeprefix(f"{file}.")
            found.add((name.group(1), file.lstrip("/"), without_keys(address)))
    return found


def to_look_at(configuration: Configuration, root: Path) -> Looked:
    """What our rules must judge, from our own reading of the source."""
    top = os.path.realpath(root)
    return {
        (rule.id, os.path.relpath(resource.file, top), without_keys(resource.address))
        for rule in all_rules()
        if "hcl" in rule.forms
        for resource in configuration.of(*rule.resources)
    }


def setting_faults(root: Path) -> Iterator[str]:
    """Settings of checkov that are not the committed ones, and would switch off more than a skip with a reason does."""
    path = root / SETTINGS
    settings = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    for name in sorted({*settings, *WANTED_SETTINGS}):
        if name not in WANTED_SETTINGS:
            yield f"{SETTINGS} sets {name}: write a skip with a reason in the resource instead"
        elif settings.get(name) != WANTED_SETTINGS[name]:
            yield f"{SETTINGS} has {name}: {settings.get(name)}, and must have {WANTED_SETTINGS[name]}"


def policy_faults(configuration: Configuration, modules: Path) -> Iterator[str]:
    """What is missing in the policies themselves: mutants of a rule, a rule of a mutant, a resource of a shape."""
    written = mutants()
    of_rules = Counter(mutant.caught_by for mutant in written)
    for rule in all_rules():
        found = of_rules.pop(rule.id, 0)
        if "hcl" in rule.forms and configuration.of(*rule.resources) and found < FEWEST_MUTANTS:
            yield f"{rule.id} has {found} mutants: write {FEWEST_MUTANTS} or more into policies/mutations"
    yield from coverage_faults(coverage(configuration, modules, [*written, *planted(configuration)]))
    for id_ in sorted(set(of_rules) - {LIVE}):
        yield f"a mutant must be caught by {id_}, and there is no such rule"
    for type_ in sorted(set(SHAPES) - {resource.type for resource in configuration.resources}):
        yield f"policies/shapes.py has a shape of {type_}, and no module creates one: remove it"


def coverage_faults(counts: Mapping[tuple[str, str], int]) -> Iterator[str]:
    """The rules that have too few mutants in a system, by (id, system)."""
    for (id_, system), found in sorted(counts.items()):
        if found < FEWEST_MUTANTS:
            yield (
                f"{id_} has {found} mutants in {system}: write more into policies/mutations, or into its fixtures: "
                f"{FEWEST_MUTANTS} for each system that it judges"
            )


def skip_faults(root: Path) -> Iterator[str]:
    """Skips without a reason, and skips that checkov does not see: outside a resource or a call of a module."""
    for path in sorted((root / MODULES).rglob("*.tf")):
        file = syntax.read(path)
        inside = {
            skip: block
            for block in file.body.blocks
            if block.kind in ("resource", "data", "module")
            for skip in block.skips
        }
        yield from _faults(file.skips, inside, path.relative_to(root))
        folder = Folder.read(str(path.parent))
        for skip, block in inside.items():
            for said in _unfounded(skip, block, folder, root):
                yield f"{path.relative_to(root)}, line {skip.line}: the reason of the skip of {skip.id} {said}"


def _unfounded(skip: syntax.Skip, block: syntax.Block, folder: Folder, root: Path) -> Iterator[str]:
    """What is wrong with the names in a reason: it says in backticks by what it is true, and each of them exists."""
    names = re.findall(r"`([^`]+)`", skip.reason)
    if not names:
        yield (
            "names nothing: put into backticks by what it is true (a page, a folder, a variable, an output or a "
            "resource beside it, or an attribute of its own)"
        )
    beside = {*folder.variables, *folder.outputs, *(f"{type_}.{name}" for _, type_, name in folder.resources)}
    own = {
        name for one in (block.body, *(inner.body for inner in syntax.blocks(block.body))) for name in one.attributes
    }
    for name in names:
        if name not in beside | own and not (root / name).exists():
            yield f"names `{name}`, which does not exist"


def _faults(skips: Iterable[syntax.Skip], inside: Container[syntax.Skip], path: Path) -> Iterator[str]:
    for skip in skips:
        if len(skip.reason) < SHORTEST_REASON or len(skip.reason.split()) < FEWEST_WORDS:
            yield f"{path}, line {skip.line}: the skip of {skip.id} has no reason: write checkov:skip={skip.id}:<why>"
        if skip not in inside:
            yield f"{path}, line {skip.line}: the skip of {skip.id} is outside a resource: move it inside"
