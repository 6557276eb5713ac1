"""Counters that begin where there is none."""

from tests.fakes.accounts import add_account
from voice_engine.domains.calls.models import EventSequence
from voice_engine.store.engine import Store
from voice_engine.store.upsert import add_up


async def test_a_counter_begins_at_nothing_and_goes_on(store: Store) -> None:
    """One statement each, in and across units."""
    ada, bob = await add_account(store, "Ada"), await add_account(store, "Bob")
    key = {"organization_id": ada.organization_id}
    async with store.begin(ada.organization_id) as work:
        first = [await add_up(work, EventSequence, key, "last", by) for by in (2, 3)]
    async with store.begin(ada.organization_id) as work:
        first.append(await add_up(work, EventSequence, key, "last", 1))
    async with store.begin(bob.organization_id) as work:
        other = await add_up(work, EventSequence, {"organization_id": bob.organization_id}, "last", 4)

    assert (first, other) == ([2, 5, 6], 4)
