"""`environment.yaml`, the one settings file of an environment: what each setting takes, and what is said of a fault.

Every fault of a file is reported at once, each with its line, before anything is evaluated or planned (PLT-16).
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from tools.errors import WRONG_INPUT, Failure
from tools.livetree.layout import LIVE, SETTINGS_FILE, check_environment, environments, folder, units
from tools.project import ROOT

# What CloudWatch Logs offers from 30 days on: the specification asks for that much (PLT-13).
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RETENTION_DAYS: Final = (
    30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
)  # fmt: skip


# The root configuration reads the same file.
DEFAULTS: Final[dict[str, Any]] = yaml.safe_load((ROOT / LIVE / "defaults.yaml").read_text(encoding="utf-8"))

# A region of AWS's standard partition: in others ARNs begin differently (`arn:aws-cn:`), and ours say `arn:aws:`.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
_REGION: Final = re.compile(r"(?!cn-)[a-z]{2}-[a-z]+-[0-9]")


# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
TableName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_.-]{3,255}$")]


def _offered(days: int) -> int:
    if days not in RETENTION_DAYS:
        raise ValueError
    return days


class Settings(BaseModel):
    """What differs between environments. A field's description says what the setting takes, as messages show it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, validate_default=True)

    account_id: Annotated[
        str, Field(pattern=r"^[0-9]{12}$", description='the 12 digits of the AWS account in quotes, as "111111111111"')
    ]
    suffix: Annotated[
        str,
        Field(
            pattern=r"^[a-z]([a-z0-9]|-[a-z0-9])*$",
            max_length=12,
            description="the last part of every name: at most 12 of a-z, 0-9 and single hyphens, beginning with a "
            "letter and not ending in a hyphen; without it, the name of the environment's folder",
        ),
    ]
    owner: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9 _.:/=+@-]{1,256}$",
            description="the team that answers for the environment: up to 256 of the letters, digits, spaces and "
            "_ . : / = + - @ that a tag takes",
        ),
    ]
    alarm_email: Annotated[
        str,
        Field(pattern=r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$", description="the e-mail address that alarms are sent to"),
    ]
    log_retention_days: Annotated[
        int,
        AfterValidator(_offered),
        Field(
            description="30 days or more, in a number that CloudWatch Logs offers: "
            f"{', '.join(map(str, RETENTION_DAYS))}"
        ),
    ] = DEFAULTS["log_retention_days"]
    destroyable: Annotated[
        bool, Field(description="true (destroy leaves nothing behind) or false (deletion protection everywhere)")
    ] = DEFAULTS["destroyable"]
    backups: Annotated[
        bool,
        Field(description="true (AWS Backup copies every table each day and keeps the copy for 35 days) or false"),
    ] = DEFAULTS["backups"]
    functions_in_vpc: Annotated[
        bool,
        Field(
            description="true or false: whether functions of systems with a network run in it; true adds the endpoints "
            "that they then need, which AWS charges for by the hour"
        ),
    ] = DEFAULTS["functions_in_vpc"]
    packaging: Annotated[
        Literal["zip", "image"],
        Field(
            description="image or zip: how the functions of systems with repositories are packed on AWS (those of "
            "others are always zips); an apply with image needs a container engine where an image is not pushed yet"
        ),
    ] = DEFAULTS["packaging"]
    reserved_concurrency_percent: Annotated[
        int,
        Field(
            ge=1,
            le=1000,
            description="a whole number from 1 to 1000: how much of the concurrency that the specification names each "
            "function reserves, at least 1; fewer for a preview that shares an account",
        ),
    ] = DEFAULTS["reserved_concurrency_percent"]
    restored_tables: Annotated[
        dict[str, dict[TableName, TableName]],
        Field(
            description="by region, the tables whose place a restored table takes, as "
            "{us-east-1: {orders-dev: orders-dev-at-20261128T090000Z}}: `pipelines system restore` says what to write"
        ),
    ] = DEFAULTS["restored_tables"]
    accept_test_events: Annotated[
        bool,
        Field(
            description="true or false: whether payment-events takes events of the providers' test modes; without it, "
            "they are rejected"
        ),
    ] = DEFAULTS["accept_test_events"]
    monthly_budget_usd: Annotated[
        float,
        Field(gt=0, allow_inf_nan=False, description="a number above 0: the US dollars a month at which alarms go out"),
    ] = DEFAULTS["monthly_budget_usd"]


class WrongSettings(Failure):
    """Every fault of the settings, each a message of three parts."""

    def __init__(self, faults: Iterable[Failure]) -> None:
        self.faults = tuple(faults)
        first = self.faults[0]
        super().__init__(first.problem, where=first.where, do=first.do, status=WRONG_INPUT)

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


def load(environment: str, root: Path = ROOT) -> Settings:
    """The settings of an environment. Raises WrongSettings with every fault of its file."""
    settings, faults = _read(environment, root)
    if settings is None or faults:
        raise WrongSettings(faults)
    return settings


def check(names: Iterable[str], root: Path = ROOT) -> None:
    """Check the settings of these environments, and compare them with the other environments of the same account.

    Environments in one account need different suffixes and the same owner, which tags what they share.

    Raises WrongSettings with every fault of every file.
    """
    read = {name: _read(name, root) for name in [*names]}
    faults = [fault for name, (_, of_one) in read.items() for fault in [*of_one, *_wrong_regions(name, root)]]
    for name, (settings, _) in read.items():
        for other in environments(root):
            theirs = None if other == name else _read(other, root)[0]
            if settings and theirs and settings.account_id == theirs.account_id:
                if settings.suffix == theirs.suffix:
                    faults.append(_shared(name, other, settings))
                if settings.owner != theirs.owner:
                    faults.append(_owned_by_two(name, other, settings, theirs))
    if faults:
        raise WrongSettings(faults)


def explain(environment: str, root: Path = ROOT) -> str:
    """Each setting of an environment: its value (where the file is valid), and what it takes."""
    settings, _ = _read(environment, root)
    lines = [f"{LIVE}/{environment}/{SETTINGS_FILE}"]
    for name, field in Settings.model_fields.items():
        shown = ""
        if settings:
            shown = f" {json.dumps(getattr(settings, name), ensure_ascii=False)}"
            shown += "" if name in settings.model_fields_set else "   # not in the file: this is the default"
        lines += [f"  {name}:{shown}", f"      {field.description}"]
    return "\n".join(lines)


def _wrong_regions(environment: str, root: Path) -> list[Failure]:
    regions = sorted({place.region for place in units(environment, root)})
    return [
        Failure(
            f"the folder {region} is no region of AWS's standard partition",
            where=f"{LIVE}/{environment}/{region}",
            do="name it as a region such as us-east-1; China, GovCloud and the sovereign clouds, where ARNs begin "
            "otherwise, are not supported",
            status=WRONG_INPUT,
        )
        for region in regions
        if not _REGION.fullmatch(region)
    ]


@dataclass(frozen=True)
class _File:
    """A settings file as it was written: the line of each key, for messages."""

    environment: str
    name: str
    lines: dict[str, int]

    def fault(self, problem: str, do: str, key: str | None = None) -> Failure:
        line = self.lines.get(key or "")
        where = f"{self.name}, line {line}" if line else self.name
        return Failure(
            problem,
            where=where,
            do=f"{do}; then `pipelines env settings --env {self.environment}` (--explain says what each setting takes)",
            status=WRONG_INPUT,
        )


def _read(environment: str, root: Path) -> tuple[Settings | None, list[Failure]]:
    path = folder(environment, root) / SETTINGS_FILE
    name = f"{LIVE}/{environment}/{SETTINGS_FILE}"
    file = _File(environment, name, {})
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        try:
            check_environment(environment, root)
        except Failure as unknown:
            return None, [unknown]
        return None, [file.fault(f"{name} does not exist", "copy the file of another environment and change it")]
    except UnicodeDecodeError as error:
        return None, [file.fault(f"the file is not UTF-8: {error.reason}", "save it as UTF-8")]
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        written = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        wrong = _File(environment, name, {"": mark.line + 1} if mark else {})
        return None, [wrong.fault(f"the file is not YAML: {problem or error}", "write one `setting: value` a line")]
    if not isinstance(node, yaml.MappingNode):
        return None, [file.fault("the file holds no settings", "write one `setting: value` a line")]

    faults: list[Failure] = []
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if str(key.value) in file.lines:
            first = file.lines[str(key.value)]
            faults.append(
                _File(environment, name, {key.value: line}).fault(
                    f"{key.value} is set twice (first on line {first})", "keep one of them", str(key.value)
                )
            )
        file.lines.setdefault(str(key.value), line)
    values = {str(key): value for key, value in written.items()}
    # The folder's name is the default of the suffix, and has to be a valid one.
    by_default = "suffix" not in values
    try:
        settings = Settings.model_validate({"suffix": environment} | values)
    except ValidationError as error:
        return None, faults + [_explained(fault, file, by_default) for fault in _one_each(error)]
    return settings, faults


def _one_each(error: ValidationError) -> list[Any]:
    by_setting: dict[Any, Any] = {}
    for fault in error.errors():
        by_setting.setdefault(fault["loc"][0], fault)
    return list(by_setting.values())


def _explained(fault: Any, file: _File, suffix_by_default: bool) -> Failure:
    key = str(fault["loc"][0])
    if fault["type"] == "extra_forbidden":
        near = difflib.get_close_matches(key, Settings.model_fields, 1)
        known = f"did you mean {near[0]}?" if near else f"the settings are {', '.join(Settings.model_fields)}"
        return file.fault(f"{key} is no setting", f"remove it, or write it as it is called ({known})", key)
    takes = f"give {Settings.model_fields[key].description}"
    if fault["type"] == "missing":
        return file.fault(f"{key} is missing", f"add `{key}: ...`: {takes}")
    if key == "suffix" and suffix_by_default:
        return file.fault(f"the folder's name {file.environment} cannot be the suffix of names", f"set suffix: {takes}")
    return file.fault(f"{key} is {_shown(fault['input'])}", takes, key)


def _shown(value: Any) -> str:
    """A value as a person would write it in YAML, with its kind where the kind may be wrong."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"the text {json.dumps(value[:60], ensure_ascii=False)}"
    if isinstance(value, (int, float)):
        return str(value)
    return (
        "a list" if isinstance(value, list) else "a mapping" if isinstance(value, dict) else f"a {type(value).__name__}"
    )


def _shared(name: str, other: str, settings: Settings) -> Failure:
    return Failure(
        f"{name} and {other} share account {settings.account_id} and suffix {settings.suffix}: their names would clash",
        where=f"live/{name}/{SETTINGS_FILE} and live/{other}/{SETTINGS_FILE}",
        do="give one of them another suffix or another account",
        status=WRONG_INPUT,
    )


def _owned_by_two(name: str, other: str, settings: Settings, theirs: Settings) -> Failure:
    return Failure(
        f"{name} and {other} share account {settings.account_id}, and name the owners {settings.owner} and "
        f"{theirs.owner}: each apply would tag what the account has once with its own",
        where=f"live/{name}/{SETTINGS_FILE} and live/{other}/{SETTINGS_FILE}",
        do="give both the same owner, or one of them another account",
        status=WRONG_INPUT,
    )
