"""The live tree, compared with the only form that it may have: what no plan and no rule of the modules sees.

`live/` and the root configuration decide where states are, which account is applied to, what a mock may stand for, and
where the modules come from. Each of them is one line, and a changed line looks harmless. So every file of the tree has
a known form, and everything else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from policies.hcl import syntax
from policies.shapes import NO_RULE
from tools.livetree.layout import LIVE, SETTINGS_FILE
from tools.livetree.settings import RETENTION_DAYS
from tools.project import ROOT

ROOT_FILE: Final = "terragrunt.hcl"
PLANS: Final = '["init", "validate", "plan"]'
TAGS: Final = ("Compliance", "DataClassification", "Environment", "ManagedBy", "Owner")

# What the root configuration says in these places, without the spaces.
SAID: Final[Mapping[str, str]] = {
    "remote_state.backend": '"s3"',
    "remote_state.config.bucket": "local.state_bucket",
    "remote_state.config.dynamodb_table": '"financial-event-pipelines-locks"',
    "remote_state.config.encrypt": "true",
    "remote_state.config.key": '"${local.scope}/${local.region}/${local.system}/${local.unit}/terraform.tfstate"',
    "remote_state.config.kms_key_id": "local.state_key",
    "remote_state.config.region": "local.state_region",
    "remote_state.generate.path": '"backend.tf"',
    "remote_state.generate.if_exists": '"overwrite_terragrunt"',
    "generate provider.path": '"provider.tf"',
    "generate provider.if_exists": '"overwrite_terragrunt"',
    "generate versions.path": '"versions_override.tf"',
    "generate versions.if_exists": '"overwrite_terragrunt"',
    "locals.state_bucket": '"financial-event-pipelines-state-${local.settings.account_id}"',
    "locals.state_key": '"alias/financial-event-pipelines-states"',
    "terraform.source": '"${get_repo_root()}/modules//systems/${local.system}/${local.unit}"',
    "terraform.before_hook unit.commands": "local.commands",
    "locals.shared": 'local.system=="account"',
    "locals.artifact_bucket": '"artifacts-${local.settings.suffix}-${local.settings.account_id}-${local.region}"',
    "exclude.if": 'path_relative_to_include()=="."',
    "errors.ignore outside_of_the_run.ignorable_errors": '[".*liesoutsideofthefolderofthisdestroy.*"]',
    "errors.ignore shared.ignorable_errors": '[".*belongstoalldeploymentsoftheaccount.*"]',
}
PROVIDER: Final = (
    '<<-EOTprovider"aws"{region="${local.region}"allowed_account_ids=["${local.settings.account_id}"]'
    "default_tags{tags=${jsonencode(local.tags)}}}EOT"
)
GUARDED: Final = frozenset({"apply", "destroy", "import", "plan", "refresh", "state", "taint", "untaint"})
"""Commands that the hook `unit` comes before: those that read or change a state."""
# Attributes that are looked at below, or that say something to people.
_ELSEWHERE: Final = frozenset({"actions", "config", "contents", "generate", "message"})
BLOCKS: Final = frozenset(
    {
        "locals",
        "remote_state",
        "generate provider",
        "generate versions",
        "terraform",
        "terraform.before_hook unit",
        "terraform.before_hook release_manifest",
        "terraform.before_hook release_publish",
        "exclude",
        "errors",
        "errors.ignore outside_of_the_run",
        "errors.ignore shared",
    }
)
DEPENDENCY: Final[Mapping[str, str]] = {
    "config_path": '"../{name}"',
    "mock_outputs": 'yamldecode(file("${{local.systems}}/${{local.system}}/{name}/mock_outputs.yaml"))',
    "mock_outputs_allowed_terraform_commands": PLANS.replace(" ", ""),
    "mock_outputs_merge_strategy_with_state": '"deep_map_only"',
}
UNIT_LOCALS: Final[Mapping[str, str]] = {
    "system": "basename(dirname(get_terragrunt_dir()))",
    "systems": '"${get_repo_root()}/modules/systems"',
}
# What an environment that keeps real money's records must have, and what no environment may have.
PROD: Final[Mapping[str, Any]] = {
    "accept_test_events": False,
    "backups": True,
    "destroyable": False,
    "functions_in_vpc": True,
}
DEFAULTS: Final[Mapping[str, Any]] = {"accept_test_events": False, "reserved_concurrency_percent": 100}


def live_faults(root: Path = ROOT) -> list[str]:
    """What is different in the live tree and the root configuration, as sentences that begin with the file."""
    if not (root / ROOT_FILE).is_file():
        return [f"{ROOT_FILE} is not there"]
    found = [f"{ROOT_FILE}: {said}" for said in _root(root / ROOT_FILE)]
    for path in sorted((root / LIVE).rglob("*")):
        name = path.relative_to(root).as_posix()
        if ".terragrunt-cache" in path.parts or (path.is_dir() and not path.is_symlink()):
            continue
        found += [f"{name}: {said}" for said in _file(path, path.relative_to(root / LIVE).parts)]
    return found


def _file(path: Path, parts: tuple[str, ...]) -> Iterator[str]:
    if path.is_symlink():
        yield f"a link to another place: {NO_RULE}"
    elif parts == ("defaults.yaml",):
        yield from _defaults(path)
    elif len(parts) == 2 and parts[0] == "_units" and path.suffix == ".hcl":
        yield from _kind_of_unit(path)
    elif len(parts) == 2 and parts[1] == SETTINGS_FILE:
        yield from _settings(path, parts[0])
    elif len(parts) == 5 and parts[-1] == ROOT_FILE:
        yield from _unit(path)
    else:
        yield f"a file of this kind: {NO_RULE}"


# The root configuration ----------------------------------------------------------------------------------------------


def _root(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    said, blocks, top = _flat(syntax.parse(text).body, text)
    for kind in sorted(set(blocks) - BLOCKS):
        yield f"the block {kind}: {NO_RULE}"
    for name in sorted(top - {"inputs"}):
        yield f"{name}: {NO_RULE}"
    for name, wanted in SAID.items():
        if said.get(name) != wanted:
            yield f"{name} is {said.get(name, 'not set')}: it must be {wanted}"
    known = {name.rpartition(".")[0] for name in SAID if not name.startswith(("locals", "terraform"))}
    for name in said:
        if name.rpartition(".")[0] in known and name not in SAID and name.rpartition(".")[2] not in _ELSEWHERE:
            yield f"{name}: {NO_RULE}"
    if said.get("generate provider.contents") != PROVIDER:
        yield f"the provider is {said.get('generate provider.contents')}: it must be {PROVIDER}"
    if 'source="hashicorp/aws"' not in said.get("generate versions.contents", ""):
        yield "the provider aws does not come from hashicorp/aws"
    commands = set(re.findall(r'"([\w-]+)"', said.get("locals.commands", "")))
    if missing := sorted(GUARDED - commands):
        yield f"locals.commands does not have {', '.join(missing)}: no hook would come before them"
    if '"unit","check","--states"' not in said.get("terraform.before_hook unit.execute", ""):
        yield "the hook `unit` does not check the unit"
    if "terraform.before_hook unit.if" in said:
        yield "the hook `unit` runs under a condition"
    yield from _tags(said)
    yield from _context(said)


def _tags(said: Mapping[str, str]) -> Iterator[str]:
    for name in TAGS:
        value = said.get(f"locals.tags.{name}", "")
        if value in ("", '""', "null") or ("local." not in value and name != "ManagedBy"):
            yield f"the tag {name} is {value or 'not set'}"


def _context(said: Mapping[str, str]) -> Iterator[str]:
    """Each setting reaches the units as it is."""
    own = {"artifact_bucket", "environment", "packaging", "region", "release_manifest"}
    given = {name.rpartition(".")[2]: value for name, value in said.items() if name.startswith("inputs.context.")}
    for name, value in given.items():
        wanted = f"local.{name}" if name in own else f"local.settings.{name}"
        if value not in (wanted, f"try({wanted}[local.region],{{}})"):
            yield f"inputs.context.{name} is {value}: it must be {wanted}"
    for name in said:
        if name.startswith("inputs.") and not name.startswith("inputs.context"):
            yield f"{name}: {NO_RULE}"


# Units ---------------------------------------------------------------------------------------------------------------


def _unit(path: Path) -> Iterator[str]:
    """A unit is its includes: the root configuration, and files of `_units`."""
    text = path.read_text(encoding="utf-8")
    said, blocks, top = _flat(syntax.parse(text).body, text)
    for name in sorted(top):
        yield f"{name}: {NO_RULE}"
    for kind in blocks:
        name = kind.partition(" ")[2]
        wanted = (
            'find_in_parent_folders("terragrunt.hcl")'
            if name == "root"
            else f'"${{get_repo_root()}}/live/_units/{name}.hcl"'
        )
        if not kind.startswith("include "):
            yield f"the block {kind}: {NO_RULE}"
        elif {key: value for key, value in said.items() if key.startswith(f"{kind}.")} != {f"{kind}.path": wanted}:
            yield f"{kind} is {said.get(f'{kind}.path', 'without a path')}: it must be {wanted} and nothing else"
    if "include root" not in blocks:
        yield "it does not include the root configuration"


def _kind_of_unit(path: Path) -> Iterator[str]:
    """What units of a kind have in common: what they depend on, mocks for plans only, and outputs as inputs."""
    text = path.read_text(encoding="utf-8")
    said, blocks, top = _flat(syntax.parse(text).body, text)
    for name in sorted(top - {"inputs"}):
        yield f"{name}: {NO_RULE}"
    names = [kind.partition(" ")[2] for kind in blocks if kind.startswith("dependency ")]
    for kind in blocks:
        if kind not in ("locals", "dependencies") and not kind.startswith("dependency "):
            yield f"the block {kind}: {NO_RULE}"
    wanted = {f"locals.{name}": value for name, value in UNIT_LOCALS.items()} if "locals" in blocks else {}
    for name in names:
        wanted |= {f"dependency {name}.{key}": value.format(name=name) for key, value in DEPENDENCY.items()}
        wanted[f"inputs.{name}"] = f"dependency.{name}.outputs"
    if "dependencies" in blocks:
        wanted["dependencies.paths"] = '["../../account/data","../../foundation/data"]'
    given = {key: value for key, value in said.items() if key != "inputs"}
    for key in sorted(set(wanted) | set(given)):
        if given.get(key) != wanted.get(key):
            yield f"{key} is {given.get(key, 'not set')}: it must be {wanted.get(key, 'left out')}"


# Settings ------------------------------------------------------------------------------------------------------------


def _settings(path: Path, environment: str) -> Iterator[str]:
    settings = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    if "log_retention_days" in settings:
        yield from _retention(settings["log_retention_days"])
    if environment.startswith("prod"):
        for name, wanted in PROD.items():
            if settings.get(name) is not wanted:
                yield f"{name} is {settings.get(name, 'not set')}: it must be {str(wanted).lower()} in {environment}"


def _defaults(path: Path) -> Iterator[str]:
    """A default is what an environment gets that says nothing: as safe as it can be where it opens something."""
    defaults = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    yield from _retention(defaults.get("log_retention_days"))
    for name, wanted in DEFAULTS.items():
        if defaults.get(name) != wanted:
            yield f"{name} is {defaults.get(name)}: it must be {str(wanted).lower()}"


def _retention(days: Any) -> Iterator[str]:
    """As the schema of the settings says it, which is not asked while a tree is only compared."""
    if days not in RETENTION_DAYS:
        yield f"log_retention_days is {days}: it must be one of {', '.join(map(str, RETENTION_DAYS))}"


# Reading -------------------------------------------------------------------------------------------------------------


def _flat(body: syntax.Body, text: str, path: str = "") -> tuple[dict[str, str], list[str], set[str]]:
    """What a file says: the text of each attribute without its spaces, by the path of its blocks and objects; the paths
    of its blocks; and the attributes at its top.
    """
    said: dict[str, str] = {}
    blocks: list[str] = []
    for name, value in body.attributes.items():
        _say(f"{path}{name}", value, text, said)
    for block in body.blocks:
        kind = path + " ".join([block.kind, *block.labels])
        blocks.append(kind)
        inner, nested, _ = _flat(block.body, text, f"{kind}.")
        said |= inner
        blocks += nested
    return said, blocks, set(body.attributes) if not path else set()


def _say(path: str, value: syntax.Expression, text: str, said: dict[str, str]) -> None:
    said[path] = re.sub(r"\s+", "", text[slice(*value.span)])
    if isinstance(value, syntax.ObjectOf):
        for key, member in value.items:
            name = key.value if isinstance(key, syntax.Literal) else key.name if isinstance(key, syntax.Name) else "?"
            _say(f"{path}.{name}", member, text, said)
