"""A desk for each test."""

from pathlib import Path

import pytest

from tests.web.dashboard.reception.rig import Desk, open_desk
from voice_engine.store.engine import Store


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    """The services of a reception."""
    return open_desk(store, tmp_path)
