"""Numbers over HTTP on a fresh database."""

from collections.abc import AsyncIterator

import pytest

from tests.rest.v1.phone_numbers.surface import Surface, open_surface
from voice_engine.store.engine import Store


@pytest.fixture
async def surface(store: Store) -> AsyncIterator[Surface]:
    """Ada and Bob on Pro."""
    async with open_surface(store) as opened:
        yield opened
