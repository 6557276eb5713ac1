"""The SQL of follow-ups across calls."""

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.inbound.models import ActionItem, InboundCall
from voice_engine.store.uow import UnitOfWork


async def list_page(
    work: UnitOfWork, *, statuses: Collection[str] | None, limit: int, offset: int
) -> Sequence[tuple[ActionItem, Call, InboundCall | None]]:
    """A page with the calls that they come from, newest call first, in each call's order."""
    statement = (
        sa.select(ActionItem, Call, InboundCall)
        .join(Call, Call.id == ActionItem.call_id)
        .outerjoin(InboundCall, InboundCall.call_id == Call.id)
        .where(*_wanted(statuses))
        .order_by(Call.created_at.desc(), Call.id.desc(), ActionItem.position)
        .execution_options(populate_existing=True)
    )
    rows = (await work.session.execute(statement.limit(limit).offset(offset))).all()
    return [(item, call, inbound) for item, call, inbound in rows]


async def count(work: UnitOfWork, *, statuses: Collection[str] | None = None) -> int:
    """How many there are."""
    return int(await work.session.scalar(sa.select(sa.func.count(ActionItem.id)).where(*_wanted(statuses))) or 0)


async def list_said(work: UnitOfWork, call_ids: Collection[str]) -> Mapping[str, Sequence[TranscriptEntry]]:
    """What callers said in these calls, by call, in order."""
    theirs = (TranscriptEntry.call_id.in_(list(call_ids)), TranscriptEntry.speaker == "HUMAN")
    statement = sa.select(TranscriptEntry).where(*theirs).order_by(TranscriptEntry.position)
    found: dict[str, list[TranscriptEntry]] = {}
    for entry in await work.session.scalars(statement):
        if not entry.agent:
            found.setdefault(entry.call_id, []).append(entry)
    return found


def _wanted(statuses: Collection[str] | None) -> list[sa.ColumnElement[bool]]:
    return [] if statuses is None else [ActionItem.status.in_(list(statuses))]
