from __future__ import annotations

import pytest

from tests.emulator.fidelity.account import Account
from tools.emulator import control


@pytest.fixture
def account(emulator: control.Emulator | None) -> Account:
    """An account of the test's own: what it does there is nobody else's business."""
    if emulator is None:
        pytest.skip("how the emulator behaves is no question to a real account")
    return Account(emulator)
