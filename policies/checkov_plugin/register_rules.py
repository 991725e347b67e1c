"""The only file that checkov loads. It puts the project on the path and registers the rules, nothing else.

checkov logs a plugin that it cannot load, and continues without it. So this file registers a check that fails on every
resource when it cannot load the rules.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

ROOT = str(Path(__file__).resolve().parents[2])


class BrokenRules(BaseResourceCheck):  # type: ignore[misc]  # checkov lives in another environment
    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            name="The project's rules can be loaded",
            id="CKV_FEP_0",
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=["aws_*"],
            guideline="docs/policies.md",
        )

    def scan_entity_conf(self, *_: Any) -> CheckResult:
        self.details = [self.reason]
        return CheckResult.FAILED

    def scan_resource_conf(self, conf: dict[str, Any]) -> CheckResult:
        raise NotImplementedError


try:
    if ROOT not in sys.path:
        sys.path.insert(0, ROOT)
    from policies.adapter import register

    register()
except Exception as error:  # noqa: BLE001 -- whatever it is, it must not count as a pass
    BrokenRules(f"{type(error).__name__}: {error}")
