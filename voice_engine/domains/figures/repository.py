"""The SQL of figures: the database counts, by steps from which days and hours of any zone add up."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.calls.timeline import LATENCY_PARTS
from voice_engine.store.uow import UnitOfWork

QUARTER_S = 900
"""Zones differ by whole quarters of an hour (tz database), so that a quarter lies in one local day and hour."""
BUCKET_MS = 20
"""How finely latencies are counted: a media frame, and far below what anybody hears."""

_TOTAL = LATENCY_PARTS.index("total")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Calls of one kind that began in one quarter of an hour (`at`, UTC)."""

    at: dt.datetime
    direction: str
    status: str
    outcome: str | None
    answered: bool
    calls: int
    talked_ms: int
    credits: Decimal


async def list_steps(work: UnitOfWork, since: dt.datetime, until: dt.datetime) -> Sequence[Step]:
    """Every step of `[since, until)` that has calls."""
    began = _epoch_s(work)
    quarter = (began - began % QUARTER_S).label("quarter")
    answered = Call.answered_at.is_not(None).label("answered")
    talked = sa.func.sum(sa.func.coalesce(Call.duration_ms, 0))
    kinds = (quarter, Call.direction, Call.status, Call.task_outcome, answered)
    credits = sa.type_coerce(sa.func.sum(Call.credits_used), Call.credits_used.type)
    statement = (
        sa.select(*kinds, sa.func.count(Call.id), talked, credits)
        .where(Call.created_at >= since, Call.created_at < until)
        .group_by(*kinds)
        .order_by(quarter)
    )
    return [
        Step(
            at=dt.datetime.fromtimestamp(int(at), dt.UTC),
            direction=direction,
            status=status,
            outcome=outcome,
            answered=bool(was_answered),
            calls=int(calls),
            talked_ms=int(talked_ms),
            credits=spent,
        )
        for at, direction, status, outcome, was_answered, calls, talked_ms, spent in await work.session.execute(
            statement
        )
    ]


async def count_latencies(work: UnitOfWork, since: dt.datetime, until: dt.datetime) -> Sequence[tuple[int, int]]:
    """How often an answer took so long: (bucket's first ms, count), by length. Turns without one are left out."""
    total_ms = TranscriptEntry.latency[_TOTAL].as_float()
    bucket = sa.cast(sa.func.floor(total_ms / BUCKET_MS), sa.Integer).label("bucket")
    statement = (
        sa.select(bucket, sa.func.count())
        .join(Call, Call.id == TranscriptEntry.call_id)
        .where(
            Call.created_at >= since,
            Call.created_at < until,
            TranscriptEntry.latency.is_not(None),
            total_ms.is_not(None),
        )
        .group_by(bucket)
        .order_by(bucket)
    )
    return [(int(step) * BUCKET_MS, int(times)) for step, times in await work.session.execute(statement)]


def _epoch_s(work: UnitOfWork) -> sa.ColumnElement[int]:
    """When a call was made or came in, in whole seconds since 1970."""
    if work.session.get_bind().dialect.name == "postgresql":
        return sa.cast(sa.func.floor(sa.extract("epoch", Call.created_at)), sa.BigInteger)
    return sa.cast(sa.func.strftime("%s", Call.created_at), sa.BigInteger)
