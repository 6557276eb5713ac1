"""Numbers on a fresh database."""

import pytest

from tests.domains.numbers.rig import NumbersRig, open_numbers
from voice_engine.store.engine import Store


@pytest.fixture
async def rig(store: Store) -> NumbersRig:
    """Ada and Bob on Pro."""
    return await open_numbers(store)
