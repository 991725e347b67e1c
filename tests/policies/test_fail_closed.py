"""The gate as people run it: `checkov` on the command line. Whatever is broken must fail, and never pass silently."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from policies.rule import all_rules
from tests.policies.checkov_runs import command
from tools.policies.source import check_source, looked_at, setting_faults, skip_faults
from tools.project import ROOT

GOOD = """
resource "aws_kms_key" "ours" {
  description             = "A key"
  deletion_window_in_days = 30
  enable_key_rotation = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_kms_alias" "ours" {
  name          = "alias/ours"
  target_key_id = aws_kms_key.ours.key_id
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one good key, with our rules: `checkov -d .` passes there."""
    shutil.copy(ROOT / ".checkov.yaml", tmp_path)
    shutil.copytree(ROOT / "policies", tmp_path / "policies", ignore=shutil.ignore_patterns("fixtures", "__pycache__"))
    (tmp_path / "modules" / "key").mkdir(parents=True)
    (tmp_path / "modules" / "key" / "main.tf").write_text(GOOD)
    return tmp_path


@pytest.mark.requirement("PLT-30", "PLT-31")
def test_every_rule_fails_on_the_bad_fixtures_on_the_command_line(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    outputs = ["-o", "cli", "-o", "junitxml", "--output-file-path", f"console,{report}"]
    assert command(ROOT, "-d", "policies/fixtures", *outputs).returncode == 1
    cases = ElementTree.parse(report).iter("testcase")  # noqa: S314 -- checkov's own report, just written
    failed = [case.get("name", "") for case in cases if case.find("failure") is not None]
    expected = {rule.id for rule in all_rules() if "hcl" in rule.forms}
    assert {id_ for id_ in expected if not any(f"[{id_}]" in name for name in failed)} == set()
    assert {id_ for id_, _, _ in looked_at(report)} == expected


@pytest.mark.requirement("PLT-30")
def test_the_repository_passes_with_every_rule_accounted_for(capfd: pytest.CaptureFixture[str]) -> None:
    status = check_source()
    assert status == 0, capfd.readouterr().out


def test_a_good_project_passes(project: Path) -> None:
    answer = command(project, "-d", ".")
    assert answer.returncode == 0, answer.stdout


@pytest.mark.requirement("PLT-31")
def test_a_finding_says_how_to_fix_it_and_names_the_page_of_its_rule(project: Path) -> None:
    path = project / "modules" / "key" / "main.tf"
    path.write_text(GOOD.replace("enable_key_rotation = true", "enable_key_rotation = false"))
    completed = command(project, "-d", ".")
    assert completed.returncode == 1
    assert "do: Set `enable_key_rotation = true`" in completed.stdout
    assert "Guide: docs/policies/CKV_FEP_1.md" in completed.stdout


RULE = "policies/rules/keys_rotate_every_year.py"


@pytest.mark.requirement("PLT-31")
@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        pytest.param(RULE, "@rule(", "@rule((", "SyntaxError", id="a syntax error in a rule"),
        pytest.param(RULE, 'key.get("enable', 'key.gett("enable', "AttributeError", id="an exception in a rule"),
        pytest.param(RULE, '"CKV_FEP_1"', '"CKV_FEP_2"', "is taken by", id="an id used twice"),
        pytest.param("policies/rule.py", "def all_rules", "def none", "cannot import name", id="a broken package"),
        pytest.param("modules/key/main.tf", "jsonencode({", "jsonencode({{", "Parsing errors: 1", id="a broken file"),
    ],
)
def test_what_is_broken_fails(project: Path, file: str, old: str, new: str, says: str) -> None:
    text = (project / file).read_text()
    assert text.count(old) >= 1
    (project / file).write_text(text.replace(old, new, 1))
    answer = command(project, "-d", ".")
    assert answer.returncode == 1, answer.stdout
    assert says in answer.stdout


@pytest.mark.requirement("PLT-30")
def test_a_resource_that_no_rule_looked_at_fails_the_gate(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    settings = project / ".checkov.yaml"
    settings.write_text(settings.read_text() + "  - /key$\n")
    assert check_source(project) == 1
    assert "CKV_FEP_1 has not judged aws_kms_key.ours (modules/key/main.tf)" in capfd.readouterr().out


@pytest.mark.requirement("PLT-14")
def test_a_module_that_is_a_link_to_another_place_fails(
    project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "key"
    (project / "modules" / "key").rename(elsewhere)
    (project / "modules" / "linked").symlink_to(elsewhere)
    unit = project / "modules" / "systems" / "ping" / "data"
    unit.mkdir(parents=True)
    (unit / "main.tf").write_text('module "key" {\n  source = "../../../linked"\n}\n')
    answer = command(project, "-d", ".")
    assert answer.returncode == 1, answer.stdout


@pytest.mark.requirement("PLT-30")
@pytest.mark.parametrize(
    ("comment", "fault"),
    [
        ("#checkov:skip=CKV_AWS_109:The account's root in `policy` must be able to change it", None),
        ("#checkov:skip=CKV_AWS_109:The root (`policies/rule.py`) must be able to change it", None),
        ("#checkov:skip=CKV_AWS_109:The alias `aws_kms_alias.ours` needs it", None),
        ("#checkov:skip=CKV_AWS_109", "has no reason"),
        ("#checkov:skip=CKV_AWS_109:", "has no reason"),
        ("#checkov:skip=CKV_AWS_109:not needed", "has no reason"),
        ("#checkov:skip=CKV_AWS_109:The account's root must be able to change it", "names nothing"),
        ("#checkov:skip=CKV_AWS_109:The setting `open_to_all` decides about it", "which does not exist"),
    ],
)
def test_a_skip_needs_a_reason(project: Path, comment: str, fault: str | None) -> None:
    path = project / "modules" / "key" / "main.tf"
    path.write_text(GOOD.replace("  enable", f"  {comment}\n  enable"))
    found = list(skip_faults(project))
    assert bool(found) == (fault is not None)
    assert fault is None or any(fault in one for one in found)


@pytest.mark.requirement("PLT-30")
def test_a_skip_outside_a_resource_is_refused(project: Path) -> None:
    path = project / "modules" / "key" / "main.tf"
    path.write_text(f"#checkov:skip=CKV_AWS_109:A reason that is long enough, by `policy`\n{GOOD}")
    assert ["is outside a resource" in found for found in skip_faults(project)] == [True]


@pytest.mark.requirement("PLT-30")
@pytest.mark.parametrize("setting", ["skip-check: [CKV_AWS_1]", "soft-fail: true", "check: [CKV_AWS_1]", "baseline: x"])
def test_a_setting_that_skips_for_the_whole_tree_is_refused(project: Path, setting: str) -> None:
    path = project / ".checkov.yaml"
    path.write_text(f"{path.read_text()}{setting}\n")
    assert [setting.partition(":")[0] in found for found in setting_faults(project)] == [True]
