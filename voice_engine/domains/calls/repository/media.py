"""The SQL of the processes that hold calls: what each says of itself, and whether one more call fits."""

import datetime as dt

import sqlalchemy as sa

from voice_engine.domains.calls.models import Call, MediaProcess
from voice_engine.domains.calls.states import LIVE, Channel
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows

KEPT = dt.timedelta(days=1)
"""How long the row of a process that is gone stays to be looked at."""


async def say(work: UnitOfWork, owner: str, worker: str, *, places: int, draining: bool, now: dt.datetime) -> bool:
    """What this process can hold; whether it is new here. Then it takes the place of the same worker's others."""
    said = {"places": places, "draining": draining, "seen_at": now}
    if await changed_rows(work, sa.update(MediaProcess).where(MediaProcess.owner == owner).values(**said)):
        return False
    gone = sa.or_(MediaProcess.worker == worker, MediaProcess.seen_at < now - KEPT)
    await changed_rows(work, sa.delete(MediaProcess).where(gone))
    work.session.add(MediaProcess(owner=owner, worker=worker, started_at=now, **said))
    return True


async def has_place(work: UnitOfWork, *, seen_since: dt.datetime) -> bool:
    """Whether those that live and take calls can hold one more, once all that rings has been answered.

    Calls are counted over the bare table, past the tenant's filter: a number, nobody's rows. One without an owner
    rings somewhere, or is about to: whoever answers will need a place.
    """
    taking = sa.select(MediaProcess.owner, MediaProcess.places).where(
        MediaProcess.draining.is_(False), MediaProcess.seen_at >= seen_since
    )
    processes = (await work.session.execute(taking)).all()
    if not processes:
        return False
    owners = [process.owner for process in processes]
    table = sa.inspect(Call).local_table
    theirs = sa.or_(table.c.owner.in_(owners), sa.and_(table.c.owner.is_(None), table.c.handled_by.is_(None)))
    held = sa.select(sa.func.count()).select_from(table)
    taken = await work.session.scalar(held.where(table.c.status.in_(LIVE), table.c.external_id.is_(None), theirs))
    places: int = sum(process.places for process in processes)
    return int(taken or 0) < places


async def count_ringing(work: UnitOfWork) -> int:
    """How many of our dials may be answered any moment; in a unit of the system."""
    ringing = (
        Call.status.in_(LIVE),
        Call.direction == "outbound",
        Call.owner.is_(None),
        Call.answered_at.is_(None),
        Call.carrier_ended_at.is_(None),
        Call.external_id.is_(None),
        Call.channel == Channel.PSTN,
    )
    return int(await work.session.scalar(sa.select(sa.func.count(Call.id)).where(*ringing)) or 0)
