"""Our rules over the plan of all units of an environment.

A plan on an empty account does not know the values that AWS assigns, so a rule may not be able to decide. Then the rule
judges the source that the plan was made from, which says where each value comes from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from policies.model import Resource
from policies.rule import Rule, Verdict, judge_all
from policies.worlds.configuration import Configuration, of_tree
from policies.worlds.plan import Plan
from tools.livetree.combined import plan_environment
from tools.policies.source import MODULES
from tools.project import BUILD, ROOT


def check_plan(environment: str) -> int:
    """Plan an environment and judge the plan. Prints what failed. Returns 1 if anything failed."""
    return judge_plan(plan_environment(environment), of_tree(str(ROOT / MODULES)), environment)


def judge_plan(document: Mapping[str, Any], source: Configuration, environment: str) -> int:
    """Judge a plan, and by its source what the plan leaves open. Prints what failed. Returns 1 if anything failed or if
    no rule had anything to judge.
    """
    plan = Plan(document, str(BUILD / "plan"), combined=True)
    count: Counter[str] = Counter()
    seen: set[str] = set()
    for rule, resource, verdict in judge_all(plan):
        seen.add(rule.id)
        if rule.id in resource.skipped:
            count["skipped"] += 1
            continue
        decided = "plan"
        if verdict.undecided:
            decided, verdict = "source", _by_source(rule, resource, source, verdict)
        failed = bool(verdict.problems or verdict.undecided)
        count["failed" if failed else f"passed by its {decided}"] += 1
        if failed:
            print(f"{rule.id}: {rule.name}\n  where: {resource.address}")
            for problem in verdict.problems or (f"cannot be decided: {verdict.undecided}",):
                print(f"  {problem}")
            print(f"  do: {rule.fix} See {rule.page}.")
    print(
        f"{environment}: {', '.join(f'{number} {what}' for what, number in sorted(count.items()))}; {len(seen)} rules"
    )
    return 1 if count["failed"] or not seen else 0


def _by_source(rule: Rule, resource: Resource, source: Configuration, verdict: Verdict) -> Verdict:
    """What the rule says about the same resource in the source. The first module of the address is that of the unit."""
    unit, _, address = resource.address.removeprefix("module.").partition(".")
    for candidate in source.by_file.get(resource.file, []):
        system, kind = candidate.root.split("/")[-2:]
        if candidate.address == address and unit.endswith(f"_{system}_{kind}"):
            return rule.judge(candidate)
    return verdict
