"""What the live tree says about every unit before anything is planned: state, provider, settings, mocks."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
import yaml

from policies.hcl.syntax import Attribute, Body, Call, Literal, Name, ObjectOf, expressions, parse, read
from tests.hcl import constant
from tools import cli
from tools.livetree import layout
from tools.livetree.reading.source import Source
from tools.livetree.reading.tree import Tree, discover
from tools.livetree.reading.units import Unit
from tools.livetree.settings import DEFAULTS, Settings, load
from tools.project import ROOT

ENVIRONMENTS = layout.environments()
UNITS = [str(place).removeprefix("live/") for place in layout.units()]


@functools.cache
def environment(name: str, endpoint: str = "") -> dict[str, Unit]:
    """The units of an environment by path (dev/us-east-1/...), read with AWS_ENDPOINT_URL set to `endpoint`."""
    tree = Tree(discover(ROOT / "live" / name), {"AWS_ENDPOINT_URL": endpoint} if endpoint else {})
    return {unit.name.removeprefix("live/"): unit for unit in tree.units}


def unit(path: str) -> Unit:
    return environment(path.split("/")[0])[path]


def generated(path: str, name: str) -> Body:
    """What stands in a file that a unit generates."""
    return Source(Path(f"{path}, generate {name}"), unit(path).configuration().generated[name].contents).body


def scope(path: str) -> str:
    """Who owns a unit's state and resources: its environment, or all deployments of the account (`shared`)."""
    return "shared" if path.split("/")[2] == layout.SHARED_SYSTEM else path.split("/")[0]


def has_repositories(path: str) -> bool:
    """Whether the system of a unit keeps images."""
    outputs = ROOT / "modules" / "systems" / path.split("/")[-2] / "data" / "outputs.tf"
    names = {block.labels[0] for block in read(outputs).body.named("output")} if outputs.exists() else set()
    return bool(names & {"repositories", "repository"})


def settings(path: str) -> Settings:
    return load(path.split("/")[0])


@pytest.mark.requirement("PLT-10")
@pytest.mark.parametrize("path", UNITS)
def test_the_state_lies_encrypted_and_locked_under_the_path_of_the_unit(path: str) -> None:
    state = unit(path).configuration().remote_state
    assert state is not None
    config = state.config.model_dump()
    assert config["key"] == f"{scope(path)}/{path.partition('/')[2]}/terraform.tfstate"
    assert config["bucket"] == f"financial-event-pipelines-state-{settings(path).account_id}"
    assert config["dynamodb_table"] == "financial-event-pipelines-locks"
    assert (config["encrypt"], config["kms_key_id"]) == (True, "alias/financial-event-pipelines-states")


@pytest.mark.requirement("PLT-03")
@pytest.mark.parametrize("path", UNITS)
def test_a_setting_that_a_file_leaves_out_is_its_default(path: str) -> None:
    context = unit(path).configuration().inputs["context"]
    written = settings(path).model_fields_set
    expected = {
        name: getattr(settings(path), name) if name in written else default for name, default in DEFAULTS.items()
    }
    if not has_repositories(path):
        expected["packaging"] = "zip"
    assert {name: context[name] for name in DEFAULTS} == expected


@pytest.mark.requirement("EVT-20", "CSV-20")
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_functions_of_systems_with_repositories_run_from_images_on_aws(name: str) -> None:
    packaging = {path: unit.configuration().inputs["context"]["packaging"] for path, unit in environment(name).items()}
    assert {path.split("/")[2] for path, how in packaging.items() if how == "image"} == {"csv-upload", "payment-events"}
    assert all((how == "image") == has_repositories(path) for path, how in packaging.items())


@pytest.mark.requirement("PLT-20")
def test_on_the_emulator_images_are_chosen_for_one_command() -> None:
    variables = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "PACKAGING": "image"}
    units = Tree(discover(ROOT / "live" / "dev"), variables).units
    chosen = {each.name: each.configuration().inputs["context"]["packaging"] for each in units}
    assert all((how == "image") == has_repositories(name) for name, how in chosen.items())
    assert "image" in chosen.values()


@pytest.mark.requirement("PLT-03", "PLT-10", "PLT-11")
@pytest.mark.parametrize("path", UNITS)
def test_the_provider_admits_one_account_and_tags_everything(path: str) -> None:
    [provider] = generated(path, "provider").named("provider")
    account, owner = settings(path).account_id, settings(path).owner
    assert constant(provider.body.attributes["region"]) == path.split("/")[1]
    assert constant(provider.body.attributes["allowed_account_ids"]) == [account]
    [default_tags] = provider.body.named("default_tags")
    tags = constant(default_tags.body.attributes["tags"])
    assert set(tags) == {"Environment", "DataClassification", "Compliance", "Owner", "ManagedBy"}
    assert (tags["Environment"], tags["Owner"], tags["ManagedBy"]) == (scope(path), owner, "terragrunt")


@pytest.mark.requirement("PLT-10")
@pytest.mark.parametrize("path", UNITS)
def test_terraform_and_the_provider_are_constrained(path: str) -> None:
    [terraform] = generated(path, "versions").named("terraform")
    assert constant(terraform.body.attributes["required_version"]) == ">= 1.5"
    [providers] = terraform.body.named("required_providers")
    assert constant(providers.body.attributes["aws"])["version"] == "~> 5.0"


@pytest.mark.requirement("PLT-15")
@pytest.mark.parametrize("path", UNITS)
def test_mocked_outputs_never_reach_an_apply_or_a_destroy(path: str) -> None:
    for name, dependency in unit(path).configuration().dependencies.items():
        allowed = dependency.mock_outputs_allowed_terraform_commands
        assert sorted(allowed) == ["init", "plan", "validate"], name
        assert dependency.mock_outputs, f"{name} has no mocks: a plan of an empty account would fail"
        assert dependency.mock_outputs_merge_strategy_with_state == "deep_map_only", (
            f"a plan would fail until {name} has new outputs"
        )


@pytest.mark.requirement("PLT-13", "PLT-16")
@pytest.mark.parametrize("path", UNITS)
def test_every_unit_is_guarded_before_each_command_that_can_touch_it(path: str) -> None:
    guard = unit(path).configuration().before_hooks["unit"]
    assert {"apply", "destroy", "import", "init", "plan", "refresh", "state"} <= set(guard.commands)
    assert guard.execute[:3] == [str(ROOT / "tools" / "pipelines"), "unit", "check"]
    assert str(ROOT / "live" / path) in guard.execute


@pytest.mark.parametrize("path", UNITS)
def test_every_hook_runs_a_command_that_the_program_takes(path: str) -> None:
    for hook in unit(path).configuration().before_hooks.values():
        assert hook.execute[0] == str(ROOT / "tools" / "pipelines")
        assert callable(cli.parse(hook.execute[1:]).run)


@pytest.mark.requirement("PLT-12")
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_suffix_is_the_environments_name_unless_it_is_set(name: str) -> None:
    assert {unit.configuration().inputs["context"]["suffix"] for unit in environment(name).values()} == {
        load(name).suffix
    }


@pytest.mark.requirement("PLT-20", "PLT-25")
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_on_the_emulator_only_the_release_differs(name: str) -> None:
    def contexts(endpoint: str) -> dict[str, dict[str, object]]:
        return {path: unit.configuration().inputs["context"] for path, unit in environment(name, endpoint).items()}

    on_aws, on_emulator = contexts(""), contexts("http://127.0.0.1:4566")
    for path, context in on_aws.items():
        differing = {key for key in context if context[key] != on_emulator[path][key]}
        assert differing <= {"release_manifest", "packaging"}
        assert str(on_emulator[path]["release_manifest"]).endswith("build/release/emulator.json")
        assert on_emulator[path]["packaging"] == "zip"


@pytest.mark.requirement("EVT-21", "PLT-13")
@pytest.mark.parametrize(("name", "takes"), [("dev", True), ("staging", True), ("prod", False)])
def test_prod_alone_takes_no_events_of_a_providers_test_mode(name: str, takes: bool) -> None:
    context = unit(f"{name}/us-east-1/payment-events/service").configuration().inputs["context"]
    assert context["accept_test_events"] is takes


def test_the_root_configuration_has_a_value_for_each_setting_and_uses_it() -> None:
    body = read(ROOT / "terragrunt.hcl").body
    [merged] = [
        block.body.attributes["settings"] for block in body.named("locals") if "settings" in block.body.attributes
    ]
    assert isinstance(merged, Call)
    assert isinstance(merged.arguments[0], ObjectOf)
    written = {str(key.value) for key, _ in merged.arguments[0].items if isinstance(key, Literal)}
    defaults = yaml.safe_load((ROOT / "live" / "defaults.yaml").read_text(encoding="utf-8")).keys()
    assert written | defaults == Settings.model_fields.keys(), "give it a default in live/defaults.yaml"
    settings = Attribute(Name("local"), "settings")
    used = {node.name for node in expressions(body) if isinstance(node, Attribute) and node.of == settings}
    assert Settings.model_fields.keys() - used == set(), "hand it to the units in `inputs` of terragrunt.hcl"


def test_the_architecture_lists_what_the_root_configuration_gives_every_unit() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    text = page.partition("```hcl\n")[2].partition("\n}\n")[0] + "\n}\n"
    [block] = parse(text).body.named("variable")
    assert block.labels == ("context",)
    match block.body.attributes["type"]:
        case Call("object", (ObjectOf(fields),)):
            listed = [key.value for key, _ in fields if isinstance(key, Literal)]
    given = unit("dev/us-east-1/payment-events/service").configuration().inputs["context"]
    assert listed == sorted(given)
