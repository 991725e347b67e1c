"""What an apply or a plan lacks is told before anything is done: by each real Terragrunt, and by the stand-in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.emulator.livetree.conftest import BINARIES
from tests.emulator.livetree.miniature import Miniature
from tools.deploy.terragrunt import STAND_IN

REGION = "live/dev/us-east-1"

pytestmark = [pytest.mark.requirement("PLT-15", "PLT-17"), pytest.mark.parametrize("binary", BINARIES)]


def test_a_unit_whose_ground_is_not_applied_says_what_to_apply_first(binary: Path, miniature: Miniature) -> None:
    miniature.put_states("dev", without=("account/", "foundation/", "webhooks/service", "webhooks/monitoring"))
    before = miniature.standing("dev")
    answer = miniature.run(binary, f"{REGION}/webhooks/service", "apply", "-auto-approve")
    said = answer.stdout + answer.stderr
    assert answer.returncode == 1
    ground = f"{REGION}/account/data and {REGION}/foundation/data"
    assert f"error: {REGION}/webhooks/service depends on units that are not applied: {ground}" in said
    assert f"do: apply {ground} first" in said
    assert "detected no outputs" not in said
    assert miniature.standing("dev") == before


def test_an_account_without_bucket_is_told_with_the_command_that_makes_it(binary: Path, miniature: Miniature) -> None:
    answer = miniature.run(binary, f"{REGION}/foundation", "run", "--all", "plan")
    said = answer.stdout + answer.stderr
    assert answer.returncode == 1
    assert f"error: the state bucket {miniature.bucket('dev')} does not exist" in said
    assert "do: run `make bootstrap ENV=dev`" in said


@pytest.mark.parametrize("folder", [".", "live"])
def test_a_run_over_environments_of_several_accounts_is_refused(
    binary: Path, folder: str, miniature: Miniature
) -> None:
    for environment in miniature.accounts:
        miniature.make_account(environment)
    answer = miniature.run(binary, folder, "run", "--all", "plan")
    said = answer.stdout + answer.stderr
    assert answer.returncode == 1
    if binary == STAND_IN and folder == ".":
        assert "is the root configuration, not a unit" in said
    else:
        assert "error: this run is over environments in several accounts: dev, prod, staging" in said
    assert "do: start " in said


def test_a_release_is_at_hand_for_every_command_that_evaluates(binary: Path, miniature: Miniature) -> None:
    """In a fresh clone there is none until the hook has written it."""
    miniature.put_states("dev")
    for words in (("refresh",), ("state", "list"), ("output", "-json")):
        miniature.notes.unlink(missing_ok=True)
        answer = miniature.run(binary, f"{REGION}/webhooks/service", *words)
        assert answer.returncode == 0, (words, answer.stderr)
        assert "release manifest" in miniature.notes.read_text(), words
