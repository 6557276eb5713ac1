"""A number that the carrier's account has becomes an organization's."""

import datetime as dt
from typing import Any

from voice_engine.domains.numbers import plan
from voice_engine.domains.numbers.models import NumberStatus, NumberType, PhoneNumber
from voice_engine.domains.numbers.repository import numbers
from voice_engine.domains.numbers.settings import NumberSettings
from voice_engine.ports import telephony as carrier
from voice_engine.ports.telephony import AvailableNumber, OwnedNumber
from voice_engine.store import audit
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork


async def enter(work: UnitOfWork, number: PhoneNumber, *, actor: str, now: dt.datetime) -> None:
    """Write a bought number that nobody else can have; the organization's first one is shown by its calls."""
    await numbers.lock(work)
    if not any(known.is_default_outbound for known in await numbers.list_live(work)):
        number.is_default_outbound = True
    entered = await numbers.add(work, number)
    assert entered, "whoever enters a number has taken it before"
    audit.record(work, "number.provisioned", actor=actor, at=now, subject=number.id)


def number_row(
    settings: NumberSettings,
    bought: OwnedNumber,
    *,
    organization_id: str,
    country: str,
    sms: bool,
    user_id: str | None,
    now: dt.datetime,
) -> PhoneNumber:
    """The row of a number that the account has."""
    kind = plan.kind(bought.e164)
    return PhoneNumber(
        id=new_id(),
        organization_id=organization_id,
        user_id=user_id,
        e164=bought.e164,
        type=NumberType.PROVISIONED,
        status=NumberStatus.ACTIVE,
        provider=settings.provider,
        provider_sid=bought.number_sid,
        country=country,
        area_code=plan.area_code(bought.e164),
        kind=kind,
        capabilities={"voice": bought.voice, "sms": sms, "mms": False},
        is_default_outbound=False,
        monthly_cents=settings.monthly_cents(country, kind),
        verified_at=now,
        created_at=now,
    )


def urls(settings: NumberSettings, *, name: str | None = None) -> carrier.NumberSettings:
    """Where a number's calls go, and what it is called at the carrier."""
    return carrier.NumberSettings(voice_url=settings.voice_url, status_url=settings.status_url, friendly_name=name)


def found_facts(number: AvailableNumber) -> dict[str, Any]:
    """What the search told of a number, for its row: the purchase's answer has less."""
    return {"country": number.country, "region": number.region, "locality": number.locality, "sms": number.sms}
