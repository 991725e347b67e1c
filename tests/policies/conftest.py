"""What the policy tests share: a plan of all fixtures, and the independent evaluator."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from policies.rule import FIXTURES, all_rules
from policies.rules.resources_carry_the_required_tags import REQUIRED
from policies.worlds.plan import Plan
from tests.plan.offline import StepFunctions
from tests.policies.meaning import Evaluator
from tools import process_environment
from tools.toolchain import terraform, terraform_environment


@pytest.fixture(scope="session")
def planned_fixtures(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """One plan of the `main.tf` of the fixtures of all rules that judge plans. `source.tf`, which holds what Terraform
    would refuse, is left out.
    """
    root = tmp_path_factory.mktemp("planned-fixtures")
    names = [rule.stem for rule in all_rules() if "plan" in rule.forms]
    for name in names:
        (root / name).mkdir()
        shutil.copy(FIXTURES / name / "main.tf", root / name)
    offline = StepFunctions()
    tags = f"  default_tags {{\n    tags = {json.dumps(dict.fromkeys(REQUIRED, 'x'))}\n  }}\n"
    (root / "provider.tf").write_text(offline.provider.replace("  endpoints {", f"{tags}  endpoints {{"))
    (root / "main.tf.json").write_text(json.dumps({"module": {name: {"source": f"./{name}"} for name in names}}))

    def run(*arguments: str) -> str:
        environment = terraform_environment(process_environment.inherited(identity=False))
        answer = subprocess.run(
            [terraform(), *arguments], cwd=root, env=environment, capture_output=True, text=True, check=False
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    run("init", "-backend=false", "-input=false")
    run("plan", "-refresh=false", "-input=false", "-out=plan")
    offline.close()
    return Plan(json.loads(run("show", "-json", "plan")), os.fspath(root), combined=True)


@pytest.fixture(scope="module")
def evaluator() -> Iterator[Evaluator]:
    made = Evaluator()
    yield made
    made.close()
