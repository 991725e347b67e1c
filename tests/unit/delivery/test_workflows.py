"""The workflows of GitHub Actions: pinned, without keys, with no more rights than they need, and without logic."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools import cli
from tools.livetree import layout
from tools.project import ROOT, files
from tools.release.built import FOLDER

WORKFLOWS = files(".github/workflows/*.yml")
TEXTS = [*WORKFLOWS, *files(".github/actions/*/action.yml")]
CALL = re.compile(r"tools/pipelines\s([^)]*)")
NAMED = {path.stem: yaml.safe_load(path.read_text()) for path in WORKFLOWS}

pytestmark = pytest.mark.requirement("PLT-50")


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, workflow in NAMED.items():
        yield from ((f"{name}.{job}", body) for job, body in workflow["jobs"].items())


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job in jobs():
        yield from ((name, step) for step in job.get("steps", []))


def test_the_workflows_that_are_promised_are_there() -> None:
    assert NAMED.keys() >= {"checks", "plan", "apply", "apply-environment", "drift", "release"}


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit_with_their_version_beside_it(path: Path) -> None:
    used = re.findall(r"uses: (.*)", path.read_text())
    assert used or path.name == "action.yml"
    foreign = [each for each in used if not each.startswith("./")]
    assert [each for each in foreign if not re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)] == []


def test_an_action_has_one_version_everywhere() -> None:
    used = {each for path in TEXTS for each in re.findall(r"uses: ([\w.-]+/[\w.-]+@.*)", path.read_text())}
    assert len(used) == len({each.partition("@")[0] for each in used})


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_key_is_stored(path: Path) -> None:
    text = path.read_text()
    assert "secrets." not in text
    assert "access-key" not in text


def test_a_job_has_the_rights_that_it_names_and_writes_nothing_else() -> None:
    writes = {}
    for name, workflow in NAMED.items():
        assert workflow["permissions"] == {}, name
    for name, job in jobs():
        rights = job["permissions"]
        writes[name] = {right for right, level in rights.items() if level == "write"}
        assert rights.items() - {(right, "write") for right in writes[name]} <= {("contents", "read")}, name
    assert {name: found for name, found in writes.items() if found} == {
        "plan.plan": {"id-token"},
        "plan.comment": {"pull-requests"},
        "apply.dev": {"id-token"},
        "apply.staging": {"id-token"},
        "apply.prod": {"id-token"},
        "apply-environment.plan": {"id-token"},
        "apply-environment.apply": {"id-token"},
        "drift.drift": {"id-token"},
        "drift.issue": {"issues"},
    }


def test_a_job_ends_and_keeps_no_token_in_the_folder() -> None:
    for name, job in jobs():
        assert "uses" in job or job["timeout-minutes"] <= 90, name
    checkouts = [step for _, step in steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def is_trusted(name: str, job: dict[str, Any]) -> bool:
    """Whether a job has an identity, may write, or builds what is deployed."""
    return "write" in job["permissions"].values() or name.startswith("release.")


def test_a_job_that_is_trusted_takes_nothing_from_a_cache_that_others_write() -> None:
    setup = yaml.safe_load((ROOT / ".github" / "actions" / "setup" / "action.yml").read_text())
    assert setup["inputs"]["cache"]["default"] == "false"
    for step in setup["runs"]["steps"]:
        if step.get("uses", "").startswith("jdx/mise-action@"):
            assert step["with"]["cache"] == "${{ inputs.cache }}"
        if step.get("uses", "").startswith("actions/cache@"):
            assert step["if"] == "inputs.cache == 'true'"
    cached = {name for name, step in steps() if step.get("with", {}).get("cache")}
    assert cached
    assert [name for name, job in jobs() if name in cached and is_trusted(name, job)] == []
    assert not any(step.get("uses", "").startswith("actions/cache") for _, step in steps())


def test_what_writes_on_a_pull_request_runs_the_code_of_the_branch_that_it_is_for() -> None:
    for name, job in jobs():
        rights = {right for right, level in job["permissions"].items() if level == "write"} - {"id-token"}
        if rights and "pull_request" in NAMED[name.partition(".")[0]][True]:
            [checkout] = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
            assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}", name


def test_a_run_that_is_started_by_hand_delivers_main_only() -> None:
    assert "workflow_dispatch" in NAMED["apply"][True]
    assert NAMED["apply"]["jobs"]["release"]["if"] == "github.ref == 'refs/heads/main'"


def test_no_text_from_outside_becomes_part_of_a_script() -> None:
    for path in TEXTS:
        document = yaml.safe_load(path.read_text())
        every = [step for job in document.get("jobs", {}).values() for step in job.get("steps", [])]
        every += document.get("runs", {}).get("steps", [])
        assert [step["run"] for step in every if "${{" in step.get("run", "")] == [], path


def test_artefacts_go_and_a_second_attempt_of_a_run_replaces_those_of_the_first() -> None:
    kept = [step["with"] for _, step in steps() if step.get("uses", "").startswith("actions/upload-artifact@")]
    assert kept
    assert all(each["retention-days"] <= 30 and each["overwrite"] is True for each in kept)


def test_runs_that_could_meet_are_kept_apart() -> None:
    called = [name for name, workflow in NAMED.items() if "workflow_call" in workflow[True]]
    assert [name for name, workflow in NAMED.items() if "concurrency" not in workflow] == called
    assert NAMED["apply"]["concurrency"] == {"group": "apply", "cancel-in-progress": False}


def test_environments_are_applied_in_order_each_behind_its_approval() -> None:
    order = {name: job for name, job in NAMED["apply"]["jobs"].items() if name != "release"}
    assert [job["with"]["environment"] for job in order.values()] == ["dev", "staging", "prod"]
    assert [job.get("needs") for job in order.values()] == ["release", "dev", "staging"]
    assert set(order) == set(layout.environments())
    one = NAMED["apply-environment"]["jobs"]
    assert (one["apply"]["needs"], one["apply"]["environment"]) == ("plan", "${{ inputs.environment }}")
    assert "environment" not in one["plan"]


def test_only_a_job_behind_an_approval_becomes_the_role_that_applies() -> None:
    appliers = {name for name, step in steps() if "--to apply" in step.get("run", "")}
    assert appliers == {"apply-environment.apply"}
    [applied] = [step["run"] for _, step in steps() if "env apply" in step.get("run", "")]
    assert "--approved" in applied


def test_a_pull_request_from_a_fork_gets_no_identity() -> None:
    assert "head.repo.full_name == github.repository" in NAMED["plan"]["jobs"]["environments"]["if"]
    assert NAMED["plan"]["jobs"]["plan"]["needs"] == "environments"
    assert not any("pull_request_target" in workflow[True] for workflow in NAMED.values())


def test_the_logic_is_in_the_tools_which_take_each_command() -> None:
    taken = 0
    for name, step in steps():
        for line in step.get("run", "").splitlines():
            call = CALL.search(line)
            if call:
                words = shlex.split(call[1].replace("$NUMBER", "7").replace("$ENVIRONMENT", "dev"))
                cli.parse(words)
                taken += 1
            assert re.match(
                r"make \w+|tools/pipelines |cat build/plan/summary.md >>|echo \"\w+=\$\(tools/pipelines ", line
            ), name
    assert taken >= 9


def test_actionlint_has_one_version() -> None:
    version = tomllib.loads((ROOT / "mise.toml").read_text())["tools"]["actionlint"]
    assert f"github.com/rhysd/actionlint v{version} " in (ROOT / "requirements" / "actionlint" / "go.mod").read_text()
    assert (
        f"github.com/rhysd/actionlint v{version} h1:" in (ROOT / "requirements" / "actionlint" / "go.sum").read_text()
    )


def test_what_is_deployed_is_built_once_and_taken_by_every_environment() -> None:
    built = [name for name, step in steps() if "pipelines release build" in step.get("run", "")]
    assert built == ["release.build"]
    assert [name for name, job in jobs() if job.get("uses", "").endswith("/release.yml")] == ["apply.release"]
    [taken] = [
        step["with"]
        for _, step in steps()
        if step.get("with", {}).get("name") == "release" and "download" in step["uses"]
    ]
    assert ROOT / taken["path"] == FOLDER
    [applied] = [step["run"] for _, step in steps() if "env apply" in step.get("run", "")]
    assert f"--release {taken['path']}" in applied
