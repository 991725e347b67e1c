"""checkov is made faster, and finds the same: what is remembered can hide no fault and leak into no other answer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from policies.checkov_graph import KEPT, kept
from policies.checkov_speed import _copied, _references, _remembered
from tools import process_environment
from tools.project import ROOT
from tools.toolchain import CHECKOV, require

# All checks of checkov and ours, in checkov's environment. The arguments: whether to remember, and the folders.
JUDGE = """
import json, sys
import policies.checkov_speed as speed
if sys.argv[1] == "without":
    speed.remember = lambda: None
from checkov.runner_filter import RunnerFilter
from checkov.terraform.runner import Runner
found = []
for at, folder in enumerate(sys.argv[2:]):
    chosen = RunnerFilter(framework=["terraform"], show_progress_bar=False)
    report = Runner().run(folder, None if at else ["policies/checkov_plugin"], runner_filter=chosen)
    for record in [*report.passed_checks, *report.failed_checks, *report.skipped_checks]:
        result = record.check_result["result"].name
        found.append([record.check_id, str(record.resource), record.file_path, result, repr(record.details)])
print(json.dumps(sorted(found)))
"""


def test_checkov_finds_the_same_with_and_without_what_it_remembers(tmp_path: Path) -> None:
    """The fixtures fail and pass on purpose. The root calls modules twice and under for_each, as compositions do."""
    modules = tmp_path / "modules"
    for name in ("kms-key", "queue"):
        shutil.copytree(ROOT / "modules" / name, modules / name, ignore=shutil.ignore_patterns(".terraform*"))
    (tmp_path / "main.tf").write_text(
        'variable "names" { default = ["a", "b"] }\n'
        'locals { suffix = format("%s-%s", "x", length(var.names)) }\n'
        'module "two" {\n  source = "./modules/queue"\n  for_each = toset(["a", "b"])\n'
        '  name = "${each.key}-${local.suffix}"\n}\n'
        'module "counted" {\n  source = "./modules/queue"\n  count = 2\n  name = "c-${count.index}"\n}\n'
        'resource "aws_s3_bucket" "open" {\n  bucket = try(var.names[0], "none")\n}\n'
    )
    folders = [str(tmp_path), str(ROOT / "policies" / "fixtures")]

    def found(how: str) -> list[list[str]]:
        completed = subprocess.run(
            [str(require(CHECKOV)), "-c", JUDGE, how, *folders],
            cwd=ROOT,
            env=process_environment.inherited(identity=False) | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        return list(json.loads(completed.stdout))

    quick = found("with")
    assert {result for _, _, _, result, _ in quick} >= {"FAILED", "PASSED"}
    assert quick == found("without")


def test_a_remembered_answer_belongs_to_who_asked() -> None:
    asked: list[str] = []

    def answer(said: str) -> list[str]:
        asked.append(said)
        return [said]

    remembered = _remembered(answer)
    remembered("a").append("changed")
    assert remembered("a") == ["a"]
    assert asked == ["a"]


def test_a_remembered_failure_fails_again() -> None:
    def refuse(said: str) -> None:
        raise ValueError(said)

    remembered = _remembered(refuse)
    for _ in range(2):
        with pytest.raises(ValueError, match="a"):
            remembered("a")


def test_answers_to_other_questions_are_not_mixed_up() -> None:
    remembered = _remembered(lambda said, *more, **named: (said, more, named))
    assert remembered("a", True, keep=1) == ("a", (True,), {"keep": 1})
    assert remembered("a", True, keep=2) == ("a", (True,), {"keep": 2})
    assert remembered("a", keep=2) == ("a", (), {"keep": 2})


def test_references_are_looked_for_again_where_the_resources_are_others() -> None:
    def find(said: str, _: Any, types: list[str]) -> list[Any]:
        return [_Reference("resource", said.split("."), said)] if said.split(".")[0] in types else []

    remembered = _references(find)
    assert remembered("aws_vpc.main", {}, []) == []
    first = remembered("aws_vpc.main", {}, ["aws_vpc"])[0]
    first.sub_parts.append("changed")
    assert remembered("aws_vpc.main", {}, ["aws_vpc"])[0].sub_parts == ["aws_vpc", "main"]


class _Reference:
    def __init__(self, block_type: str, sub_parts: list[str], origin_value: str) -> None:
        self.block_type, self.sub_parts, self.origin_value = block_type, sub_parts, origin_value


def test_a_copy_shares_nothing_that_can_be_changed() -> None:
    value = {"a": ["b"]}
    _copied(value)["a"].append("c")
    assert value == {"a": ["b"]}


class _Checkov:
    """Stands for checkov's reader: counts how often it reads a tree of one file."""

    def __init__(self, root: Path, faults: dict[str, str] | None = None, outside: str = "") -> None:
        self.root, self.read, self.faults = root, 0, {} if faults is None else faults
        self.paths = [outside] if outside else [str(root / "main.tf")]
        self.build = kept(_Checkov._build, root)

    def _build(self, **named: Any) -> tuple[Any, dict[str, str]]:
        self.read += 1
        return SimpleNamespace(vertices=[SimpleNamespace(path=path) for path in self.paths]), {}

    def run(self, **named: Any) -> int:
        """How often the tree was read so far."""
        self.build(self, source_dir=str(self.root), parsing_errors=self.faults, **named)
        return self.read


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "main.tf").write_text("a = 1\n")
    return tmp_path


def test_a_tree_that_has_not_changed_is_not_read_again(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kept.__globals__, "version", lambda _: "1")
    checkov = _Checkov(tree)
    assert [checkov.run(), checkov.run()] == [1, 1]
    (tree / "README.md").write_text("nothing that checkov reads")
    assert checkov.run() == 1


@pytest.mark.parametrize("changed", ["file", "new", "tfvars", "argument", "variable", "version", "kept"])
def test_a_tree_is_read_again_where_anything_differs(changed: str, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(kept.__globals__, "version", lambda _: "1")
    checkov = _Checkov(tree)
    checkov.run()
    more = {}
    match changed:
        case "file":
            (tree / "main.tf").write_text("a = 2\n")
        case "new":
            (tree / "more").mkdir()
            (tree / "more" / "main.tf").write_text("")
        case "tfvars":
            (tree / "terraform.tfvars").write_text("a = 2\n")
        case "argument":
            more = {"excluded_paths": ["/modules$"]}
        case "variable":
            monkeypatch.setenv("TF_VAR_a", "2")
        case "version":
            monkeypatch.setitem(kept.__globals__, "version", lambda _: "2")
        case "kept":
            (tree / KEPT).write_bytes((tree / KEPT).read_bytes()[:-9])
    assert checkov.run(**more) == 2


@pytest.mark.parametrize("because", ["a fault", "a file outside", "a link", "hidden folders", "files of variables"])
def test_nothing_is_kept_that_depends_on_more_than_the_tree(
    because: str, tree: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(kept.__globals__, "version", lambda _: "1")
    outside = tmp_path_factory.mktemp("outside") / "main.tf"
    outside.write_text("")
    checkov, more = _Checkov(tree), {}
    match because:
        case "a fault":
            checkov = _Checkov(tree, faults={"main.tf": "not HCL"})
        case "a file outside":
            checkov = _Checkov(tree, outside=str(outside))
        case "a link":
            os.symlink(outside.parent, tree / "linked")
            checkov = _Checkov(tree, outside=str(tree / "linked" / "main.tf"))
        case "hidden folders":
            monkeypatch.setenv("CKV_IGNORE_HIDDEN_DIRECTORIES", "false")
        case "files of variables":
            more = {"vars_files": ["x"]}
    assert [checkov.run(**more), checkov.run(**more)] == [1, 2]
