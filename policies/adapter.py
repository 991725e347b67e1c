"""Our rules as checks of checkov. checkov counts a check that raises as passed; here it is a finding.

Runs in checkov's own Python environment. A rule does not see what checkov's parser read (`policies.hcl.syntax` says
why): checkov says which resource it is at, and the rule judges that resource in our own reading of the same folders or
the same plan.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

from policies.checkov_graph import keep_graph
from policies.checkov_speed import remember
from policies.model import Resource, World
from policies.rule import Rule, all_rules
from policies.worlds.configuration import Configuration
from policies.worlds.plan import Plan


class RuleCheck(BaseResourceCheck):  # type: ignore[misc]  # checkov lives in another environment
    """One rule. A finding lists the problems of the resource and says how to fix them."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        super().__init__(
            name=rule.name,
            id=rule.id,
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=rule.resources,
            guideline=rule.page,
        )

    def scan_entity_conf(self, conf: dict[str, Any], entity_type: str) -> CheckResult:
        self.entity_type = entity_type
        try:
            if _read(self.graph).world.form not in self.rule.forms:
                return CheckResult.UNKNOWN  # checkov does not report it
            self.details = self.findings(conf)
        except Exception as error:  # noqa: BLE001 -- whatever it is, it must not count as a pass
            self.details = [f"{self.id} could not judge this: {type(error).__name__}: {error}"]
        return CheckResult.FAILED if self.details else CheckResult.PASSED

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        raise NotImplementedError

    def findings(self, conf: dict[str, Any]) -> list[str]:
        found = []
        for resource in self.judged(conf):
            verdict = self.rule.judge(resource)
            found += [f"{resource.address}: {problem}" for problem in verdict.problems]
            if verdict.undecided:
                found.append(f"{resource.address}: cannot be decided: {verdict.undecided}")
        return [*found, f"do: {self.rule.fix}"] if found else []

    def judged(self, conf: dict[str, Any]) -> list[Resource]:
        """The resources that checkov is at. Raises LookupError when our reading does not have them."""
        reading = _read(self.graph)
        file = reading.files.get(id(conf))
        address = conf["__address__"]
        address = str(address[0] if isinstance(address, list) else address)
        if isinstance(reading.world, Configuration):
            if file is None:
                raise LookupError(f"the file of {address} is not known")
            return reading.world.at(file, address)
        return [resource for resource in reading.world.resources if resource.address == address]


def register() -> None:
    """Register every rule. When a rule cannot be loaded, raises its error and registers none."""
    rules = all_rules()
    remember()
    keep_graph()
    _judge_each_call_of_a_module()
    for rule in rules:
        RuleCheck(rule)


def _judge_each_call_of_a_module() -> None:
    """Make CKV_AWS_289, 290, 355 and similar checks judge each resource again. They keep verdicts by type and name
    without the module's address, so a module's second call would get the verdict of the first. It costs milliseconds.
    """
    from checkov.terraform.checks.utils.base_cloudsplaining_iam_scanner import BaseTerraformCloudsplainingIAMScanner

    scan = BaseTerraformCloudsplainingIAMScanner.scan_conf

    def scan_again(self: Any, conf: dict[str, Any]) -> CheckResult:
        self.policy_document_cache.clear()
        return scan(self, conf)

    BaseTerraformCloudsplainingIAMScanner.scan_conf = scan_again


@dataclass
class Reading:
    """Our reading of the files that one graph of checkov was made from."""

    graph: Any
    world: World
    files: dict[int, str]
    """The file of each resource that checkov read, by the identity of its configuration: two roots can have the same
    address.
    """


_reading: Reading | None = None


def _read(graph: Any) -> Reading:
    global _reading  # one for all checks: checkov keeps one graph for a whole run
    if _reading is None or _reading.graph is not graph:
        files: dict[int, str] = {}
        for node in _nodes(graph):
            if node["block_type_"] == "resource":
                for blocks in node["config_"].values():
                    files.update({id(conf): os.path.realpath(node["file_path_"]) for conf in blocks.values()})
        named = {os.path.abspath(node["file_path_"]) for node in _nodes(graph)}
        if links := _links(named):
            raise LookupError(f"{', '.join(links)} is behind a link to another place")
        every = {os.path.realpath(file) for file in named}
        plans = [file for file in every if file.endswith(".json")]
        if len(plans) > 1:
            raise LookupError(f"more than one plan at once: {', '.join(sorted(plans))}")
        world: World = (
            Plan(json.loads(Path(plans[0]).read_text(encoding="utf-8")))
            if plans
            else Configuration({os.path.dirname(file) for file in every})
        )
        _reading = Reading(graph, world, files)
    return _reading


def _links(files: set[str]) -> list[str]:
    """The files that are somewhere else than their paths say, below the folder that they are all in: what they hold
    can change without a change of this tree.
    """
    top = os.path.commonpath([os.path.dirname(file) for file in files]) if files else ""
    real = os.path.realpath(top)
    return sorted(file for file in files if os.path.realpath(file) != real + file[len(top) :])


def _nodes(graph: Any) -> Iterator[dict[str, Any]]:
    for at in graph.node_indices():
        node = graph.get_node_data(at)
        yield node[1] if isinstance(node, tuple) else node
