from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.livetree.layout import environments
from tools.livetree.settings import DEFAULTS, Settings, WrongSettings, check, explain, load
from tools.project import ROOT

RIGHT: dict[str, Any] = {
    "account_id": "111111111111",
    "suffix": "dev",
    "owner": "payments-platform",
    "alarm_email": "alarms@example.com",
    "log_retention_days": 30,
    "backups": False,
    "destroyable": True,
    "functions_in_vpc": False,
    "packaging": "zip",
    "monthly_budget_usd": 200,
    "reserved_concurrency_percent": 100,
    "restored_tables": {"us-east-1": {"orders-dev": "orders-dev-at-20261128T090000Z"}},
    "accept_test_events": False,
}
# Setting -> values of the wrong kind, and values of the right kind outside its domain.
WRONG: dict[str, list[Any]] = {
    "account_id": [111111111111, None, "11111111111", "1111111111111", "11111111111a", "111111111111\n"],
    "suffix": [7, None, "", "Dev", "1dev", "dev-", "-dev", "de--v", "de_v", "abcdefghijklm", "dev\n"],
    "owner": [7, None, "", "x" * 257, "a\nb", "a;b"],
    "alarm_email": [7, None, "", "alarms", "alarms@", "@example.com", "a b@example.com", "a@b", "a@b@example.com"],
    "log_retention_days": ["30", None, True, 30.5, 0, 7, 14, 31, -1],
    "backups": ["true", None, 1, 0],
    "destroyable": ["true", None, 1, 0],
    "functions_in_vpc": ["true", None, 1, 0],
    "packaging": [7, None, "Zip", "tar", ""],
    "restored_tables": [
        "orders-dev",
        None,
        {"orders-dev": "orders-dev-at-20261128T090000Z"},
        {"us-east-1": {"a b": "c d"}},
    ],
    "reserved_concurrency_percent": ["100", None, True, 0, 10.5, 1001],
    "monthly_budget_usd": ["200", None, True, 0, -1, float("inf"), float("nan")],
    "accept_test_events": ["true", None, 1, 0],
}


def write(root: Path, settings: dict[str, Any] | str, environment: str = "dev") -> None:
    folder = root / "live" / environment
    folder.mkdir(parents=True, exist_ok=True)
    text = settings if isinstance(settings, str) else yaml.safe_dump(settings, sort_keys=False)
    (folder / "environment.yaml").write_text(text)


def faults(root: Path, environment: str = "dev") -> list[str]:
    with pytest.raises(WrongSettings) as raised:
        load(environment, root)
    assert raised.value.status == 2
    return [str(fault) for fault in raised.value.faults]


def line_of(root: Path, setting: str, environment: str = "dev") -> int:
    lines = (root / "live" / environment / "environment.yaml").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(f"{setting}:"))


def test_every_setting_of_the_model_is_put_to_the_test() -> None:
    assert set(RIGHT) == set(WRONG) == set(Settings.model_fields)


def test_each_setting_that_may_be_left_out_has_its_default_in_the_one_file() -> None:
    optional = {name for name, field in Settings.model_fields.items() if not field.is_required()}
    assert optional == set(DEFAULTS)


def test_the_smallest_file_takes_the_defaults(tmp_path: Path) -> None:
    write(tmp_path, {name: RIGHT[name] for name in ("account_id", "owner", "alarm_email")})
    settings = load("dev", tmp_path)
    assert settings.suffix == "dev"
    assert (settings.log_retention_days, settings.destroyable, settings.packaging) == (30, True, "image")
    assert not settings.accept_test_events


@pytest.mark.requirement("PLT-12", "PLT-13", "PLT-16")
@pytest.mark.parametrize(("setting", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_setting_is_named_with_its_file_and_line_and_what_it_takes(
    tmp_path: Path, setting: str, value: Any
) -> None:
    write(tmp_path, RIGHT | {setting: value})
    [message] = faults(tmp_path)
    problem, where, do = message.splitlines()
    assert problem.startswith(f"error: {setting} is ")
    assert where == f"  where: live/dev/environment.yaml, line {line_of(tmp_path, setting)}"
    assert Settings.model_fields[setting].description in do  # type: ignore[operator]


@pytest.mark.requirement("PLT-16")
@pytest.mark.parametrize("setting", ["account_id", "owner", "alarm_email"])
def test_a_missing_setting_is_named_with_what_it_takes(tmp_path: Path, setting: str) -> None:
    write(tmp_path, {name: value for name, value in RIGHT.items() if name != setting})
    [message] = faults(tmp_path)
    assert f"error: {setting} is missing" in message
    assert "where: live/dev/environment.yaml" in message
    assert Settings.model_fields[setting].description in message  # type: ignore[operator]


@pytest.mark.requirement("PLT-16")
@pytest.mark.parametrize(
    ("unknown", "hint"), [("acount_id", "did you mean account_id?"), ("colour", "the settings are account_id, suffix")]
)
def test_an_unknown_setting_is_refused_with_the_nearest_name(tmp_path: Path, unknown: str, hint: str) -> None:
    write(tmp_path, RIGHT | {unknown: "x"})
    [message] = faults(tmp_path)
    assert f"error: {unknown} is no setting" in message
    assert f"environment.yaml, line {line_of(tmp_path, unknown)}" in message
    assert hint in message


def test_all_faults_of_a_file_come_at_once(tmp_path: Path) -> None:
    write(tmp_path, {"account_id": 1, "owner": "", "colour": "red", "monthly_budget_usd": 0, "alarm_email": "x"})
    assert len(faults(tmp_path)) == 5


@pytest.mark.parametrize(
    ("text", "problem", "line"),
    [
        ("a: [", "the file is not YAML", 1),
        ("a: 1\nb:\n\t- 2", "the file is not YAML", 3),
        ("", "the file holds no settings", None),
        ("- a", "the file holds no settings", None),
        ("just text", "the file holds no settings", None),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str, problem: str, line: int | None) -> None:
    write(tmp_path, text)
    [message] = faults(tmp_path)
    assert problem in message
    assert (f", line {line}\n" in message) == (line is not None)


def test_a_setting_that_is_there_twice_is_refused_though_yaml_takes_the_last(tmp_path: Path) -> None:
    write(tmp_path, yaml.safe_dump(RIGHT, sort_keys=False) + "owner: others\n")
    [message] = faults(tmp_path)
    assert "owner is set twice (first on line 3)" in message
    assert f"line {len(yaml.safe_dump(RIGHT).splitlines()) + 1}" in message


def test_a_folder_whose_name_cannot_end_names_needs_a_suffix(tmp_path: Path) -> None:
    without = {name: value for name, value in RIGHT.items() if name != "suffix"}
    write(tmp_path, without, "Preview_7")
    [message] = faults(tmp_path, "Preview_7")
    assert "the folder's name Preview_7 cannot be the suffix" in message
    write(tmp_path, RIGHT, "Preview_7")
    assert load("Preview_7", tmp_path).suffix == "dev"


def test_an_environment_that_does_not_exist_is_refused_with_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, RIGHT, "staging")
    [message] = faults(tmp_path, "stagin")
    assert "there is no environment 'stagin'" in message
    assert "did you mean staging?" in message


@pytest.mark.requirement("PLT-12")
@pytest.mark.requirement("PLT-16")
def test_every_setting_is_explained_from_the_schema_with_its_value(tmp_path: Path) -> None:
    write(tmp_path, {name: value for name, value in RIGHT.items() if name != "packaging"} | {"suffix": "pr1"})
    said = explain("dev", tmp_path)
    for name, field in Settings.model_fields.items():
        assert re.search(rf"^  {name}: \S.*\n      {re.escape(str(field.description))}$", said, re.MULTILINE), name
    assert 'suffix: "pr1"\n' in said
    assert 'packaging: "image"   # not in the file: this is the default' in said


@pytest.mark.parametrize("text", ["account_id: [", "\0", "suffix: WRONG"])
def test_settings_are_explained_where_the_file_is_wrong_too(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    assert "  suffix:\n      the last part of every name" in explain("dev", tmp_path)
    assert faults(tmp_path)


def test_two_environments_may_share_an_account_but_not_its_names(tmp_path: Path) -> None:
    write(tmp_path, RIGHT, "dev")
    write(tmp_path, RIGHT | {"suffix": "preview"}, "preview")
    check(["dev", "preview"], tmp_path)
    write(tmp_path, RIGHT, "preview")
    with pytest.raises(WrongSettings, match="share account 111111111111 and suffix dev"):
        check(["preview"], tmp_path)


@pytest.mark.requirement("PLT-16")
@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1", "us-iso-east-1", "eusc-de-east-1", "virginia"])
def test_a_region_whose_arns_do_not_begin_as_ours_is_refused_by_its_folder(tmp_path: Path, region: str) -> None:
    write(tmp_path, RIGHT)
    for name in ("eu-central-1", region):
        unit = tmp_path / "live" / "dev" / name / "webhooks" / "data"
        unit.mkdir(parents=True)
        (unit / "terragrunt.hcl").touch()
    with pytest.raises(WrongSettings, match=f"the folder {region} is no region"):
        check(["dev"], tmp_path)


@pytest.mark.requirement("PLT-12")
def test_environments_of_one_account_name_one_owner_for_what_it_has_once(tmp_path: Path) -> None:
    write(tmp_path, RIGHT, "dev")
    write(tmp_path, RIGHT | {"suffix": "preview", "owner": "others"}, "preview")
    with pytest.raises(WrongSettings, match="name the owners others and payments-platform"):
        check(["preview"], tmp_path)
    write(tmp_path, RIGHT | {"suffix": "preview", "owner": "others", "account_id": "222222222222"}, "preview")
    check(["dev", "preview"], tmp_path)


@pytest.mark.requirement("PLT-03", "PLT-16")
def test_the_settings_of_this_repository_are_as_they_should_be() -> None:
    assert {"dev", "prod", "staging"} <= set(environments())
    check(environments(), ROOT)
