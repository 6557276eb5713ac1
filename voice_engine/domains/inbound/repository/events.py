"""The SQL of the log of inbound events: the journal's events of inbound calls, in the order of their numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from voice_engine.domains.calls.models import Call, CallEvent
from voice_engine.domains.inbound import words
from voice_engine.store.uow import UnitOfWork

_TOLD = (*words.TOLD_AS, words.ENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """Events to be told, and the number up to which the log was looked through for them."""

    events: Sequence[CallEvent]
    upto: int
    is_all: bool


async def list_events(work: UnitOfWork, *, after: int, limit: int, call_id: str | None) -> Sequence[CallEvent]:
    """Events beyond number `after`, in order."""
    statement = (
        sa.select(CallEvent)
        .join(Call, Call.id == CallEvent.call_id)
        .where(CallEvent.sequence > after, CallEvent.type.in_(_TOLD), Call.direction == "inbound")
        .order_by(CallEvent.sequence)
        .limit(limit)
    )
    if call_id is not None:
        statement = statement.where(CallEvent.call_id == call_id)
    return (await work.session.scalars(statement)).all()


async def scan(work: UnitOfWork, *, after: int, limit: int, call_id: str | None) -> Scanned:
    """Look at the next `limit` numbers of the log, whatever they are: a follower never looks at one twice."""
    statement = (
        sa.select(CallEvent, Call.direction)
        .join(Call, Call.id == CallEvent.call_id)
        .where(CallEvent.sequence > after)
        .order_by(CallEvent.sequence)
        .limit(limit)
    )
    rows = (await work.session.execute(statement)).all()
    told = [
        event
        for event, direction in rows
        if direction == "inbound" and event.type in _TOLD and call_id in {None, event.call_id}
    ]
    return Scanned(events=told, upto=rows[-1][0].sequence if rows else after, is_all=len(rows) < limit)


async def last_number(work: UnitOfWork) -> int | None:
    """The number of the newest event of an inbound call; None: there is none."""
    statement = (
        sa.select(sa.func.max(CallEvent.sequence))
        .join(Call, Call.id == CallEvent.call_id)
        .where(CallEvent.type.in_(_TOLD), Call.direction == "inbound")
    )
    found: int | None = await work.session.scalar(statement)
    return found
