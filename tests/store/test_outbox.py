"""Jobs are written with the deed, once a key, and may be taken back until somebody has them."""

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import add_account
from voice_engine.store import outbox
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job, OutboxRow


async def test_a_known_key_is_not_queued_again(store: Store) -> None:
    """Two enqueues of one piece of work are one row."""
    ada = await add_account(store)

    async with store.begin(ada.organization_id) as work:
        first = await outbox.enqueue(work, Job(kind="call.dial", payload={"call_id": "c"}, key="dial:c"))
        second = await outbox.enqueue(work, Job(kind="call.dial", payload={"call_id": "c"}, key="dial:c"))

    assert first is not None
    assert second is None


async def test_a_job_is_taken_back_once_and_not_after_it_was_taken(store: Store) -> None:
    """Cancel is a compare-and-set against the worker."""
    ada = await add_account(store)
    async with store.begin(ada.organization_id) as work:
        await outbox.enqueue(work, Job(kind="k", key="one"))
        await outbox.enqueue(work, Job(kind="k", key="two"))
        await work.session.execute(
            sa.update(OutboxRow).where(OutboxRow.key == "two").values(taken_at=OutboxRow.created_at)
        )

    async with store.begin(ada.organization_id) as work:
        assert await outbox.cancel(work, key="one")
        assert not await outbox.cancel(work, key="one")
        assert not await outbox.cancel(work, key="two")


async def test_a_committed_job_wakes_the_workers_once_and_a_rolled_back_one_nobody(store: Store) -> None:
    """Who is woken must find the row."""
    woken: list[str] = []
    store.announce = woken.append

    async with store.system("test") as work:
        await outbox.enqueue(work, Job(kind="k", key="one"))
        await outbox.enqueue(work, Job(kind="k", key="two"))
        before_commit = list(woken)
    with pytest.raises(RuntimeError):
        async with store.system("test") as work:
            await outbox.enqueue(work, Job(kind="k", key="three"))
            raise RuntimeError("rolled back")

    assert before_commit == []
    assert woken == ["jobs"]
