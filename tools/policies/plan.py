"""Our rules over the plan of all units of an environment.

A plan on an empty account does not know the values that AWS assigns, so a rule may not be able to decide. Then the rule
judges the source that the plan was made from, which says where each value comes from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from policies.model import Resource
from policies.rule import Rule, Verdict, judge_all
from policies.worlds.configuration import Configuration, of_tree
from policies.worlds.plan import Plan
from tools.livetree.combined import plan_environment
from tools.policies.report import FAILED, FOLDER, PASSED, Row, row, terminal, write
from tools.policies.source import MODULES
from tools.project import BUILD, ROOT, display


def check_plan(wanted: Sequence[str]) -> int:
    """Plan environments and judge their plans. Prints the verdicts, and what failed. Returns 1 if anything failed."""
    source = of_tree(str(ROOT / MODULES))
    return max([judge_plan(plan_environment(environment), source, environment) for environment in wanted])


def judge_plan(document: Mapping[str, Any], source: Configuration, environment: str, folder: Path = FOLDER) -> int:
    """Judge a plan, and by its source what the plan leaves open. Prints the verdicts, and writes them into a page in
    `folder`. Returns 1 if anything failed or if no rule had anything to judge.
    """
    rows = verdicts(document, source)
    count = Counter(f"{row.verdict} {row.reason}" if row.verdict == PASSED else row.verdict for row in rows)
    for line in terminal(rows):
        print(line)
    said = ", ".join(f"{number} {what}" for what, number in sorted(count.items()))
    rules = len({one.rule.id for one in rows})
    print(f"{environment}: {said}; {rules} rules; {display(write(rows, environment, folder))}")
    return 1 if count[FAILED] or not rows else 0


def verdicts(document: Mapping[str, Any], source: Configuration) -> list[Row]:
    """Each rule's verdict on each resource of a plan that it is about."""
    plan = Plan(document, str(BUILD / "plan"), combined=True)
    rows = []
    for rule, resource, verdict in judge_all(plan):
        if rule.id in resource.skipped:
            rows.append(row(rule, resource, None, ""))
        elif verdict.undecided:
            rows.append(row(rule, resource, _by_source(rule, resource, source, verdict), "source"))
        else:
            rows.append(row(rule, resource, verdict, "plan"))
    return rows


def _by_source(rule: Rule, resource: Resource, source: Configuration, verdict: Verdict) -> Verdict:
    """What the rule says about the same resource in the source. The first module of the address is that of the unit."""
    unit, _, address = resource.address.removeprefix("module.").partition(".")
    for candidate in source.by_file.get(resource.file, []):
        system, kind = candidate.root.split("/")[-2:]
        if candidate.address == address and unit.endswith(f"_{system}_{kind}"):
            return rule.judge(candidate)
    return verdict
