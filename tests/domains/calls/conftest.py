"""One account and its calls."""

from pathlib import Path

import pytest

from tests.fakes.calls import CallsRig, open_calls
from voice_engine.store.engine import Store


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> CallsRig:
    """An account on the Pro plan, in New York, on a Friday at half past ten."""
    return await open_calls(store, tmp_path)
