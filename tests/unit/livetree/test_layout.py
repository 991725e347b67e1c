"""What there is in `live/`: known from its folders alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.errors import Failure
from tools.livetree import layout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for unit in ("us-east-1/webhooks/data", "us-east-1/files/data", "eu-central-1/files/data"):
        folder = tmp_path / "live" / "qa" / unit
        folder.mkdir(parents=True)
        (folder / "terragrunt.hcl").touch()
    (tmp_path / "live" / "qa" / "environment.yaml").touch()
    (tmp_path / "live" / "_units").mkdir()
    return tmp_path


@pytest.mark.requirement("PLT-03")
def test_an_environment_and_its_units_are_known_from_their_folders(root: Path) -> None:
    assert layout.environments(root) == ["qa"]
    assert [str(place) for place in layout.units("qa", root)] == [
        "live/qa/eu-central-1/files/data",
        "live/qa/us-east-1/files/data",
        "live/qa/us-east-1/webhooks/data",
    ]
    assert layout.units(root=root) == layout.units("qa", root)


def test_what_terragrunt_keeps_beside_a_unit_is_no_unit(root: Path) -> None:
    kept = root / "live/qa/us-east-1/files/data/.terragrunt-cache/a/b"
    kept.mkdir(parents=True)
    (kept / "terragrunt.hcl").touch()
    assert len(layout.units("qa", root)) == 3


@pytest.mark.requirement("PLT-04")
def test_the_region_of_a_system_is_read_from_the_tree(root: Path) -> None:
    assert layout.region("qa", "webhooks", root=root) == "us-east-1"
    assert layout.region("qa", "files", "eu-central-1", root) == "eu-central-1"


@pytest.mark.parametrize(
    ("system", "region", "problem", "do"),
    [
        ("files", None, "files of qa runs in eu-central-1 and us-east-1: which one is meant?", "--region eu-central-1"),
        ("webhooks", "eu-central-1", "webhooks of qa does not run in eu-central-1", "name one of: us-east-1"),
        ("wobhooks", None, "qa has no system wobhooks", "name one of: files, webhooks"),
    ],
)
def test_a_region_that_is_not_there_or_not_clear_is_told_with_those_that_are(
    root: Path, system: str, region: str | None, problem: str, do: str
) -> None:
    with pytest.raises(Failure) as raised:
        layout.region("qa", system, region, root)
    assert raised.value.problem == problem
    assert do in (raised.value.do or "")
    assert raised.value.status == 2


def test_an_unknown_environment_is_told_with_the_nearest(root: Path) -> None:
    with pytest.raises(Failure, match="there is no environment 'qua'") as raised:
        layout.check_environment("qua", root)
    assert "did you mean qa?" in (raised.value.do or "")
