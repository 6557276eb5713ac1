"""Between what services know of numbers and what the wire shows."""

from collections.abc import Sequence
from typing import Any

from voice_engine.domains.numbers import plan
from voice_engine.domains.numbers.models import PhoneNumber
from voice_engine.domains.numbers.purchases import Order
from voice_engine.domains.numbers.service import Use
from voice_engine.domains.numbers.settings import NumberSettings
from voice_engine.domains.numbers.stock import Wish
from voice_engine.domains.numbers.views import Details, Ownership, Sent, Target
from voice_engine.domains.safety.countries import Country
from voice_engine.ports.telephony import AvailableNumber
from voice_engine.rest.v1.phone_numbers.schemas import (
    AvailableOut,
    CapabilitiesOut,
    ConfigurationOut,
    ConfigureIn,
    CountryOut,
    DetailsOut,
    OwnershipOut,
    PhoneNumberOut,
    PhoneNumbersOut,
    PricedDetailsOut,
    PricedOut,
    ProvisionIn,
    ReleasedOut,
    SentOut,
    TargetOut,
    UsageOut,
    VerifiedOut,
)

CURRENCY = "USD"


def order_of(body: ProvisionIn, *, user_id: str) -> Order:
    """What was asked for."""
    wish = Wish(country=body.country, area_code=body.area_code)
    return Order(wish=wish, e164=body.phone_number, user_id=user_id)


def use_of(body: ConfigureIn, e164: str) -> Use:
    """What was asked for; only what was said changes anything."""
    said = body.model_fields_set
    return Use(
        e164=e164,
        as_caller_id=body.use_as_caller_id if "use_as_caller_id" in said else None,
        as_target=body.use_as_forwarding_target if "use_as_forwarding_target" in said else None,
        label=body.label,
    )


def number_out(number: PhoneNumber) -> PhoneNumberOut:
    """A number as it stands."""
    return PhoneNumberOut(**_number_fields(number))


def numbers_out(numbers: Sequence[PhoneNumber]) -> PhoneNumbersOut:
    """All of them."""
    return PhoneNumbersOut(phone_numbers=[number_out(number) for number in numbers], total=len(numbers))


def details_out(details: Details) -> DetailsOut:
    """A number with all that is known of it."""
    number = details.number
    fields = {
        **_number_fields(number),
        "provider": number.provider,
        "provider_sid": number.provider_sid,
        "renews_at": details.renews_at,
        "configuration": ConfigurationOut(
            inbound_enabled=not number.is_own,
            recording_enabled=details.recording,
            language=details.language,
            greeting=None,
            active_rule_count=details.active_rules,
        ),
        "usage": UsageOut(
            inbound_calls=details.traffic.inbound,
            outbound_calls=details.traffic.outbound,
            minutes=details.traffic.minutes,
        ),
    }
    if number.monthly_cents is None:
        return DetailsOut(**fields)
    return PricedDetailsOut(**fields, monthly_price=number.monthly_cents / 100)


def released_out(number: PhoneNumber) -> ReleasedOut:
    """The last that is heard of a number."""
    assert number.released_at is not None, "it was released"
    return ReleasedOut(
        success=True,
        id=number.id,
        phone_number=number.e164,
        status=number.status,
        released_at=number.released_at,
    )


def country_out(country: Country, settings: NumberSettings) -> CountryOut:
    """A line of the allow list."""
    return CountryOut(
        code=country.code,
        name=country.name,
        dial_code=country.dial_code,
        can_call=True,
        can_provision=country.code in settings.countries,
        emergency_numbers=list(country.emergency_numbers),
    )


def available_out(number: AvailableNumber, settings: NumberSettings) -> AvailableOut:
    """A number for sale."""
    fields: dict[str, Any] = {
        "phone_number": number.e164,
        "friendly_name": plan.friendly(number.e164),
        "country": number.country,
        "area_code": plan.area_code(number.e164),
        "locality": number.locality,
        "region": number.region,
        "capabilities": CapabilitiesOut(voice=number.voice, sms=number.sms, mms=False),
    }
    cents = settings.monthly_cents(number.country, number.kind)
    if cents is None:
        return AvailableOut(**fields)
    return PricedOut(**fields, monthly_price=cents / 100, currency=CURRENCY)


def target_out(target: Target) -> TargetOut:
    """A forwarding target."""
    return TargetOut(
        id=target.row.id,
        phone_number=target.row.e164,
        label=target.row.label,
        verified=target.verified,
        is_default=target.row.is_default,
        used_by=list(target.used_by),
        created_at=target.row.created_at,
    )


def sent_out(sent: Sent) -> SentOut:
    """A code is on its way; the code itself is nowhere in here."""
    return SentOut(
        success=True,
        phone_number=sent.e164,
        status="pending",
        channel=sent.channel,
        expires_at=sent.expires_at,
        attempts_remaining=sent.tries_left,
        resend_after=sent.resend_after,
    )


def verified_out(number: PhoneNumber) -> VerifiedOut:
    """The right code."""
    assert number.verified_at is not None, "it was verified"
    return VerifiedOut(
        success=True,
        phone_number=number.e164,
        status="verified",
        verified=True,
        verified_at=number.verified_at,
        phone_number_id=number.id,
    )


def ownership_out(ownership: Ownership) -> OwnershipOut:
    """Proven, or a code on its way."""
    number, sent = ownership.number, ownership.sent
    return OwnershipOut(
        success=True,
        phone_number_id=number.id,
        phone_number=number.e164,
        status="verified" if sent is None else "pending",
        verified=sent is None,
        expires_at=None if sent is None else sent.expires_at,
    )


def _number_fields(number: PhoneNumber) -> dict[str, Any]:
    return {
        "id": number.id,
        "phone_number": number.e164,
        "friendly_name": number.label or plan.friendly(number.e164),
        "country": number.country,
        "area_code": number.area_code,
        "type": number.type,
        "status": number.status,
        "capabilities": CapabilitiesOut(**number.capabilities),
        "caller_id_name": number.caller_id_name,
        "forwarding_number": number.forwarding_number,
        "forwarding_enabled": number.forwarding_number is not None,
        "verified": number.is_verified,
        "is_default_outbound": number.is_default_outbound,
        "created_at": number.created_at,
    }
