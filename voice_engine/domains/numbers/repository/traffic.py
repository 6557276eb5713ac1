"""What a number was used for, read from the calls."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from voice_engine.domains.calls.models import Call
from voice_engine.store.uow import UnitOfWork

MS_PER_MINUTE = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Calls to and from a number, and their connected minutes, to a tenth."""

    inbound: int
    outbound: int
    minutes: float


async def count(work: UnitOfWork, e164: str, *, since: dt.datetime) -> Traffic:
    """The organization's calls over this number since it got it, in one statement."""
    arrived = sa.and_(Call.direction == "inbound", Call.to_number == e164)
    placed = sa.and_(Call.direction == "outbound", Call.from_number == e164)
    sums = sa.select(
        sa.func.coalesce(sa.func.sum(sa.case((arrived, 1), else_=0)), 0),
        sa.func.coalesce(sa.func.sum(sa.case((placed, 1), else_=0)), 0),
        sa.func.coalesce(sa.func.sum(Call.duration_ms), 0),
    )
    over_number = (sa.or_(arrived, placed), Call.created_at >= since)
    inbound, outbound, connected_ms = (await work.session.execute(sums.where(*over_number))).one()
    minutes = round(int(connected_ms) / MS_PER_MINUTE, 1)
    return Traffic(inbound=int(inbound), outbound=int(outbound), minutes=minutes)
