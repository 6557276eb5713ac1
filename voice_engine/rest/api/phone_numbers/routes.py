"""The three operations on a business's number."""

from typing import Annotated

from fastapi import Query, Request

from voice_engine.domains.identity.ratelimit import Rule
from voice_engine.domains.numbers.business import MOST_SEARCHED, BusinessNumbers
from voice_engine.rest.api.pace import count_organization
from voice_engine.rest.api.phone_numbers.schemas import (
    AREA_CODE,
    PhoneNumberOut,
    ProvisionIn,
    ProvisionOut,
    SearchOut,
    free_out,
    number_out,
    provision_out,
)
from voice_engine.rest.api.router import api_router, operation, surface_of
from voice_engine.rest.api.session import Session
from voice_engine.rest.v1.router import services_of
from voice_engine.rest.wire import Text

router = api_router("Phone Numbers")

BUY = Rule(name="business numbers", most=5, seconds=3600)
SEARCH = Rule(name="business number search", most=30, seconds=60)

AreaCode = Annotated[str | None, Query(alias="areaCode", pattern=AREA_CODE)]
Locality = Annotated[Text | None, Query(max_length=100)]


@router.get("/api/phone-numbers/search", openapi_extra=operation())
async def search_numbers(
    session: Session,
    request: Request,
    area_code: AreaCode = None,
    locality: Locality = None,
    limit: Annotated[int, Query(ge=1, le=MOST_SEARCHED)] = 5,
) -> SearchOut:
    """Numbers that can be bought now."""
    await count_organization(request, session, SEARCH)
    found = await _numbers(request).search(area_code=area_code, locality=locality or None, limit=limit)
    return SearchOut(numbers=[free_out(number) for number in found])


@router.get("/api/phone-numbers", openapi_extra=operation())
async def get_number(session: Session, request: Request) -> PhoneNumberOut:
    """The organization's number."""
    async with services_of(request).store.read(session.principal.organization_id) as work:
        return number_out(await _numbers(request).read(work))


@router.post("/api/phone-numbers", openapi_extra=operation())
async def provision_number(session: Session, request: Request, body: ProvisionIn | None = None) -> ProvisionOut:
    """Buy a number that the primary assistant answers."""
    wish, principal = body or ProvisionIn(), session.principal
    await count_organization(request, session, BUY)
    number = await _numbers(request).provision(
        principal.organization_id, principal.user_id, area_code=wish.area_code, e164=wish.phone_number
    )
    return provision_out(number)


def _numbers(request: Request) -> BusinessNumbers:
    numbers = surface_of(request).numbers
    assert numbers is not None, "this process has no numbers"
    return numbers
