"""All SQL of the number lists."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from voice_engine.domains.safety.models import BlockedNumber, Suppression
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows, insert_once


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """On which lists a number is: the operator's, and that of whose owners want no calls."""

    blocked: bool
    suppressed: bool


async def look_up(work: UnitOfWork, e164: str) -> Listed:
    """The number's place on the lists, in one query."""
    blocked = sa.exists().where(BlockedNumber.e164 == e164)
    suppressed = sa.exists().where(Suppression.e164 == e164)
    row = (await work.session.execute(sa.select(blocked, suppressed))).one()
    return Listed(blocked=bool(row[0]), suppressed=bool(row[1]))


async def add_blocked(work: UnitOfWork, e164: str, *, reason: str, now: dt.datetime) -> bool:
    """Block the number; whether it was not blocked before."""
    return await insert_once(work, BlockedNumber, {"e164": e164, "reason": reason, "created_at": now})


async def remove_blocked(work: UnitOfWork, e164: str) -> bool:
    """Take the number off the list; whether it was on it."""
    return await changed_rows(work, sa.delete(BlockedNumber).where(BlockedNumber.e164 == e164)) > 0


async def add_suppression(
    work: UnitOfWork, e164: str, *, source: str, call_id: str | None, now: dt.datetime
) -> bool:
    """Note that the number's owner wants no calls; whether that is new."""
    row = {"e164": e164, "source": source, "call_id": call_id, "created_at": now}
    return await insert_once(work, Suppression, row)


async def remove_suppression(work: UnitOfWork, e164: str) -> bool:
    """Forget the wish; whether there was one."""
    return await changed_rows(work, sa.delete(Suppression).where(Suppression.e164 == e164)) > 0
