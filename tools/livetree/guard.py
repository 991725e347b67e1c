"""What a unit refuses before Terraform touches anything: the hook `unit` of the root configuration.

Terragrunt 0.89 includes what a unit depends on in every run, even from outside the folder of the run: a destroy of one
system would destroy what all systems depend on. And both lines of Terragrunt destroy the units of an environment one
after the other: an obstacle for one unit is found when others are already gone. So each unit judges the run by itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.errors import Failure
from tools.livetree import layout, settings, tables
from tools.livetree.caller import caller
from tools.livetree.layout import LIVE, SETTINGS_FILE, SHARED_SYSTEM, Place, environments
from tools.livetree.reading.source import Source
from tools.livetree.reading.tree import Tree, discover, repository_of
from tools.livetree.reading.units import Unit
from tools.livetree.settings import WrongSettings
from tools.livetree.state import States, backend_of
from tools.toolchain import check_for_emulator

# The bucket of the states, its region, and the alias of their key.
BackEnd = tuple[str, str, str]


def check(folder: Path, command: str, arguments: Sequence[str], states: BackEnd) -> None:
    """Raise Failure when Terraform's command must not run in the unit of this folder.

    Every command needs valid settings, `init` the bucket of the states, `apply` the units that this one depends on, and
    in the unit's state the tables that the settings name, and functions behind an API that run from what they ran from
    before. A destroy, and the plan of one, needs an environment that is
    destroyable. A destroy keeps to the folder of the run, and to units that no other unit depends on.
    """
    repository = repository_of(folder)
    environment = folder.relative_to(repository / LIVE).parts[0]
    settings.check([environment], repository)
    run = caller(os.getppid())
    wanted = run.folder_of_all_units(os.environ) if run else None
    if wanted:
        check_one_account(wanted, repository)
    program = os.environ.get("TG_CTX_TF_PATH", "")
    if command == "init":
        if program and os.environ.get("AWS_ENDPOINT_URL"):
            check_for_emulator(program)
        check_backend(states, environment)
    else:
        _check_initialised(folder, repository, program)
    if command == "apply":
        _check_dependencies_are_applied(folder)
    if command == "destroy" or _asks_to_destroy(command, arguments, os.environ):
        check_destroyable(folder, environment, repository)
    if command == "apply":
        _check_tables_are_adopted(folder, environment, repository)
        _check_packaging_stays_behind_an_api(folder)
    if command == "destroy":
        if wanted:
            _check_folder_of_run(folder, wanted, repository)
            _check_is_no_shared_unit(folder, wanted, repository)
        _check_nothing_depends_on(folder, environment, repository)


def check_one_account(wanted: Path, repository: Path) -> None:
    """Raise Failure for a run over environments in several accounts: an identity belongs to one account."""
    if not (repository / LIVE).is_relative_to(wanted):
        return
    names = environments(repository)
    if len({settings.load(name, repository).account_id for name in names}) > 1:
        raise Failure(
            f"this run is over environments in several accounts: {', '.join(names)}",
            where=str(wanted),
            do=f"start it in {LIVE}/<environment>, or in a folder below",
        )


def check_backend(states: BackEnd, environment: str) -> None:
    """Raise Failure on an account that bootstrap has not prepared: a state that cannot be written is lost."""
    bucket, region, key = states
    kept = States()
    kept.check_bucket(bucket, region, environment)
    # The emulator accepts any key.
    if not os.environ.get("AWS_ENDPOINT_URL"):
        kept.check_key(key, region, environment)


def _check_initialised(folder: Path, repository: Path, program: str) -> None:
    """Refuse a unit that was last initialised with the other program (Terraform, OpenTofu): Terragrunt does not notice.

    Each program has a registry of its own, and keeps to the lock file that the other one wrote.
    """
    lock = folder / ".terraform.lock.hcl"
    kind, registry = ("OpenTofu", "opentofu.org") if "tofu" in Path(program).name else ("Terraform", "terraform.io")
    if not program or not lock.exists():
        return
    providers = Source.read(lock).body.named("provider")
    if any(block.labels[0].startswith(f"registry.{registry}/") for block in providers):
        return
    raise Failure(
        f"{folder.relative_to(repository)} was last initialised with another program than {kind}",
        where=f"{lock.relative_to(repository)}, and .terragrunt-cache beside it",
        do=f"initialise it with {kind}, once: `terragrunt run --all init` there, or in a folder above",
    )


def _asks_to_destroy(command: str, arguments: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Whether arguments turn a plan or an apply into a destroy, on the command line or in TF_CLI_ARGS.

    A saved plan does not say that it destroys, so a plan to destroy is refused where a destroy is.
    """
    variables = (environment.get(name, "") for name in ("TF_CLI_ARGS", f"TF_CLI_ARGS_{command}"))
    words = [*arguments, *(word for text in variables for word in text.split())]
    return any(word.lstrip("-").removesuffix("=true") == "destroy" and word.startswith("-") for word in words)


def check_destroyable(folder: Path, environment: str, repository: Path) -> None:
    """Raise Failure when the environment that a folder is in may not be destroyed."""
    if settings.load(environment, repository).destroyable:
        return
    raise Failure(
        f"{environment} is not destroyable, and {folder.relative_to(repository)} is left as it is",
        where=f"{LIVE}/{environment}/{SETTINGS_FILE}, destroyable",
        do="to lift that, set `destroyable: true` there, apply the environment, which takes the protections off, and "
        'destroy it then (README, "Removing an environment")',
    )


def _check_folder_of_run(folder: Path, wanted: Path, repository: Path) -> None:
    if folder.is_relative_to(wanted):
        return
    # The root configuration's `errors` block matches this message, so the run goes on.
    raise Failure(
        f"{folder.relative_to(repository)} lies outside of the folder of this destroy, and is left as it is",
        where=str(wanted),
        do=f"if it is to go too, start the destroy in a folder above it, or in {folder.relative_to(repository)}",
    )


def is_left_by(folder: Path, run: Path) -> bool:
    """Whether a destroy of all units in the folder `run` leaves the unit in `folder`, because deployments share it."""
    return folder.parent.name == SHARED_SYSTEM and not run.is_relative_to(folder.parent)


def _check_is_no_shared_unit(folder: Path, wanted: Path, repository: Path) -> None:
    """Refuse to destroy what the deployments of an account share together with one of them."""
    if not is_left_by(folder, wanted):
        return
    # The root configuration's `errors` block matches this message, so the run goes on.
    raise Failure(
        f"{folder.relative_to(repository)} belongs to all deployments of the account, and is left as it is",
        where=str(wanted),
        do=f"after the last of them, start the destroy in {folder.relative_to(repository)}",
    )


def _check_dependencies_are_applied(folder: Path) -> None:
    """Refuse to apply a unit before the units that it depends on."""
    tree = Tree([folder], os.environ)
    [unit] = tree.units
    states = States()
    missing = sorted(other.name for other in tree.comes_after(unit) if not states.is_applied(other))
    if missing:
        raise Failure(
            f"{unit.name} depends on units that are not applied: {' and '.join(missing)}",
            where=unit.name,
            do=f"apply {' and '.join(missing)} first, or all of them at once in a folder above them",
        )


def _unit_in(folder: Path) -> Unit:
    [unit] = [unit for unit in Tree([folder], os.environ).units if unit.folder == folder]
    return unit


def _check_tables_are_adopted(folder: Path, environment: str, repository: Path) -> None:
    """Refuse to apply a unit whose state has another table than the settings name: Terraform would replace it."""
    place = Place.of(folder)
    if place.unit != "data":
        return
    others = tables.wanted(tables.held(States().read(_unit_in(folder))), settings.load(environment, repository), place)
    if others:
        names = " and ".join(sorted(f"{table.name} ({name})" for table, name in others.items()))
        raise Failure(
            f"the settings name other tables than the state has, and an apply would delete these: {names}",
            where=f"{LIVE}/{environment}/{SETTINGS_FILE}, restored_tables",
            do=f"let the state have them first: `pipelines system restore {place.system} --adopt --env {environment}`, "
            "on AWS with --target aws; or take the setting back",
        )


def _check_packaging_stays_behind_an_api(folder: Path) -> None:
    """Refuse to take functions behind an API from zips to images, or back.

    AWS never changes that of a function, so Terraform replaces it. It makes the new one first where an API's deployment
    depends on it, because it replaces the deployment in this order; and AWS refuses a second function of one name.
    """
    wanted = json.loads(os.environ.get("TF_VAR_context", "{}")).get("packaging")  # noqa: SIM112 -- as Terraform wants it
    place = Place.of(folder)
    if place.unit != "service" or wanted is None:
        return
    unit = _unit_in(folder)
    resources = States().read(unit).get("resources", [])
    if not any(resource["type"] == "aws_api_gateway_deployment" for resource in resources):
        return
    others = {
        instance["attributes"]["package_type"].lower()
        for resource in resources
        if resource["type"] == "aws_lambda_function"
        for instance in resource["instances"]
    } - {wanted}
    if others:
        raise Failure(
            f"the functions of {place.system} run from {others.pop()}, the settings say {wanted}, and an apply cannot "
            "replace a function behind an API by one of the same name",
            where=f"{LIVE}/{place.environment}/{SETTINGS_FILE}, packaging",
            do=f"take the setting back; or destroy {unit.name}, which holds no data, after the unit monitoring beside "
            "it, and apply both again: the API gets another address",
        )


def _check_nothing_depends_on(folder: Path, environment: str, repository: Path) -> None:
    """Refuse to destroy a unit while another one depends on it, directly or through others, in any environment."""
    tree = Tree(_folders_of_account(environment, repository), os.environ)
    [ours] = [backend_of(unit) for unit in tree.units if unit.folder == folder]
    states = States()
    standing = sorted(unit.name for unit in _above(ours.key, tree) if states.holds_resources(unit))
    if standing:
        raise Failure(
            f"other units depend on {folder.relative_to(repository)}: {', '.join(standing)}",
            where=f"s3://{ours.bucket}/{ours.key}",
            do="destroy them first, or all at once in a folder above all of them",
        )


def _folders_of_account(environment: str, repository: Path) -> list[Path]:
    """The units of all environments in the account of this one: environments may share an account."""
    account = settings.load(environment, repository).account_id
    folders: list[Path] = []
    for name in environments(repository):
        try:
            if settings.load(name, repository).account_id == account:
                folders += discover(layout.folder(name, repository))
        except WrongSettings:  # in an environment that this run does not touch
            continue
    return folders


def _above(key: str, tree: Tree) -> list[Unit]:
    """The units that depend on the unit with this state key, directly or not. Units with one key are one unit."""
    below = {key}
    keys = {unit: backend_of(unit).key for unit in tree.units}
    on = {unit: {keys[other] for other in tree.comes_after(unit)} for unit in tree.units}
    while more := {keys[unit] for unit in tree.units if on[unit] & below} - below:
        below |= more
    return [unit for unit in tree.units if keys[unit] in below - {key}]
