"""The SQL of recordings that are not in the blobs yet."""

import datetime as dt
from typing import Any

import sqlalchemy as sa

from voice_engine.domains.calls import words
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.states import ENDS
from voice_engine.store.outbox import OutboxRow
from voice_engine.store.uow import UnitOfWork


async def list_unkept(
    work: UnitOfWork, *, since: dt.datetime, before: dt.datetime, limit: int
) -> list[tuple[str, dict[str, Any]]]:
    """Calls that ended in this time, were recorded, and whose recording nobody has kept: the newest first, with the
    payload of the job that should have. In a unit of the system."""
    first_job = OutboxRow.key == sa.literal(words.KEEP_RECORDING_KEY) + Call.id
    unkept = (Call.recording_ms.is_not(None), Call.recording_key.is_(None), Call.status.in_(ENDS))
    statement = (
        sa.select(Call.id, OutboxRow.payload)
        .join(OutboxRow, first_job)
        .where(*unkept, Call.ended_at >= since, Call.ended_at < before)
        .order_by(Call.ended_at.desc())
        .limit(limit)
    )
    return [(call_id, payload) for call_id, payload in await work.session.execute(statement)]
