"""The SQL of totals: everything is counted by the database, nothing is kept beside the rows."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.states import LIVE, CallState
from voice_engine.domains.inbound.models import ActionItem, InboundCall, Voicemail
from voice_engine.domains.inbound.repository.calls import conditions
from voice_engine.domains.inbound.selection import Selection
from voice_engine.store.uow import UnitOfWork

OPEN_ITEMS = ("pending", "in_progress")


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How many calls, of which kinds; talking time is that of completed calls."""

    total: int
    active: int
    completed: int
    missed: int
    rejected: int
    talked_ms: int
    vip: int
    voicemails: int
    open_action_items: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Calls of one kind within one span. `talked_ms` is that of completed ones."""

    status: str
    calls: int
    talked_ms: int


HANDLER = sa.func.coalesce(
    Call.handled_by, sa.case((Call.answered_at.is_not(None), sa.literal("ai")), else_=sa.literal("none"))
)
"""Who dealt with a call: whom the row names, else the receptionist if anybody answered."""


async def totals(work: UnitOfWork, selection: Selection) -> Totals:
    """The totals of a selection, in one statement."""
    wanted = conditions(selection)
    ended = sa.case((Call.status == CallState.COMPLETED, sa.func.coalesce(Call.duration_ms, 0)), else_=0)
    chosen = sa.select(Call.id).join(InboundCall).where(*wanted)
    items = sa.select(sa.func.count(ActionItem.id)).where(
        ActionItem.status.in_(OPEN_ITEMS), ActionItem.call_id.in_(chosen)
    )
    left = sa.select(sa.func.count(Voicemail.id)).where(Voicemail.call_id.in_(chosen))
    statement = (
        sa.select(
            sa.func.count(Call.id),
            _count(Call.status.in_(LIVE)),
            _count(Call.status == CallState.COMPLETED),
            _count(Call.status == CallState.REJECTED),
            sa.func.coalesce(sa.func.sum(ended), 0),
            _count(InboundCall.is_vip.is_(True)),
            left.scalar_subquery(),
            items.scalar_subquery(),
        )
        .join(InboundCall, InboundCall.call_id == Call.id)
        .where(*wanted)
    )
    total, active, completed, rejected, talked, vip, voicemails, open_items = (
        int(value) for value in (await work.session.execute(statement)).one()
    )
    return Totals(
        total=total,
        active=active,
        completed=completed,
        missed=total - active - completed - rejected,
        rejected=rejected,
        talked_ms=talked,
        vip=vip,
        voicemails=voicemails,
        open_action_items=open_items,
    )


async def by_quarter_hour(work: UnitOfWork, selection: Selection) -> Sequence[tuple[dt.datetime, Counted]]:
    """Calls by quarter of an hour (UTC) and state: the finest step between zones, so that days and hours of any
    zone add up from it, and daylight saving with them."""
    started = _epoch_s(work)
    quarter = (started - started % 900).label("quarter")
    statement = (
        sa.select(quarter, Call.status, sa.func.count(Call.id), sa.func.sum(sa.func.coalesce(Call.duration_ms, 0)))
        .join(InboundCall, InboundCall.call_id == Call.id)
        .where(*conditions(selection))
        .group_by(quarter, Call.status)
    )
    return [
        (
            dt.datetime.fromtimestamp(int(at), dt.UTC),
            Counted(status=status, calls=int(calls), talked_ms=int(talked) if status == CallState.COMPLETED else 0),
        )
        for at, status, calls, talked in (await work.session.execute(statement)).all()
    ]


async def top_callers(
    work: UnitOfWork, selection: Selection, *, limit: int
) -> Sequence[tuple[str | None, str | None, int]]:
    """Who called most: number, newest name, how often. Withheld numbers count as one caller."""
    times = sa.func.count(Call.id)
    statement = (
        sa.select(Call.from_number, sa.func.max(InboundCall.caller_name), times)
        .join(InboundCall, InboundCall.call_id == Call.id)
        .where(*conditions(selection))
        .group_by(Call.from_number)
        .order_by(times.desc(), Call.from_number)
        .limit(limit)
    )
    return [(number, name, int(calls)) for number, name, calls in (await work.session.execute(statement)).all()]


async def by_handler(work: UnitOfWork, selection: Selection) -> dict[str, int]:
    """How many calls each kind of handler dealt with."""
    statement = (
        sa.select(HANDLER, sa.func.count(Call.id))
        .join(InboundCall, InboundCall.call_id == Call.id)
        .where(*conditions(selection), Call.status.not_in(LIVE))
        .group_by(HANDLER)
    )
    return {str(handler): int(calls) for handler, calls in (await work.session.execute(statement)).all()}


async def count_active(work: UnitOfWork) -> int:
    """How many inbound calls are up."""
    live = (Call.direction == "inbound", Call.status.in_(LIVE))
    return int(await work.session.scalar(sa.select(sa.func.count(Call.id)).where(*live)) or 0)


def _count(when: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((when, 1), else_=0)), 0)


def _epoch_s(work: UnitOfWork) -> sa.ColumnElement[int]:
    """When a call came in, in whole seconds since 1970."""
    if work.session.get_bind().dialect.name == "postgresql":
        return sa.cast(sa.func.floor(sa.extract("epoch", Call.created_at)), sa.BigInteger)
    return sa.cast(sa.func.strftime("%s", Call.created_at), sa.BigInteger)
