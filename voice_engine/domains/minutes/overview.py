"""What a business sees of itself at a glance: its cycle, its number, its assistant, its last days and calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import defer

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.repository.calls import UNLISTED
from voice_engine.domains.minutes.accounts import Reading
from voice_engine.domains.minutes.plans import TIERS, Feature, Tier, has
from voice_engine.domains.minutes.service import Day, MinutesService
from voice_engine.domains.numbers.models import NumberStatus, NumberType, PhoneNumber
from voice_engine.store.uow import UnitOfWork

MOST_CALLS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything at a glance. `phone_number` (E.164) is the one that callers dial, the oldest of several."""

    reading: Reading
    phone_number: str | None
    assistant: Assistant | None
    days: Sequence[Day]
    calls: Sequence[Call]


async def read_overview(work: UnitOfWork, minutes: MinutesService, *, days: int) -> Overview:
    """The overview; nothing is written. `days` (≥ 1) is how far back its days go."""
    organization = await accounts.get_organization(work, work.organization_id)
    return Overview(
        reading=await minutes.read(work),
        phone_number=await _phone_number(work),
        assistant=await _assistant(work, organization.primary_assistant_id),
        days=await minutes.list_days(work, days=days, zone=ZoneInfo(organization.timezone)),
        calls=await _recent_calls(work),
    )


def features_of(tier: Tier) -> Mapping[str, bool | int]:
    """What the plan includes, by the wire's keys."""
    return {**{feature.value: has(tier, feature) for feature in Feature}, "maxAssistants": TIERS[tier].assistants}


async def _phone_number(work: UnitOfWork) -> str | None:
    statement = (
        sa.select(PhoneNumber.e164)
        .where(PhoneNumber.type == NumberType.PROVISIONED, PhoneNumber.status == NumberStatus.ACTIVE)
        .order_by(PhoneNumber.created_at, PhoneNumber.id)
        .limit(1)
    )
    found: str | None = await work.session.scalar(statement)
    return found


async def _assistant(work: UnitOfWork, assistant_id: str | None) -> Assistant | None:
    if assistant_id is None:
        return None
    statement = sa.select(Assistant).where(Assistant.id == assistant_id, Assistant.deleted_at.is_(None))
    found: Assistant | None = await work.session.scalar(statement)
    return found


async def _recent_calls(work: UnitOfWork) -> Sequence[Call]:
    newest = sa.select(Call).order_by(Call.created_at.desc(), Call.id.desc()).limit(MOST_CALLS)
    return (await work.session.scalars(newest.options(*(defer(column) for column in UNLISTED)))).all()
