"""checkov over the source. A resource that it has not judged, or that it skips without a reason, is a failure too."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import yaml

from policies.hcl import syntax
from policies.rule import RuleFault, all_rules
from policies.worlds.configuration import Configuration, ConfigurationFault, of_tree, without_keys
from tools import process_environment
from tools.errors import Failure
from tools.project import ROOT
from tools.toolchain import CHECKOV, script

MODULES: Final = "modules"
SETTINGS: Final = ".checkov.yaml"
SHORTEST_REASON: Final = 15
"""Characters. One word is not a reason."""

# The settings that `.checkov.yaml` may have. None of them switches checks off for the whole tree.
ALLOWED_SETTINGS: Final = frozenset(
    {"compact", "external-checks-dir", "framework", "quiet", "skip-download", "skip-path"}
)

Looked = set[tuple[str, str, str]]
"""(id of a rule, file, address without keys)."""


def check_source(root: Path = ROOT) -> int:
    """Run checkov as `checkov -d .` does and print its report. Returns 0 when nothing failed, every file could be read,
    every rule has judged every resource that it applies to, and every skip has a reason. Raises Failure for a file or
    rule that cannot be read.
    """
    try:
        faults = [*setting_faults(root), *skip_faults(root)]
        configuration = of_tree(str(root / MODULES))
        expected = to_look_at(configuration, root)
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
    """Settings of checkov that switch off more than a skip with a reason does."""
    settings = yaml.safe_load((root / SETTINGS).read_text(encoding="utf-8"))
    for name in sorted(set(settings) - ALLOWED_SETTINGS):
        yield f"{SETTINGS} sets {name}: write a skip with a reason in the resource instead"


def skip_faults(root: Path) -> Iterator[str]:
    """Skips without a reason, and skips that checkov does not see: outside a resource or a call of a module."""
    for path in sorted((root / MODULES).rglob("*.tf")):
        file = syntax.read(path)
        inside = {
            skip for block in file.body.blocks if block.kind in ("resource", "data", "module") for skip in block.skips
        }
        yield from _faults(file.skips, inside, path.relative_to(root))


def _faults(skips: Iterable[syntax.Skip], inside: set[syntax.Skip], path: Path) -> Iterator[str]:
    for skip in skips:
        if len(skip.reason) < SHORTEST_REASON:
            yield f"{path}, line {skip.line}: the skip of {skip.id} has no reason: write checkov:skip={skip.id}:<why>"
        if skip not in inside:
            yield f"{path}, line {skip.line}: the skip of {skip.id} is outside a resource: move it inside"
