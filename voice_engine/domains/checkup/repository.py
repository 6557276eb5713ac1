"""The SQL of a look at one organization."""

import datetime as dt

import sqlalchemy as sa

from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.states import EndedReason
from voice_engine.domains.identity.models import ApiTokenRow
from voice_engine.domains.numbers.models import PhoneNumber
from voice_engine.store.uow import UnitOfWork

BROKEN = (EndedReason.ENGINE_FAILED, EndedReason.CARRIER_FAILED)


async def count_calls(work: UnitOfWork, *, since: dt.datetime) -> tuple[int, int]:
    """Calls that ended since then, and how many of them ended by a fault of ours or of the carrier."""
    broken = sa.func.sum(sa.case((Call.ended_reason.in_(BROKEN), 1), else_=0))
    statement = sa.select(sa.func.count(), broken).where(Call.ended_at >= since)
    ended, failed = (await work.session.execute(statement)).one()
    return int(ended or 0), int(failed or 0)


async def count_numbers(work: UnitOfWork) -> int:
    """Numbers of the organization."""
    return int(await work.session.scalar(sa.select(sa.func.count()).select_from(PhoneNumber)) or 0)


async def has_assistant(work: UnitOfWork, assistant_id: str | None) -> bool:
    """Whether there is this assistant, and it was not deleted."""
    if assistant_id is None:
        return False
    alive = (Assistant.id == assistant_id, Assistant.deleted_at.is_(None))
    return await work.session.scalar(sa.select(Assistant.id).where(*alive)) is not None


async def list_ending_tokens(work: UnitOfWork, *, now: dt.datetime, until: dt.datetime) -> list[ApiTokenRow]:
    """API tokens that end before `until`."""
    ending = (ApiTokenRow.revoked_at.is_(None), ApiTokenRow.expires_at > now, ApiTokenRow.expires_at < until)
    return list(await work.session.scalars(sa.select(ApiTokenRow).where(*ending).order_by(ApiTokenRow.expires_at)))
