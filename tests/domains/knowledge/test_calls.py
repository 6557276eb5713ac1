"""A call's searches: of the present state, of one assistant, bounded in time, harmless when the store is ill."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import NOW
from tests.fakes.knowledge import Library, add_house, library
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.knowledge.calls import MOST_AT_ONCE, open_searches
from voice_engine.errors import UpstreamFailed
from voice_engine.store.engine import Store


@pytest.fixture
def shelf(store: Store, tmp_path: Path) -> Library:
    return library(store, tmp_path / "blobs")


async def _house(shelf: Library) -> tuple[str, str]:
    business, assistant_id = await add_house(shelf.store)
    await shelf.service.put(
        business.organization_id, "parking", text="Parking is free.", file_id=None, file_name=None
    )
    return business.organization_id, assistant_id


async def test_what_is_put_and_deleted_counts_at_once(shelf: Library) -> None:
    organization_id, assistant_id = await _house(shelf)
    async with open_searches(shelf.store, bound_ms=5_000) as searches:
        knowledge = searches.of(assistant_id)
        (passage,) = await knowledge.search("is parking free")
        async with shelf.store.begin(organization_id) as work:
            await shelf.service.delete(work, "parking")

        assert (passage.key, passage.text) == ("parking", "Parking is free.")
        assert await knowledge.search("is parking free") == []


async def test_a_deleted_assistant_knows_nothing(shelf: Library) -> None:
    _, assistant_id = await _house(shelf)
    async with shelf.store.system("test") as work:
        deleted = sa.update(Assistant).where(Assistant.id == assistant_id).values(deleted_at=NOW + dt.timedelta(1))
        await work.session.execute(deleted)

    async with open_searches(shelf.store, bound_ms=5_000) as searches:
        assert await searches.of(assistant_id).search("is parking free") == []
        assert await searches.of("nobody").search("is parking free") == []


class _Hanging:
    """A store that never answers, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self.asked = 0

    @asynccontextmanager
    async def system(self, reason: str, *, writes: bool = True) -> AsyncIterator[None]:
        self.asked += 1
        if self._error is not None:
            raise self._error
        try:
            await asyncio.sleep(3600)
            yield
        finally:
            await asyncio.sleep(1.0)  # a driver that does not let go at once


@pytest.mark.slow
async def test_a_store_that_hangs_keeps_no_call_waiting() -> None:
    """Not even while its driver takes its time to let go; and callers do not pile up before it."""
    store = _Hanging()
    loop = asyncio.get_running_loop()
    async with open_searches(store, bound_ms=20) as searches:  # type: ignore[arg-type]
        began = loop.time()
        async with asyncio.TaskGroup() as group:
            found = [group.create_task(searches.of("a").search("parking")) for _ in range(MOST_AT_ONCE + 10)]
        waited_s = loop.time() - began

    assert all(task.result() == [] for task in found)
    assert store.asked == MOST_AT_ONCE
    assert waited_s < 0.8


@pytest.mark.parametrize(
    "error",
    [UpstreamFailed("database_busy", "busy", provider="database", retryable=True), ZeroDivisionError()],
)
async def test_a_search_that_fails_finds_nothing_and_ends_nothing(error: Exception) -> None:
    async with open_searches(_Hanging(error), bound_ms=5_000) as searches:  # type: ignore[arg-type]
        assert await searches.of("a").search("parking") == []
        assert await searches.of("a").search("parking") == []
