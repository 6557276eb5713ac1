"""The reaper's rounds as the outbox remembers them: they tell since when the database has been there."""

import datetime as dt

import sqlalchemy as sa

from voice_engine.ports.jobs import CronEntry
from voice_engine.store.outbox import OutboxRow
from voice_engine.store.uow import UnitOfWork


async def unbroken_since(
    work: UnitOfWork, entry: CronEntry, *, now: dt.datetime, back: dt.timedelta, gap: dt.timedelta
) -> dt.datetime:
    """Since when the calendar wrote this entry's slots with no gap longer than `gap`, looking back by `back`.

    `now` when it has just begun to: before that the database was away, or every worker. In a unit of the system.
    """
    slots = int(back.total_seconds() // entry.every_s) + 2
    keys = [entry.key(entry.slot(now - dt.timedelta(seconds=entry.every_s * each))) for each in range(slots)]
    written = sa.select(OutboxRow.created_at).where(OutboxRow.key.in_(keys)).order_by(OutboxRow.created_at.desc())
    since = now
    for at in await work.session.scalars(written):
        if since - at > gap:
            break
        since = min(since, at)
    return since
