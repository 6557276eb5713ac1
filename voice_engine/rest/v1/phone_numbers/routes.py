"""The sixteen operations on telephone numbers."""

from typing import Annotated

from fastapi import Header, Query, Request, Response

from voice_engine.domains.numbers import plan
from voice_engine.domains.numbers.assembly import NumbersDomain
from voice_engine.domains.numbers.stock import Wish
from voice_engine.domains.safety.countries import countries_by_name
from voice_engine.errors import NotFound
from voice_engine.rest.security import Caller, Principal
from voice_engine.rest.v1.phone_numbers.converting import (
    available_out,
    country_out,
    details_out,
    number_out,
    numbers_out,
    order_of,
    ownership_out,
    released_out,
    sent_out,
    target_out,
    use_of,
    verified_out,
)
from voice_engine.rest.v1.phone_numbers.schemas import (
    AvailableListOut,
    CallerIdIn,
    ConfigureIn,
    CountriesOut,
    CountryCode,
    DetailsOut,
    ForwardingIn,
    OwnershipIn,
    OwnershipOut,
    PhoneNumberOut,
    PhoneNumbersOut,
    PricedDetailsOut,
    ProvisionIn,
    ReleasedOut,
    SentOut,
    TargetIn,
    TargetOut,
    TargetsOut,
    VerifiedOut,
    VerifyCheckIn,
    VerifyStartIn,
)
from voice_engine.rest.v1.router import operation, services_of, v1_router
from voice_engine.store.idempotency import KeyedRequest, hash_body

PROVISION = "POST /v1/phone-numbers/provision"

router = v1_router("Phone Numbers")

IdempotencyKey = Annotated[str | None, Header(min_length=1, max_length=255)]


@router.get("/v1/phone-numbers/supported-countries", openapi_extra=operation("calls:read"))
async def list_supported_countries(caller: Caller, request: Request) -> CountriesOut:
    """Which countries can be called, and where numbers can be had."""
    settings = _numbers(request).service.settings
    countries = [country_out(country, settings) for country in countries_by_name()]
    return CountriesOut(countries=countries, total=len(countries))


@router.get("/v1/phone-numbers/forwarding-targets", openapi_extra=operation("calls:read"))
async def list_forwarding_targets(caller: Caller, request: Request) -> TargetsOut:
    """Phones that calls can be handed to, the default first."""
    async with services_of(request).store.read(caller.organization_id) as work:
        targets = [target_out(target) for target in await _numbers(request).service.list_targets(work)]
    return TargetsOut(targets=targets, total=len(targets))


@router.get("/v1/phone-numbers/available", openapi_extra=operation("calls:read"))
async def search_available_numbers(
    caller: Caller,
    request: Request,
    country: Annotated[CountryCode, Query()],
    area_code: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> AvailableListOut:
    """Numbers that can be bought now."""
    numbers = _numbers(request)
    found = await numbers.stock.search(Wish(country=country, area_code=area_code), limit=limit)
    shown = [available_out(number, numbers.service.settings) for number in found]
    return AvailableListOut(numbers=shown, total=len(shown))


@router.post("/v1/phone-numbers/provision", status_code=201, openapi_extra=operation("calls:write"))
async def provision_number(
    *,
    body: ProvisionIn,
    caller: Caller,
    request: Request,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> PhoneNumberOut:
    """Buy a number; its calls come here from the first moment."""
    provisioned = await _numbers(request).purchases.provision(
        caller.organization_id,
        order_of(body, user_id=caller.user_id),
        key=_keyed(body, caller, idempotency_key),
    )
    if provisioned.repeated:
        response.headers["Idempotent-Replayed"] = "true"
    return number_out(provisioned.number)


@router.post("/v1/phone-numbers/forwarding", status_code=201, openapi_extra=operation("calls:write"))
async def add_forwarding_target(body: TargetIn, caller: Caller, request: Request) -> TargetOut:
    """Add a phone of one's own that calls can be handed to."""
    raw = body.forwarding_number if body.phone_number is None else body.phone_number
    async with services_of(request).store.begin(caller.organization_id) as work:
        target = await _numbers(request).service.add_target(work, raw, label=body.label, is_default=body.is_default)
        return target_out(target)


@router.post("/v1/phone-numbers/verify/start", openapi_extra=operation("calls:write"))
async def start_phone_verification(body: VerifyStartIn, caller: Caller, request: Request) -> SentOut:
    """Send or speak a code to a phone of one's own."""
    proofs = _numbers(request).proofs
    return sent_out(await proofs.start(caller.organization_id, caller.user_id, body.phone_number, body.channel))


@router.post("/v1/phone-numbers/verify/check", openapi_extra=operation("calls:write"))
async def check_phone_verification(body: VerifyCheckIn, caller: Caller, request: Request) -> VerifiedOut:
    """Give back the code that came."""
    e164 = plan.read_e164(body.phone_number)
    if e164 is None:
        raise NotFound("verification_not_found", "no code is on its way to this number; start a verification")
    proofs = _numbers(request).proofs
    return verified_out(await proofs.check(caller.organization_id, caller.user_id, e164, body.code))


@router.post("/v1/phone-numbers/verify/configure", openapi_extra=operation("calls:write"))
async def configure_verified_number(body: ConfigureIn, caller: Caller, request: Request) -> PhoneNumberOut:
    """Use a proven number as caller id, as a forwarding target, or as both."""
    e164 = plan.read_e164(body.phone_number)
    if e164 is None:
        raise NotFound("phone_number_not_found", "you have no such number")
    return number_out(await _numbers(request).showing.configure(caller.organization_id, use_of(body, e164)))


@router.get("/v1/phone-numbers", openapi_extra=operation("calls:read"))
async def list_phone_numbers(caller: Caller, request: Request) -> PhoneNumbersOut:
    """The organization's numbers; released ones are left out."""
    async with services_of(request).store.read(caller.organization_id) as work:
        return numbers_out(await _numbers(request).service.list_all(work))


@router.get("/v1/phone-numbers/{phone_number_id}", openapi_extra=operation("calls:read"))
async def get_phone_number(phone_number_id: str, caller: Caller, request: Request) -> PhoneNumberOut:
    """One number."""
    async with services_of(request).store.read(caller.organization_id) as work:
        return number_out(await _numbers(request).service.get(work, phone_number_id))


@router.delete("/v1/phone-numbers/{phone_number_id}", openapi_extra=operation("calls:write"))
async def release_phone_number(phone_number_id: str, caller: Caller, request: Request) -> ReleasedOut:
    """Give a number up, for good."""
    async with services_of(request).store.begin(caller.organization_id) as work:
        released = await _numbers(request).service.release(work, phone_number_id, actor=caller.user_id)
        return released_out(released)


@router.put("/v1/phone-numbers/{phone_number_id}/forwarding", openapi_extra=operation("calls:write"))
async def set_number_forwarding(
    phone_number_id: str, body: ForwardingIn, caller: Caller, request: Request
) -> PhoneNumberOut:
    """Have a number's calls ring another phone."""
    async with services_of(request).store.begin(caller.organization_id) as work:
        number = await _numbers(request).service.set_forwarding(work, phone_number_id, body.forwarding_number)
        return number_out(number)


@router.delete("/v1/phone-numbers/{phone_number_id}/forwarding", openapi_extra=operation("calls:write"))
async def remove_number_forwarding(phone_number_id: str, caller: Caller, request: Request) -> PhoneNumberOut:
    """Have a number's calls answered here again."""
    async with services_of(request).store.begin(caller.organization_id) as work:
        return number_out(await _numbers(request).service.remove_forwarding(work, phone_number_id))


@router.post("/v1/phone-numbers/{phone_number_id}/verify", openapi_extra=operation("calls:write"))
async def verify_number_ownership(
    phone_number_id: str, caller: Caller, request: Request, body: OwnershipIn | None = None
) -> OwnershipOut:
    """Prove that a listed phone is one's own: without a code one is sent, with one it is checked."""
    asked = body or OwnershipIn()
    ownership = await _numbers(request).proofs.verify(
        caller.organization_id, caller.user_id, phone_number_id, code=asked.code, channel=asked.channel
    )
    return ownership_out(ownership)


@router.get("/v1/phone-numbers/{phone_number_id}/details", openapi_extra=operation("calls:read"))
async def get_phone_number_details(
    phone_number_id: str, caller: Caller, request: Request
) -> PricedDetailsOut | DetailsOut:
    """One number with its configuration and what it was used for."""
    async with services_of(request).store.read(caller.organization_id) as work:
        return details_out(await _numbers(request).service.details(work, phone_number_id))


@router.put("/v1/phone-numbers/{phone_number_id}/caller-id", openapi_extra=operation("calls:write"))
async def set_caller_id(phone_number_id: str, body: CallerIdIn, caller: Caller, request: Request) -> PhoneNumberOut:
    """Name a number's calls."""
    async with services_of(request).store.begin(caller.organization_id) as work:
        service = _numbers(request).service
        return number_out(await service.set_caller_id_name(work, phone_number_id, body.caller_id_name))


def _numbers(request: Request) -> NumbersDomain:
    numbers = services_of(request).numbers
    assert numbers is not None, "this surface has no numbers"
    return numbers


def _keyed(body: ProvisionIn, caller: Principal, key: str | None) -> KeyedRequest | None:
    if key is None:
        return None
    body_hash = hash_body(body.model_dump(mode="json"))
    return KeyedRequest(user_id=caller.user_id, route=PROVISION, key=key, body_hash=body_hash)
