"""What came to its end lately, of all organizations, for the operator's figures; in a unit of the system."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from voice_engine.domains.calls.models import Call, CallAttempt
from voice_engine.domains.calls.states import ENDS
from voice_engine.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedCall:
    """A call that is over, whoever held it and whether or not anybody answered. `seconds`: connected time."""

    id: str
    direction: str
    status: str
    reason: str
    seconds: float


async def list_ended(work: UnitOfWork, *, since: dt.datetime) -> Sequence[EndedCall]:
    """Calls that ended since then."""
    statement = sa.select(
        Call.id, Call.direction, Call.status, Call.ended_reason, Call.duration_ms, Call.carrier_seconds
    ).where(Call.ended_at >= since, Call.status.in_(ENDS))
    return [
        EndedCall(
            id=row.id,
            direction=row.direction,
            status=row.status,
            reason=row.ended_reason or "",
            seconds=(row.carrier_seconds or 0) if row.duration_ms is None else row.duration_ms / 1000,
        )
        for row in await work.session.execute(statement)
    ]


async def list_failed_dials(work: UnitOfWork, *, since: dt.datetime) -> Sequence[tuple[str, str]]:
    """Dials since then that the carrier refused, or whose answer got lost: id and code."""
    statement = sa.select(CallAttempt.id, CallAttempt.error).where(
        CallAttempt.created_at >= since, CallAttempt.error.is_not(None)
    )
    return [(row.id, row.error) for row in await work.session.execute(statement)]
