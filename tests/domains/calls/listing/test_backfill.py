"""Calls of before the index are found once the job has run."""

import sqlalchemy as sa

from tests.domains.calls.listing.test_service import add, found
from tests.fakes.accounts import add_account
from tests.fakes.calls import CallsRig
from voice_engine.domains.calls import words
from voice_engine.domains.calls.listing import backfill
from voice_engine.domains.calls.listing.models import CallTerms
from voice_engine.store.outbox import Job, enqueue


async def test_calls_without_an_entry_are_indexed_for_every_organization(rig: CallsRig) -> None:
    """More of them than one transaction takes."""
    other = await add_account(rig.store, "Bob")
    ours = [(await add(rig)).id for _ in range(backfill.BATCH + 3)]
    theirs = await add(rig, by=other)
    async with rig.store.system("tests") as work:
        await work.session.execute(sa.delete(CallTerms))
    assert await found(rig, text="212555") == []

    async with rig.store.system("tests") as work:
        await enqueue(work, Job(kind=words.INDEX))
    await rig.jobs.run_due()

    assert sorted(await found(rig, text="212555", limit=500)) == sorted(ours)
    assert await found(rig, by=other, text="212555") == [theirs.id]
