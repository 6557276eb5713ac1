"""The SQL of who leads a live call."""

import sqlalchemy as sa

from voice_engine.domains.calls.models import CallEvent
from voice_engine.store.uow import UnitOfWork

TURNS = ("call.takeover", "call.handed_back", "call.transferred")


async def find_lead(work: UnitOfWork, call_id: str) -> CallEvent | None:
    """The newest event by which somebody else began to lead the call."""
    statement = (
        sa.select(CallEvent)
        .where(CallEvent.call_id == call_id, CallEvent.type.in_(TURNS))
        .order_by(CallEvent.sequence.desc())
        .limit(1)
    )
    found: CallEvent | None = await work.session.scalar(statement)
    return found
