"""Nothing is destroyed that was not meant: by each real Terragrunt, and by the stand-in."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.emulator.livetree.conftest import BINARIES, all_units
from tests.emulator.livetree.miniature import Miniature
from tools import project
from tools.deploy import destroy, target, terragrunt
from tools.errors import Failure
from tools.livetree import layout, settings

REGION = "live/dev/us-east-1"
WEBHOOKS = f"{REGION}/webhooks"

pytestmark = [pytest.mark.requirement("PLT-13", "PLT-15"), pytest.mark.parametrize("binary", BINARIES)]


def test_a_systems_destroy_takes_the_system_and_never_what_it_stands_on(binary: Path, miniature: Miniature) -> None:
    """Not while others stand on it, and not when the last of them goes."""
    miniature.put_states("dev")
    answer = miniature.run(binary, WEBHOOKS, *all_units(binary), "destroy")
    assert answer.returncode == 0, answer.stderr
    left = [unit for unit in miniature.units("dev") if not unit.startswith(WEBHOOKS)]
    assert miniature.standing("dev") == left
    answer = miniature.run(binary, f"{REGION}/payment-events", *all_units(binary), "destroy")
    assert answer.returncode == 0, answer.stderr
    assert miniature.standing("dev") == [unit for unit in left if "/payment-events/" not in unit]


def test_a_destroy_in_a_units_folder_takes_that_unit_only(binary: Path, miniature: Miniature) -> None:
    miniature.put_states("dev")
    answer = miniature.run(binary, f"{WEBHOOKS}/monitoring", *all_units(binary), "destroy")
    assert answer.returncode == 0, answer.stderr
    left = [unit for unit in miniature.units("dev") if unit != f"{WEBHOOKS}/monitoring"]
    assert miniature.standing("dev") == left


@pytest.mark.parametrize(
    ("unit", "line"),
    [
        ("foundation/data", "run --all destroy"),
        ("foundation/data", "destroy -auto-approve"),
        ("account/data", "destroy -auto-approve"),
        ("webhooks/data", "apply -destroy -auto-approve"),
    ],
)
def test_what_others_stand_on_is_not_destroyed(binary: Path, unit: str, line: str, miniature: Miniature) -> None:
    miniature.put_states("dev")
    answer = miniature.run(binary, f"{REGION}/{unit}", *line.split())
    assert answer.returncode == 1
    assert f"error: other units depend on {REGION}/{unit}" in answer.stdout + answer.stderr
    assert f"{WEBHOOKS}/service" in answer.stdout + answer.stderr
    assert miniature.standing("dev") == miniature.units("dev")


def test_a_whole_environment_is_destroyed_in_the_order_of_its_dependencies(binary: Path, miniature: Miniature) -> None:
    """Without what the account's other deployments use: that goes by itself, when nothing stands on it any more."""
    miniature.put_states("dev")
    answer = miniature.run(binary, "live/dev", *all_units(binary), "destroy")
    assert answer.returncode == 0, answer.stderr
    assert miniature.standing("dev") == miniature.shared_units("dev")
    for unit in miniature.shared_units("dev"):
        answer = miniature.run(binary, unit, "destroy", "-auto-approve")
        assert answer.returncode == 0, answer.stderr
    assert miniature.standing("dev") == []


@pytest.mark.parametrize(
    ("folder", "line"),
    [
        ("", "run --all destroy"),
        ("us-east-1/webhooks", "run --all destroy"),
        ("us-east-1/webhooks/data", "destroy -auto-approve"),
        ("us-east-1/webhooks/data", "apply -destroy -auto-approve"),
        ("us-east-1/webhooks/data", "plan -destroy -out=saved"),
    ],
)
def test_nothing_of_an_environment_that_is_not_destroyable_is_destroyed(
    binary: Path, folder: str, line: str, miniature: Miniature
) -> None:
    miniature.put_states("prod")
    answer = miniature.run(binary, f"live/prod/{folder}", *line.split())
    assert answer.returncode == 1
    assert "error: prod is not destroyable" in answer.stdout + answer.stderr
    assert "set `destroyable: true`" in answer.stdout + answer.stderr
    assert miniature.standing("prod") == miniature.units("prod")


@pytest.fixture
def on(binary: Path, miniature: Miniature, monkeypatch: pytest.MonkeyPatch) -> target.Target:
    """dev of the miniature, for the commands of ours that work on an environment."""
    for module in (destroy, project):
        monkeypatch.setattr(module, "ROOT", miniature.root)
    monkeypatch.setattr(layout, "folder", partial(layout.folder, root=miniature.root))
    monkeypatch.setattr(terragrunt, "find", lambda **_: terragrunt.Terragrunt(binary))
    monkeypatch.setattr(target.Target, "settings", settings.load("dev", miniature.root))
    return target.Target("dev", miniature.emulator)


def test_a_destroy_that_stopped_half_way_goes_on_when_it_is_done_again(
    on: target.Target, miniature: Miniature, capsys: pytest.CaptureFixture[str]
) -> None:
    miniature.put_states("dev", without=("webhooks/monitoring", "webhooks/service", "payment-events/monitoring"))
    dev = miniature.root / "live" / "dev"
    assert destroy.destroy(on, dev) == 0, capsys.readouterr().err
    assert miniature.standing("dev") == miniature.shared_units("dev")  # the account's, which other deployments share
    assert destroy.destroy(on, dev) == 0
    assert "nothing is left of live/dev" in capsys.readouterr().out


def test_a_unit_whose_ground_is_gone_is_told_with_the_way_out(on: target.Target, miniature: Miniature) -> None:
    miniature.put_states("dev", without=("webhooks/data",))
    with pytest.raises(Failure) as raised:
        destroy.destroy(on, miniature.root / "live" / "dev")
    assert "live/dev/us-east-1/webhooks/data, whose outputs it is destroyed with, is gone" in raised.value.problem
    assert "`make apply ENV=dev UNITS=us-east-1/webhooks/data`" in str(raised.value.do)
    assert len(miniature.standing("dev")) == len(miniature.units("dev")) - 1
