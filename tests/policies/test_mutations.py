"""The modules, broken in every way that the specification forbids. The rule for it must catch each break."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

from policies.mutations.generated import generated
from policies.mutations.mutants import HARMLESS, LIVE, UNREAD, AnchorFault, Bench, Edit, Mutant, mutants
from policies.mutations.planted import coverage, planted
from policies.rule import all_rules
from policies.worlds.configuration import of_tree
from tests.policies.checkov_runs import verdicts
from tools.docs.requirements import catalogue
from tools.policies.mutation import objections, score
from tools.policies.source import FEWEST_MUTANTS, coverage_faults
from tools.project import ROOT

MODULES = ROOT / "modules"
COMBINED = ROOT / "policies" / "mutations" / "combined.yaml"


@pytest.mark.requirement("PLT-33")
def test_every_mutant_is_caught(capfd: pytest.CaptureFixture[str]) -> None:
    found = score()
    with capfd.disabled():
        print(f"\n{found}", file=sys.stderr)
    assert found.survived == ()


@pytest.mark.requirement("PLT-33")
def test_a_mutant_that_changes_nothing_survives() -> None:
    harmless = Mutant(
        "a comment", "PLT-33", "CKV_FEP_1", (Edit("kms-key/main.tf", "enable_key", "/* why */ enable_key"),)
    )
    assert score([harmless]).caught == 0


@pytest.mark.parametrize("items", ['"b"', '"a", "b"', '"a", "b", var.c[0], ["d"]', '\n  "a",\n  "b",\n'])
def test_a_mutant_of_a_list_is_anchored_by_one_item_whatever_else_is_in_it(items: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(f"x = [1]\ny = {{ z = [{items}] }}\n")
    Edit("main.tf", '"b"', "[]", whole_list=True).apply(tmp_path)
    assert (tmp_path / "main.tf").read_text() == "x = [1]\ny = { z = [] }\n"


@pytest.mark.parametrize("text", ['x = "b"', "x = []", '"b" ]', '[ "b"'])
def test_an_item_in_no_list_is_no_anchor(text: str, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(text)
    with pytest.raises(AnchorFault):
        Edit("main.tf", '"b"', "[]", whole_list=True).apply(tmp_path)


@pytest.mark.requirement("PLT-33")
def test_every_rule_that_has_something_to_look_at_has_five_mutants() -> None:
    configuration = of_tree(str(MODULES))
    at_work = {rule.id for rule in all_rules() if "hcl" in rule.forms and configuration.of(*rule.resources)}
    found = Counter(mutant.caught_by for mutant in mutants())
    assert {id_ for id_ in at_work if found[id_] < FEWEST_MUTANTS} == set()


@pytest.mark.requirement("PLT-33")
def test_no_rule_objects_to_a_harmless_change() -> None:
    assert objections() == []


@pytest.mark.requirement("PLT-33")
def test_the_catalogues_are_as_large_as_the_rules_need() -> None:
    written = mutants()
    assert len(written) >= 300
    assert len(mutants([COMBINED])) >= 100, "breaks through locals, defaults, dynamic blocks, other files, two edits"
    assert len(mutants([HARMLESS])) >= 50
    assert len({mutant.broken for mutant in written}) == len(written)


def test_a_mutant_of_the_live_tree_that_changes_nothing_survives() -> None:
    comment = Mutant("a comment", "PLT-33", LIVE, (Edit("/live/dev/environment.yaml", "", "# why"),))
    assert score([comment]).caught == 0


def test_each_attribute_block_and_statement_has_generated_mutants(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "aws_s3_bucket_versioning" "this" {\n  bucket = "a"\n'
        '  versioning_configuration {\n    status = "Enabled"\n  }\n}\n'
        'locals {\n  x = { Effect = "Allow", Action = "a:B", Condition = { Bool = { c = "true" } } }\n}\n'
    )
    found = {mutant.broken.partition(": ")[2] for mutant in generated(tmp_path)}
    assert "aws_s3_bucket_versioning.this.versioning_configuration sometimes not there" in found
    assert "aws_s3_bucket_versioning.this.versioning_configuration.status null in some cases" in found
    assert "statement of line 8: without its condition" in found
    assert "statement of line 8: Bool if it is there" in found


@pytest.mark.requirement("PLT-33")
def test_each_rule_has_mutants_in_each_system_that_it_judges() -> None:
    configuration = of_tree(str(MODULES))
    written = mutants()
    alone = coverage(configuration, MODULES, written)
    counts = coverage(configuration, MODULES, [*written, *planted(configuration)])
    assert {system for _, system in counts} == {path.name for path in (MODULES / "systems").iterdir() if path.is_dir()}
    assert {place for place, found in counts.items() if found < FEWEST_MUTANTS} == set()
    assert ("CKV_FEP_3", "foundation") not in counts, "foundation has no table"
    assert any("CKV_FEP_46 has" in fault for fault in coverage_faults(alone))


def test_every_mutant_names_a_row_of_the_specification() -> None:
    assert {mutant.forbidden_by for mutant in mutants()} - set(catalogue()) == set()


@pytest.mark.requirement("PLT-33")
def test_checkov_sees_what_the_suite_sees(tmp_path: Path) -> None:
    """The suite judges without checkov, which takes seconds a run. Here checkov judges a mutant for each rule, all at
    once, so none may keep the modules from being read.
    """
    broken = tmp_path / "broken" / "modules"
    shutil.copytree(MODULES, broken, ignore=shutil.ignore_patterns(".terraform*"))
    bench = Bench(MODULES, tmp_path / "bench")
    expected: set[str] = set()
    every = [mutant for mutant in mutants() if not mutant.live]
    for mutant in every:
        if mutant.caught_by not in expected and UNREAD not in {id_ for id_, _, _ in bench.added(mutant)}:
            try:
                mutant.apply(broken)
            except AnchorFault:
                continue  # another mutant has changed these lines
            expected.add(mutant.caught_by)
    judged = [finding for finding in verdicts(broken) if finding["result"] == "failed"]
    assert [said for finding in judged for said in finding["details"] if "could not judge" in said] == []
    assert expected - {finding["id"] for finding in judged} == set()
    assert expected == {mutant.caught_by for mutant in every}
