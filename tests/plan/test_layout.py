"""Rules for the configuration in this repository, checked in its files."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from policies.hcl.syntax import Call, blocks, expressions
from tests.hcl import constant
from tests.plan import cases
from tests.plan.environments import REGIONS
from tools.livetree import layout
from tools.livetree.reading.source import Source
from tools.livetree.settings import load
from tools.project import ROOT, display, files
from tools.release.manifest import AWS, artefacts
from tools.toolchain import DEVELOPMENT, script

ENTITIES = sorted(path.parent for path in (ROOT / "modules").glob("*/variables.tf"))
COMPOSITIONS = sorted(path.parent for path in (ROOT / "modules" / "systems").glob("*/*/variables.tf"))
UNITS = layout.units()

CACHE = ".terragrunt-cache"

TOP_LEVEL = {"live", "modules", "functions", "policies", "tests", "terragrunt.hcl", "Makefile"}
CONVENTIONAL = {
    "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "README.md", "SECURITY.md", "docs", "mise.toml", "pyproject.toml",
    "renovate.json", "requirements", "tools",
}  # fmt: skip

# PLT-14: data sources that describe the caller or make text. None looks up what somebody else created.
DATA_SOURCES = {
    "archive_file",
    "aws_availability_zones",
    "aws_caller_identity",
    "aws_iam_policy_document",
    "aws_partition",
    "aws_region",
}
KINDS = {"data", "service", "monitoring", "network"}
# From the specification: environment -> whether it may be destroyed.
ENVIRONMENTS = {"dev": True, "staging": True, "prod": False}


def names(folders: list[Path]) -> list[str]:
    return [str(folder.relative_to(ROOT)) for folder in folders]


def module_files() -> list[Path]:
    return [path for path in sorted((ROOT / "modules").rglob("*.tf")) if ".terraform" not in path.parts]


@pytest.mark.requirement("PLT-01")
def test_the_top_level_holds_what_the_layout_names_and_what_conventions_want() -> None:
    entries = {path.relative_to(ROOT).parts[0] for path in files()}
    assert TOP_LEVEL - entries == set()
    assert {entry for entry in entries - TOP_LEVEL - CONVENTIONAL if not entry.startswith(".")} == set()


@pytest.mark.requirement("PLT-02")
@pytest.mark.parametrize("module", names(ENTITIES + COMPOSITIONS))
def test_a_module_has_its_five_files(module: str) -> None:
    wanted = {"main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md"}
    assert wanted - {path.name for path in (ROOT / module).iterdir()} == set()


@pytest.mark.requirement("PLT-02", "PLT-40")
@pytest.mark.parametrize("module", names(ENTITIES))
def test_a_module_has_plan_tests_and_an_example_that_is_planned(module: str) -> None:
    folder = ROOT / "tests" / "plan" / module
    assert (folder / "tftest.yaml").is_file(), f"{display(folder)}/tftest.yaml is missing"
    assert cases.read(folder / "tftest.yaml").module == module
    assert cases.example(module), f"{module}/README.md has no hcl block that ends in `# plan: resources=<number>`"


@pytest.mark.requirement("PLT-05")
def test_handlers_are_thin_and_logic_is_free_of_aws() -> None:
    """The contracts are in `.importlinter`: the layers of a system, and what logic and common may not import."""
    command = script(DEVELOPMENT, "lint-imports")
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.requirement("PLT-10")
@pytest.mark.parametrize("module", names(ENTITIES + COMPOSITIONS))
def test_a_module_takes_terraform_from_1_5_and_the_provider_of_the_fifth_line(module: str) -> None:
    """A module with resources requires the provider. A composition that only calls modules leaves that to them."""
    [settings] = Source.read(ROOT / module / "versions.tf").body.named("terraform")
    assert re.fullmatch(r">= 1\.5(\.0)?", constant(settings.body.attributes["required_version"]))
    own = [block for path in (ROOT / module).glob("*.tf") for block in Source.read(path).body.blocks]
    uses = any(block.kind in ("data", "resource") for block in own)
    required = [
        constant(provider)["version"]
        for block in settings.body.named("required_providers")
        for provider in block.body.attributes.values()
    ]
    assert required == (["~> 5.0"] if uses else [])


@pytest.mark.requirement("PLT-14")
def test_data_sources_look_up_nothing_that_somebody_else_created() -> None:
    found = {
        (display(path), block.labels[0])
        for path in module_files()
        for block in blocks(Source.read(path).body)
        if block.kind == "data"
    }
    assert {(path, kind) for path, kind in found if kind not in DATA_SOURCES} == set()


@pytest.mark.requirement("PLT-12")
def test_nothing_in_a_module_is_random_or_of_the_moment() -> None:
    drawn = {"uuid", "bcrypt", "timestamp", "plantimestamp"}
    for path in module_files():
        body = Source.read(path).body
        called = {node.function for node in expressions(body) if isinstance(node, Call)}
        assert called & drawn == set(), display(path)
        resources = [block.labels[0] for block in body.named("resource")]
        assert [kind for kind in resources if kind.startswith(("random_", "time_"))] == [], display(path)


def test_no_module_configures_a_provider() -> None:
    assert [display(path) for path in module_files() if any(Source.read(path).body.named("provider"))] == []


@pytest.mark.requirement("PLT-03", "PLT-04")
def test_every_environment_has_the_same_units_in_the_regions_of_their_systems() -> None:
    of = {name: {place.in_environment for place in layout.units(name)} for name in layout.environments()}
    assert ENVIRONMENTS.keys() <= of.keys()
    lacking = [f"live/{name} lacks {unit}" for name in of for unit in set().union(*of.values()) - of[name]]
    assert lacking == [], "copy each from an environment that has it"
    for place in UNITS:
        assert place.unit in KINDS, f"{place} is not one of the units that a system is split into"
        composition = ROOT / "modules" / "systems" / place.system / place.unit / "main.tf"
        assert composition.is_file(), f"{place} has no composition: write {display(composition)}"
    of_system: dict[str, dict[str, set[str]]] = {}
    for place in UNITS:
        of_system.setdefault(place.system, {}).setdefault(place.region, set()).add(place.unit)
    for system, regions in of_system.items():
        assert system not in REGIONS or REGIONS[system] in regions, f"{system} belongs in {REGIONS[system]}"
        assert len(set(map(frozenset, regions.values()))) == 1, f"{system} has other units in another region: {regions}"


@pytest.mark.requirement("PLT-03")
@pytest.mark.parametrize("unit", list(map(str, UNITS)))
def test_a_unit_is_its_includes_and_nothing_that_others_share(unit: str) -> None:
    body = Source.read(ROOT / unit / "terragrunt.hcl").body
    assert {block.kind for block in body.blocks} == {"include"}
    # A unit without dependencies needs no include for its kind. A service beside a network includes that, too.
    has_network = (ROOT / unit).with_name("network").is_dir()
    wanted = ["root", Path(unit).name] + ["in_network"] * (has_network and Path(unit).name == "service")
    assert [block.labels[0] for block in body.blocks] in (["root"], wanted)
    assert set(body.attributes) <= {"inputs"}


@pytest.mark.requirement("PLT-03", "PLT-13")
def test_an_environment_has_one_settings_file_and_an_account_of_its_own() -> None:
    files = [path for path in sorted((ROOT / "live").rglob("*.yaml")) if CACHE not in path.parts]
    assert {str(path.relative_to(ROOT / "live")) for path in files} == {
        "defaults.yaml",
        *(f"{name}/environment.yaml" for name in layout.environments()),
    }
    settings = {name: load(name) for name in ENVIRONMENTS}
    assert len({each.account_id for each in settings.values()}) == len(settings)
    assert {name: each.destroyable for name, each in settings.items()} == ENVIRONMENTS


@pytest.mark.requirement("PLT-03")
def test_copies_of_an_environment_differ_in_their_settings_only() -> None:
    def tree(environment: str) -> dict[str, str]:
        folder = ROOT / "live" / environment
        files = [path for path in folder.rglob("terragrunt.hcl") if CACHE not in path.parts]
        return {str(path.relative_to(folder)): path.read_text() for path in files}

    for name in layout.environments():
        assert tree(name) == tree("dev"), f"the units of live/{name} are not those of live/dev"


@pytest.mark.requirement("PLT-25")
def test_every_function_that_is_released_is_deployed_and_explained() -> None:
    """A handler at the top of a system's folder is a function of the release."""
    in_place = {place.system for place in UNITS}
    for artefact in (each for each in artefacts(AWS) if each.system in in_place):
        mocks = ROOT / "modules" / "systems" / artefact.system / "service" / "mock_outputs.yaml"
        deployed = yaml.safe_load(mocks.read_text(encoding="utf-8"))["functions"]
        short = artefact.function.removesuffix("-function")  # the specification names handlers `processor_function.py`
        assert short in deployed, f"{display(mocks)}, functions: {short} is missing"
        outputs = Source.read(mocks.with_name("outputs.tf"))
        put_out = {outputs.text[slice(*found.span)] for found in expressions(outputs.body)}
        module = f"module.{short.replace('-', '_')}"
        for needed in (f"{module}.function", f"{module}.function.log_group.name"):
            assert needed in put_out, f"{display(outputs.path)} does not put out {needed}"
        readme = ROOT / "functions" / artefact.system.replace("-", "_") / "README.md"
        text = readme.read_text(encoding="utf-8").replace("_", "-")
        assert artefact.function in text, f"{display(readme)} does not say what {artefact.function} does"
