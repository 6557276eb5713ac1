"""The SQL of calls and of the queue they wait in. Every change of state is compare-and-set."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, defer

from voice_engine.domains.calls.listing.index import index_calls
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.states import LIVE, CallState
from voice_engine.store.rows import is_id
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows

LINES_LOCK = 0x766F6963
"""The advisory lock of whoever counts lines ("voic"); SQLite has one writer anyway."""


_OURS = Call.external_id.is_(None)
"""Calls of our engine: no other is dialled, counted or ended by us."""

UNLISTED = (Call.spec, Call.outcome, Call.ics)
"""What no list shows, and what is long: it stays in the database until one call is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """Since when a live call's owner may have been silent, its dial unanswered, its report missing."""

    unseen_since: dt.datetime
    dialled_before: dt.datetime
    ended_before: dt.datetime


async def add_call(work: UnitOfWork, call: Call) -> Call:
    """Write a new call, to be found by lists at once."""
    work.session.add(call)
    await work.session.flush()
    await index_calls(work, [call.id])
    return call


async def find_call(work: UnitOfWork, call_id: str, *, lock: bool = False) -> Call | None:
    """The call as it stands now; with `lock`, nobody else changes it until this unit ends."""
    statement = sa.select(Call).where(Call.id == call_id).execution_options(populate_existing=True)
    found: Call | None = await work.session.scalar(statement.with_for_update() if lock else statement)
    return found


async def find_by_sid(work: UnitOfWork, provider_sid: str) -> Call | None:
    """The call that the carrier knows by this id."""
    found: Call | None = await work.session.scalar(sa.select(Call).where(Call.provider_sid == provider_sid))
    return found


async def find_organization_id(work: UnitOfWork, call_id: str) -> str | None:
    """Whose call it is; for callbacks, which know no tenant."""
    found: str | None = await work.session.scalar(sa.select(Call.organization_id).where(Call.id == call_id))
    return found


async def find_by_engine_id(work: UnitOfWork, engine_id: str) -> Call | None:
    """The call that the engine which holds it knows by this id."""
    theirs = Call.external_id == engine_id
    which = sa.or_(Call.id == engine_id, theirs) if is_id(engine_id) else theirs
    found: Call | None = await work.session.scalar(sa.select(Call).where(which).limit(1))
    return found


async def list_calls(
    work: UnitOfWork, *, direction: str | None, limit: int, offset: int
) -> tuple[Sequence[Call], int]:
    """A page of the organization's calls, newest first, and how many there are. `direction` None: both."""
    of_direction = sa.true() if direction is None else Call.direction == direction
    newest = sa.select(Call).where(of_direction).order_by(Call.created_at.desc(), Call.id.desc())
    page = newest.limit(limit).offset(offset).options(*(defer(column) for column in UNLISTED))
    rows = (await work.session.scalars(page)).all()
    total = await work.session.scalar(sa.select(sa.func.count(Call.id)).where(of_direction))
    return rows, int(total or 0)


async def change(work: UnitOfWork, call_id: str, *, when: Iterable[CallState], **values: Any) -> bool:  # columns
    """Set columns of a call if it stands in one of these states; whether it did. The way every state changes."""
    statement = sa.update(Call).where(Call.id == call_id, Call.status.in_(list(when))).values(**values)
    return await changed_rows(work, statement) > 0


async def set_recording(work: UnitOfWork, call_id: str, key: str) -> None:
    """Note where an ended call's recording is kept."""
    await changed_rows(work, sa.update(Call).where(Call.id == call_id).values(recording_key=key))
    await index_calls(work, [call_id])


async def hold_lines(work: UnitOfWork) -> None:
    """Let nobody else count lines until this unit ends, so that two dials do not take the last one."""
    if work.session.get_bind().dialect.name == "postgresql":
        await work.session.execute(sa.select(sa.func.pg_advisory_xact_lock(LINES_LOCK)))


async def count_lines(work: UnitOfWork) -> tuple[int, int]:
    """How many calls are up in all, and of this organization.

    The first counts over the bare table, past the tenant's filter: a number of lines, nobody's rows.
    """
    table = sa.inspect(Call).local_table
    everything = await work.session.scalar(
        sa.select(sa.func.count()).select_from(table).where(table.c.status.in_(LIVE), table.c.external_id.is_(None))
    )
    own = await work.session.scalar(sa.select(sa.func.count(Call.id)).where(Call.status.in_(LIVE), _OURS))
    return int(everything or 0), int(own or 0)


async def find_next_waiting(work: UnitOfWork, *, now: dt.datetime) -> Call | None:
    """The organization's queued call whose turn it is, locked: urgent ones first, then by age.

    One that is locked is passed over: it is being cancelled or moved.
    """
    statement = (
        sa.select(Call)
        .where(*_due(now))
        .order_by(Call.is_urgent.desc(), Call.queued_at, Call.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    found: Call | None = await work.session.scalar(statement)
    return found


async def find_next_with_line(work: UnitOfWork, *, per_organization: int, now: dt.datetime) -> Call | None:
    """The queued call, of any organization that has a line left, whose turn it is; in a unit of the system."""
    up = aliased(Call)
    taken = (
        sa.select(sa.func.count(up.id))
        .where(up.organization_id == Call.organization_id, up.status.in_(LIVE), up.external_id.is_(None))
        .scalar_subquery()
    )
    statement = (
        sa.select(Call)
        .where(*_due(now), taken < per_organization)
        .order_by(Call.is_urgent.desc(), Call.queued_at, Call.id)
        .limit(1)
    )
    found: Call | None = await work.session.scalar(statement)
    return found


async def touch_owned(work: UnitOfWork, owner: str, call_ids: Sequence[str], *, now: dt.datetime) -> int:
    """Note that the media process `owner` is alive and holds these calls; how many it still holds."""
    mine = (Call.id.in_(call_ids), Call.owner == owner, Call.status.in_(LIVE))
    return await changed_rows(work, sa.update(Call).where(*mine).values(owner_seen_at=now))


async def list_owned(work: UnitOfWork, owner: str) -> Sequence[Call]:
    """The live calls that a media process holds."""
    return (await work.session.scalars(sa.select(Call).where(Call.owner == owner, Call.status.in_(LIVE)))).all()


async def list_stale(work: UnitOfWork, limits: Overdue, *, after: Call | None = None, limit: int) -> Sequence[Call]:
    """Live calls that somebody should have ended, oldest first, those behind `after`; in a unit of the system."""
    where = list(_stale(limits))
    if after is not None:
        same = sa.and_(Call.created_at == after.created_at, Call.id > after.id)
        where.append(sa.or_(Call.created_at > after.created_at, same))
    statement = sa.select(Call).where(*where).order_by(Call.created_at, Call.id).limit(limit)
    return (await work.session.scalars(statement)).all()


async def is_stale(work: UnitOfWork, call_id: str, limits: Overdue) -> bool:
    """Whether this call, which is locked, is still one of those."""
    return await work.session.scalar(sa.select(Call.id).where(Call.id == call_id, *_stale(limits))) is not None


async def list_overdue(work: UnitOfWork, *, due_before: dt.datetime, limit: int) -> Sequence[Call]:
    """Scheduled calls that nobody put into the queue in time; in a unit of the system."""
    statement = (
        sa.select(Call)
        .where(Call.status == CallState.SCHEDULED, Call.scheduled_for < due_before, _OURS)
        .order_by(Call.scheduled_for)
        .limit(limit)
    )
    return (await work.session.scalars(statement)).all()


def _stale(limits: Overdue) -> tuple[sa.ColumnElement[bool], ...]:
    """Their owner is silent, nobody ever took them, or the carrier said long ago that they are over."""
    overdue = sa.or_(
        sa.and_(Call.owner.is_not(None), Call.owner_seen_at < limits.unseen_since),
        sa.and_(Call.owner.is_(None), sa.func.coalesce(Call.started_at, Call.created_at) < limits.dialled_before),
        Call.carrier_ended_at < limits.ended_before,
    )
    return Call.status.in_(LIVE), _OURS, overdue


def _due(now: dt.datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Call.status == CallState.QUEUED,
        _OURS,
        sa.or_(Call.scheduled_for.is_(None), Call.scheduled_for <= now),
    )
