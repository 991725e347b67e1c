"""What a workflow asks: which environments a change touches, a comment, an issue for drift."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from tools import cli
from tools.delivery import drift, github
from tools.delivery.affected import affected, changed_since
from tools.delivery.changes import UnitPlan
from tools.errors import Failure
from tools.livetree import layout
from tools.project import ROOT

GH = """#!/bin/sh
exec '{python}' '{program}.py' "$@"
"""
PROGRAM = """
import json, pathlib, sys
folder = pathlib.Path(__file__).parent
words, text = sys.argv[1:], "" if sys.stdin.isatty() else sys.stdin.read()
with (folder / "calls").open("a") as calls:
    calls.write(json.dumps([words, text]) + "\\n")
if "--slurp" in words or words[:2] == ["issue", "list"]:
    print((folder / "answer").read_text())
if (folder / "refuses").exists():
    sys.exit("HTTP 403")
"""


class Gh:
    """A `gh` on the PATH that writes down how it was called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        program = folder / "gh"
        program.write_text(GH.format(python=sys.executable, program=program))  # a path in #! cannot have a blank
        (folder / "gh.py").write_text(PROGRAM)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def answers(self, answer: Any) -> None:
        (self.folder / "answer").write_text(json.dumps(answer))

    @property
    def calls(self) -> list[tuple[list[str], str]]:
        return [tuple(json.loads(line)) for line in (self.folder / "calls").read_text().splitlines()]


@pytest.fixture
def gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Gh:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return Gh(tmp_path)


@pytest.mark.requirement("PLT-50")
def test_a_pull_request_has_one_comment_about_each_environment(gh: Gh) -> None:
    gh.answers([[{"id": 1, "body": "hello"}], [{"id": 2, "body": "<!-- pipelines: plan of prod -->\nold"}]])
    assert github.comment(7, "plan of dev", "new") == "made a comment about plan of dev"
    assert github.comment(7, "plan of prod", "new") == "changed the comment about plan of prod"
    (_, (made, text), _, (changed, _)) = gh.calls
    assert made[1] == "repos/{owner}/{repo}/issues/7/comments"
    assert json.loads(text)["body"] == "<!-- pipelines: plan of dev -->\nnew"
    assert changed[1:4] == ["--method", "PATCH", "repos/{owner}/{repo}/issues/comments/2"]


@pytest.mark.requirement("PLT-50")
def test_one_issue_is_open_while_there_is_drift(gh: Gh) -> None:
    gh.answers([{"number": 3, "title": "Drift in prod"}])
    assert github.issue("Drift in dev", "text") == "opened the issue 'Drift in dev'"
    assert github.issue("Drift in prod", "text") == "changed #3"
    assert github.issue("Drift in prod", "\n") == "closed #3"
    assert github.issue("Drift in dev", "") == "there is no open issue 'Drift in dev', and nothing to say"
    assert [words[:3] for words, _ in gh.calls if words[1] != "list"] == [
        ["issue", "create", "--title"],
        ["issue", "edit", "3"],
        ["issue", "close", "3"],
    ]


def test_what_github_refuses_is_a_failure_that_says_what_to_do(gh: Gh) -> None:
    gh.answers([])
    (gh.folder / "refuses").touch()
    with pytest.raises(Failure, match="GitHub refuses: HTTP 403"):
        github.issue("Drift in dev", "text")


def test_without_gh_the_failure_says_that_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Failure, match="gh, the command line of GitHub, is not on the PATH"):
        github.issue("Drift in dev", "text")


@pytest.mark.requirement("PLT-50")
def test_the_report_of_drift_names_unit_resource_and_attribute() -> None:
    change = {"actions": ["update"], "before": {"delay_seconds": 9}, "after": {"delay_seconds": 0}, "after_unknown": {}}
    missing: dict[str, Any] = {"actions": ["create"], "before": None, "after": {}, "after_unknown": {}}
    document = {
        "resource_changes": [
            {"address": "aws_sqs_queue.this", "mode": "managed", "type": "aws_sqs_queue", "change": change},
            {"address": "aws_sns_topic.this", "mode": "managed", "type": "aws_sns_topic", "change": missing},
        ]
    }
    unit = "us-east-1/webhooks/service"
    text = drift.report("prod", [UnitPlan.of(unit, document), UnitPlan("us-east-1/a/data", problem="no\nstate")])
    assert text.splitlines()[2:6] == [
        "- `us-east-1/a/data` could not be planned: no state",
        f"- `{unit}` `aws_sqs_queue.this` is another",
        "  - `delay_seconds: is 9, should be 0`",
        f"- `{unit}` `aws_sns_topic.this` is missing",
    ]


def test_without_drift_there_is_no_report() -> None:
    assert drift.report("prod", [UnitPlan("us-east-1/webhooks/service", outputs=("a",))]) == ""


ALL = {(place.environment, place.system, place.unit) for place in layout.units()}


@pytest.mark.requirement("PLT-50")
@pytest.mark.parametrize(
    ("path", "touched"),
    [
        ("live/prod/environment.yaml", {unit for unit in ALL if unit[0] == "prod"}),
        ("live/dev/us-east-1/webhooks/data/terragrunt.hcl", {("dev", "webhooks", "data")}),
        ("terragrunt.hcl", ALL),
        ("live/defaults.yaml", ALL),
        ("live/_units/monitoring.hcl", {u for u in ALL if u[2] == "monitoring" and u[1] != "foundation"}),
        ("modules/systems/webhooks/service/openapi.yaml", {u for u in ALL if u[1:] == ("webhooks", "service")}),
        ("functions/webhooks/logic/events.py", {u for u in ALL if u[1:] == ("webhooks", "service")}),
        ("functions/common/cards.py", {unit for unit in ALL if unit[2] == "service"}),
        ("modules/event-bus/main.tf", {u for u in ALL if u[1:] == ("payment-events", "service")}),
        ("modules/systems/webhooks/data/mock_outputs.yaml", {unit for unit in ALL if unit[1] == "webhooks"}),
        ("README.md", set()),
        ("tests/unit/test_cli.py", set()),
    ],
)
def test_a_change_touches_the_units_that_read_what_it_changes(path: str, touched: set[tuple[str, str, str]]) -> None:
    assert {(place.environment, place.system, place.unit) for place in affected([path])} == touched


@pytest.mark.requirement("PLT-50")
def test_every_file_of_modules_and_of_live_is_read_by_a_unit() -> None:
    unread = ("README.md", "versions.tf")
    for path in (ROOT / "modules").rglob("*.tf"):
        if path.name not in unread and ".terra" not in str(path):
            assert affected([str(path.relative_to(ROOT))]), path


def test_an_unknown_revision_is_wrong_input() -> None:
    with pytest.raises(Failure, match="git does not say what has changed since no-such-revision"):
        changed_since("no-such-revision")


@pytest.mark.requirement("PLT-50")
def test_a_night_in_which_nothing_could_be_compared_is_told_in_the_issue_too(tmp_path: Path) -> None:
    report = tmp_path / "drift.md"
    assert cli.main(["env", "drift", "--env", "nowhere", "--target", "aws", "--report", str(report)]) != 0
    text = report.read_text()
    assert text.startswith("Nobody knows whether nowhere has drifted")
    assert "there is no environment" in text
