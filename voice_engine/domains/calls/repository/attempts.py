"""The SQL of dials."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from voice_engine.domains.calls.models import CallAttempt
from voice_engine.domains.calls.states import AttemptState
from voice_engine.errors import Conflict
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows


async def add(work: UnitOfWork, attempt: CallAttempt) -> None:
    """Write down a dial that is about to be made."""
    work.session.add(attempt)
    await work.session.flush()


async def find(work: UnitOfWork, attempt_id: str, *, lock: bool = False) -> CallAttempt | None:
    """The dial of this id."""
    statement = sa.select(CallAttempt).where(CallAttempt.id == attempt_id)
    statement = statement.execution_options(populate_existing=True)
    found: CallAttempt | None = await work.session.scalar(statement.with_for_update() if lock else statement)
    return found


async def find_by_job(work: UnitOfWork, job_id: str) -> CallAttempt | None:
    """The dial that this job began."""
    found: CallAttempt | None = await work.session.scalar(
        sa.select(CallAttempt).where(CallAttempt.job_id == job_id)
    )
    return found


async def find_by_sid(work: UnitOfWork, provider_sid: str) -> CallAttempt | None:
    """The dial that the carrier knows by this id."""
    found: CallAttempt | None = await work.session.scalar(
        sa.select(CallAttempt).where(CallAttempt.provider_sid == provider_sid)
    )
    return found


async def find_latest(work: UnitOfWork, call_id: str) -> CallAttempt | None:
    """The call's newest dial."""
    newest = sa.select(CallAttempt).where(CallAttempt.call_id == call_id).order_by(CallAttempt.number.desc())
    found: CallAttempt | None = await work.session.scalar(newest.limit(1).execution_options(populate_existing=True))
    return found


async def change(
    work: UnitOfWork,
    attempt_id: str,
    *,
    when: Iterable[AttemptState],
    **values: Any,  # columns
) -> bool:
    """Set columns of a dial if it stands in one of these states; whether it did."""
    statement = sa.update(CallAttempt).where(CallAttempt.id == attempt_id, CallAttempt.state.in_(list(when)))
    return await changed_rows(work, statement.values(**values)) > 0


async def bind(
    work: UnitOfWork, attempt_id: str, *, when: Iterable[AttemptState], **values: Any
) -> bool:  # columns
    """As `change`, when the carrier's id is among the columns.

    Raises:
        Conflict: `carrier_id_taken`: another dial has this id; the transaction goes on without the change.
    """
    try:
        async with work.session.begin_nested():
            return await change(work, attempt_id, when=when, **values)
    except IntegrityError as error:
        raise Conflict("carrier_id_taken", "another dial has this id of the carrier") from error


async def let_go(work: UnitOfWork, provider_sid: str) -> CallAttempt | None:
    """Take a carrier id away from the dial that was guessed to have it and was not answered under it.

    In a unit of the system; the dial, or None.
    """
    wrong = await find_by_sid(work, provider_sid)
    if wrong is None or not wrong.guessed:
        return None
    freed = {"state": AttemptState.UNKNOWN, "provider_sid": None, "placed_at": None, "guessed": False}
    return wrong if await change(work, wrong.id, when=(AttemptState.PLACED,), **freed) else None


async def advance(work: UnitOfWork, attempt_id: str, *, sequence: int, **values: Any) -> bool:  # columns
    """Set columns unless a later callback did; whether this one is the newest. Of equals the first wins."""
    newer = (CallAttempt.id == attempt_id, CallAttempt.sequence < sequence)
    return await changed_rows(work, sa.update(CallAttempt).where(*newer).values(sequence=sequence, **values)) > 0


async def known_sids(work: UnitOfWork, sids: Collection[str]) -> set[str]:
    """Which of these carrier ids belong to a dial already; in a unit of the system."""
    return set(
        await work.session.scalars(
            sa.select(CallAttempt.provider_sid).where(CallAttempt.provider_sid.in_(list(sids)))
        )
    )


async def list_unresolved(
    work: UnitOfWork, *, placing_since: dt.datetime, unknown_since: dt.datetime, limit: int
) -> Sequence[CallAttempt]:
    """Dials of which nobody knows whether they were made, for too long: made before the one time and no answer
    noted, or before the other and not found yet. Oldest first; in a unit of the system."""
    waiting = sa.or_(
        sa.and_(CallAttempt.state == AttemptState.PLACING, CallAttempt.created_at < placing_since),
        sa.and_(CallAttempt.state == AttemptState.UNKNOWN, CallAttempt.created_at < unknown_since),
    )
    statement = sa.select(CallAttempt).where(waiting).order_by(CallAttempt.created_at).limit(limit)
    return (await work.session.scalars(statement)).all()
