"""The SQL of what happens in a call: its events, its transcript, its tools.

Events are numbered over the organization. Whoever numbers holds the organization's counter until the transaction
ends, so that a reader who has seen number n will never find a smaller one later.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from voice_engine.domains.calls.models import (
    Call,
    CallEvent,
    CallTimeline,
    EventSequence,
    ToolInvocation,
    TranscriptEntry,
)
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import add_up, changed_rows, insert_once


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event to be numbered. `type` is a dotted word, `payload` JSON-ready."""

    type: str
    at: dt.datetime
    payload: Mapping[str, Any] = field(default_factory=dict)


async def append(work: UnitOfWork, call: Call, happenings: Sequence[Happening]) -> list[int]:
    """Number and write events of a call; their numbers."""
    if not happenings:
        return []
    last = await _take_numbers(work, call.organization_id, len(happenings))
    numbers = list(range(last - len(happenings) + 1, last + 1))
    work.session.add_all(
        CallEvent(
            organization_id=call.organization_id,
            call_id=call.id,
            sequence=number,
            type=happening.type,
            payload=dict(happening.payload),
            at=happening.at,
        )
        for number, happening in zip(numbers, happenings, strict=True)
    )
    await work.session.flush()
    return numbers


async def list_events(
    work: UnitOfWork, *, after: int, limit: int = 200, call_id: str | None = None
) -> Sequence[CallEvent]:
    """Events of the organization (or of one of its calls) beyond number `after`, in order."""
    wanted = [CallEvent.sequence > after, *([] if call_id is None else [CallEvent.call_id == call_id])]
    statement = sa.select(CallEvent).where(*wanted).order_by(CallEvent.sequence).limit(limit)
    return (await work.session.scalars(statement)).all()


async def list_of_type(work: UnitOfWork, call_id: str, type_: str) -> Sequence[CallEvent]:
    """A call's events of one type, in order."""
    wanted = (CallEvent.call_id == call_id, CallEvent.type == type_)
    return (await work.session.scalars(sa.select(CallEvent).where(*wanted).order_by(CallEvent.sequence))).all()


async def last_sequence(work: UnitOfWork) -> int:
    """The number of the organization's newest event; 0: there is none."""
    statement = sa.select(sa.func.max(CallEvent.sequence))
    return int(await work.session.scalar(statement) or 0)


async def list_transcript(work: UnitOfWork, call_id: str) -> Sequence[TranscriptEntry]:
    """A call's transcript, in order."""
    statement = (
        sa.select(TranscriptEntry).where(TranscriptEntry.call_id == call_id).order_by(TranscriptEntry.position)
    )
    return (await work.session.scalars(statement)).all()


async def list_lines(work: UnitOfWork, call_id: str, positions: Sequence[int]) -> Sequence[TranscriptEntry]:
    """The lines of a transcript that stand in these places, in order."""
    if not positions:
        return []
    wanted = (TranscriptEntry.call_id == call_id, TranscriptEntry.position.in_(positions))
    return (
        await work.session.scalars(sa.select(TranscriptEntry).where(*wanted).order_by(TranscriptEntry.position))
    ).all()


async def replace_transcript(work: UnitOfWork, call: Call, entries: Iterable[TranscriptEntry]) -> None:
    """Write a call's transcript anew: while it is live lines may be withdrawn, and its report has the last word."""
    await changed_rows(work, sa.delete(TranscriptEntry).where(TranscriptEntry.call_id == call.id))
    work.session.add_all(entries)
    await work.session.flush()


async def keep_timeline(work: UnitOfWork, call: Call, body: Mapping[str, Any]) -> None:
    """Write a call's time axis; one that is there is replaced."""
    await changed_rows(work, sa.delete(CallTimeline).where(CallTimeline.call_id == call.id))
    work.session.add(CallTimeline(organization_id=call.organization_id, call_id=call.id, body=dict(body)))
    await work.session.flush()


async def find_timeline(work: UnitOfWork, call_id: str) -> Mapping[str, Any] | None:
    """A call's time axis; None: nobody told it, or it is kept no longer."""
    found: dict[str, Any] | None = await work.session.scalar(
        sa.select(CallTimeline.body).where(CallTimeline.call_id == call_id)
    )
    return found


async def keep_lines(work: UnitOfWork, entries: Sequence[TranscriptEntry]) -> None:
    """Write lines of a live call; a line whose place is taken replaces the one there."""
    for entry in entries:
        place = (TranscriptEntry.call_id == entry.call_id, TranscriptEntry.position == entry.position)
        await changed_rows(work, sa.delete(TranscriptEntry).where(*place))
    work.session.add_all(entries)
    await work.session.flush()


async def add_tool_uses(work: UnitOfWork, uses: Iterable[ToolInvocation]) -> None:
    """Write uses of tools; one that is there stays as it is."""
    for use in uses:
        columns = {column.key: getattr(use, column.key) for column in sa.inspect(ToolInvocation).column_attrs}
        await insert_once(work, ToolInvocation, {**columns, "id": new_id()})


async def list_tool_uses(work: UnitOfWork, call_id: str) -> Sequence[ToolInvocation]:
    """A call's uses of tools, in order."""
    statement = sa.select(ToolInvocation).where(ToolInvocation.call_id == call_id).order_by(ToolInvocation.at_ms)
    return (await work.session.scalars(statement)).all()


async def _take_numbers(work: UnitOfWork, organization_id: str, count: int) -> int:
    """Reserve numbers; the last of them."""
    return await add_up(work, EventSequence, {"organization_id": organization_id}, "last", count)
