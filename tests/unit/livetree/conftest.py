from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.livetree.trees import LiveTree


@pytest.fixture
def tree(tmp_path: Path) -> LiveTree:
    return LiveTree(tmp_path / "repository")
