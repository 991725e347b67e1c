"""What the subset is, and how the files of a unit merge."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.livetree.trees import DATA, SERVICE_UNIT, LiveTree
from tools.errors import Failure
from tools.livetree.reading.configuration import Configuration, merge_deep
from tools.livetree.reading.tree import Tree


def configuration(tree: LiveTree, **environment: str) -> Configuration:
    return Tree([tree.root / DATA], environment).units[0].configuration()


def refusal(tree: LiveTree, **environment: str) -> Failure:
    with pytest.raises(Failure) as raised:
        configuration(tree, **environment)
    return raised.value


@pytest.mark.requirement("PLT-17")
@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        ("retryable_errors = []", "retryable_errors", 2),
        ("skip = true", "skip", 2),
        ('feature "x" {\n}', 'the block feature "x"', 2),
        ('errors {\n  retry "x" {\n  }\n}', 'the block retry "x"', 3),
        ("prevent_destroy = true", "prevent_destroy", 2),
        ("exclude {\n  exclude_dependencies = true\n}", "exclude.exclude_dependencies", 3),
        ('unit "x" {\n}', 'the block unit "x"', 2),
        ('terraform {\n  extra_arguments "x" {\n  }\n}', 'the block extra_arguments "x"', 3),
        ('terraform {\n  source = "x"\n  error_hook "x" {\n  }\n}', 'the block error_hook "x"', 4),
        ('terraform {\n  source = "x"\n  include_in_copy = []\n}', "terraform.include_in_copy", 4),
        ('generate "x" {\n  hcl_fmt = true\n}', "generate.hcl_fmt", 3),
        ("remote_state {\n  disable_init = true\n}", "remote_state.disable_init", 3),
        ('dependency "x" {\n  skip_outputs = true\n}', "dependency.skip_outputs", 3),
        ('before_hook "x" {\n}', 'the block before_hook "x"', 2),
        ("inputs = { a = include.root.locals.path }", "include.*", 2),
        ("inputs = {\n  a = values.x\n}", "values.*", 3),
        ("inputs = {\n  b = 1\n  a = feature.x.value\n}", "feature.*", 4),
        ("inputs = { a = path.module }", "path.*", 2),
    ],
)
def test_what_is_outside_the_subset_is_refused_by_name_with_file_and_line(
    tree: LiveTree, text: str, what: str, line: int
) -> None:
    tree.write("live/_units/data.hcl", f"\n{text}\n")
    failure = refusal(tree)
    assert failure.problem == f"{what} is outside the subset that the stand-in reads"
    assert str(failure.where).endswith(f"live/_units/data.hcl, line {line}")


@pytest.mark.requirement("PLT-17")
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('inputs = { a = run_cmd("ls") }', "run_cmd"),
        ('inputs = { a = sops_decrypt_file("x") }', "sops_decrypt_file"),
        ('inputs = { a = read_terragrunt_config("x.hcl") }', "read_terragrunt_config"),
        ("inputs = { a = get_aws_account_id() }", "get_aws_account_id"),
        ('inputs = { a = path_relative_to_include("root") }', "path_relative_to_include with 1 arguments"),
        ("inputs = { a = find_in_parent_folders() }", "find_in_parent_folders with 0 arguments"),
        ("inputs = { a = find_in_parent_folders(local.name) }", "has to be known before"),
        ('inputs = { a = get_env("NOT_SET") }', "NOT_SET is not set"),
        ('inputs = { a = find_in_parent_folders("nowhere.hcl") }', "nowhere.hcl is in no folder above"),
        ("locals {\n  a = dependency.x.outputs\n}", "only inputs may"),
        ("inputs = [1]", "inputs is [1]"),
        ("terraform {\n  source = 1\n}", "terraform.source"),
        ('generate "x" {\n  path = "a"\n  contents = ""\n  if_exists = "append"\n}', "generate.if_exists"),
        ('generate {\n  path = "a"\n}', "has to have one label"),
        ('locals "x" {\n}', "has to have no label"),
        ("locals {\n}\nlocals {\n}", "is there twice (first on line 1)"),
        ("inputs = {", "{ is not closed"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_with_the_file(tree: LiveTree, text: str, problem: str) -> None:
    tree.write("live/_units/data.hcl", text)
    failure = refusal(tree)
    assert problem in failure.problem
    assert "live/_units/data.hcl, line " in str(failure.where)


@pytest.mark.requirement("PLT-17")
@pytest.mark.parametrize(
    ("include", "problem"),
    [
        ('include "x" {\n  path = find_in_parent_folders("nowhere.hcl")\n}', "nowhere.hcl is in no folder above"),
        ('include "x" {\n  path = "${get_repo_root()}/live/_units/nothing.hcl"\n}', "nothing.hcl does not exist"),
        ('include "x" {\n  path = "../nothing.hcl"\n}', "nothing.hcl does not exist"),
        ('include "x" {\n}', "an include without a path"),
        ('include "x" {\n  path = local.a\n}', "has to be known before"),
        ('include "x" {\n  path = find_in_parent_folders("terragrunt.hcl")\n  expose = true\n}', "include.expose"),
        (
            'include "x" {\n  path = find_in_parent_folders("terragrunt.hcl")\n  merge_strategy = "no_merge"\n}',
            "merge_strategy no_merge",
        ),
    ],
)
def test_an_include_that_leads_nowhere_is_refused_with_the_line(tree: LiveTree, include: str, problem: str) -> None:
    tree.write(DATA / "terragrunt.hcl", include)
    failure = refusal(tree)
    assert problem in failure.problem
    assert f"{DATA}/terragrunt.hcl, line " in str(failure.where)


def test_the_functions_of_terragrunt_answer_as_they_do_there(tree: LiveTree) -> None:
    tree.write(
        "live/_units/data.hcl",
        """\
        inputs = {
          repository = get_repo_root()
          unit       = get_terragrunt_dir()
          relative   = path_relative_to_include()
          settings   = find_in_parent_folders("environment.yaml")
          set        = get_env("SET")
          unset      = get_env("UNSET", "instead of ${"it"}")
          nested     = "${basename(get_terragrunt_dir())} of ${get_env("SET")}"
        }
        """,
    )
    inputs = configuration(tree, SET='a ${b} %{c} "d" \\e é').inputs
    assert inputs["repository"] == str(tree.root)
    assert inputs["unit"] == str(tree.root / DATA)
    assert inputs["relative"] == "../dev/us-east-1/payments/data"
    assert inputs["settings"] == str(tree.root / "live/dev/environment.yaml")
    assert inputs["set"] == 'a ${b} %{c} "d" \\e é'
    assert inputs["unset"] == "instead of it"
    assert inputs["nested"] == f"data of {inputs['set']}"


def test_a_local_belongs_to_its_file_alone(tree: LiveTree) -> None:
    tree.write("live/_units/data.hcl", 'locals {\n  unit = "kind"\n}\ninputs = { kind = local.unit }\n')
    tree.append(DATA / "terragrunt.hcl", 'locals {\n  unit = "own"\n}\ninputs = { own = local.unit }\n')
    inputs = configuration(tree).inputs
    assert (inputs["context"]["unit"], inputs["kind"], inputs["own"]) == ("data", "kind", "own")


def test_names_after_a_dot_and_keys_are_no_references(tree: LiveTree) -> None:
    tree.write(
        "live/_units/data.hcl",
        """\
        locals {
          made = { local = { dependency = { path = 1 } }, "include" = 2 }
        }
        inputs = {
          values = [for local_value in [local.made] : local_value.local.dependency.path]
          other  = local.made["include"]
        }
        """,
    )
    assert configuration(tree).inputs["values"] == [1]
    assert configuration(tree).inputs["other"] == 2


@pytest.mark.requirement("PLT-17")
def test_an_exclude_is_read_and_refused_where_it_holds(tree: LiveTree) -> None:
    tree.write("live/_units/data.hcl", 'exclude {\n  if = 1 > 2\n  actions = ["all"]\n}\n')
    configuration(tree)
    tree.replace("live/_units/data.hcl", "1 > 2", "2 > 1")
    with pytest.raises(Failure, match="an exclude that holds for a unit is outside the subset"):
        configuration(tree)


def test_what_is_closer_to_the_unit_wins(tree: LiveTree) -> None:
    tree.replace("terragrunt.hcl", "context =", "one = 1, two = 1, three = 1, context =")
    tree.write("live/_units/data.hcl", "inputs = { two = 2, three = 2 }\n")
    tree.append(DATA / "terragrunt.hcl", "inputs = { three = 3 }\n")
    merged = configuration(tree)
    assert [merged.inputs[name] for name in ("one", "two", "three")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("block", "name"),
    [
        ('generate "x" {\n  path = "a"\n  if_exists = "skip"\n  contents = ""\n}\n', 'generate "x"'),
        ('dependency "x" {\n  config_path = "../service"\n}\n', 'dependency "x"'),
    ],
)
def test_two_files_do_not_use_one_name_where_terragrunt_would_merge_otherwise(
    tree: LiveTree, block: str, name: str
) -> None:
    tree.replace(DATA / "terragrunt.hcl", 'data.hcl"\n', 'data.hcl"\n  merge_strategy = "deep"\n')
    tree.write("live/_units/data.hcl", block)
    tree.append(DATA / "terragrunt.hcl", block)
    failure = refusal(tree)
    assert f"{name} is defined at" in failure.problem
    assert "live/_units/data.hcl, line 1 already" in failure.problem
    assert str(failure.where).endswith(f"{DATA}/terragrunt.hcl, line 9")


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [("shallow", {"b": [2]}), ("deep", {"a": 1, "b": [1, 2]})],
)
def test_an_include_merges_by_its_own_strategy(tree: LiveTree, strategy: str, expected: dict[str, Any]) -> None:
    tree.write("live/_units/data.hcl", "inputs = { nested = { a = 1, b = [1] } }\n")
    tree.replace(DATA / "terragrunt.hcl", 'data.hcl"\n', f'data.hcl"\n  merge_strategy = "{strategy}"\n')
    tree.append(DATA / "terragrunt.hcl", "inputs = { nested = { b = [2] } }\n")
    assert configuration(tree).inputs["nested"] == expected


def test_hooks_keep_the_order_of_their_declaration(tree: LiveTree) -> None:
    hook = '  %s_hook "%s" {\n    commands = ["plan"]\n    execute = ["true"]\n%s  }\n'
    hooks = hook % ("before", "b", "    if = false\n") + hook % ("after", "c", "    run_on_error = true\n")
    tree.replace("terragrunt.hcl", "terraform {\n", "terraform {\n" + hook % ("before", "z", "") + hooks)
    merged = configuration(tree)
    assert list(merged.before_hooks) == ["z", "b"]
    assert (merged.before_hooks["z"].if_, merged.before_hooks["b"].if_) == (True, False)
    assert merged.after_hooks["c"].run_on_error


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.booleans() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


@given(OBJECTS, OBJECTS)
def test_a_deep_merge_has_every_key_and_prefers_what_is_above(below: dict[str, Any], above: dict[str, Any]) -> None:
    merged = merge_deep(below, above)
    assert merged.keys() == below.keys() | above.keys()
    for key, value in merged.items():
        if key not in above:
            assert value == below[key]
        elif key not in below or type(below[key]) is not type(above[key]) or not isinstance(value, (dict, list)):
            assert value == above[key]
        elif isinstance(value, list):
            assert value == below[key] + above[key]


@given(OBJECTS)
def test_merging_with_nothing_changes_nothing(one: dict[str, Any]) -> None:
    assert merge_deep({}, one) == merge_deep(one, {}) == one


def test_inputs_that_read_a_dependency_wait_for_its_outputs(tree: LiveTree) -> None:
    service = Tree([tree.root / SERVICE_UNIT], {}).units[0]
    assert "data" not in service.configuration().inputs
    assert service.configuration().dependencies["data"].mock_outputs == {"table": {"name": "mock", "weights": [0]}}
