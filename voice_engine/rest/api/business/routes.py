"""What a business says of itself: kind, hours, address, and where its callers are transferred to."""

from fastapi import Request

from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.minutes.plans import LEAST, Feature, has
from voice_engine.domains.prompts.business import BusinessSettings, field_error
from voice_engine.rest.api.business.schemas import (
    AddressIn,
    AddressOut,
    AddressSaved,
    HoursIn,
    HoursOut,
    HoursSaved,
    InfoIn,
    InfoOut,
    InfoSaved,
    TransferIn,
    TransferOut,
    TransferSaved,
)
from voice_engine.rest.api.prompt.routes import prompts_of
from voice_engine.rest.api.router import api_router, operation
from voice_engine.rest.api.session import Session
from voice_engine.rest.v1.router import services_of

router = api_router("Business Settings")


@router.get("/api/business-info", openapi_extra=operation())
async def get_info(session: Session, request: Request) -> InfoOut:
    """Kind, description, site."""
    organization = await _read(session, request)
    return InfoOut(
        business_type=organization.business_type,
        business_description=organization.business_description,
        website_url=organization.website_url,
    )


@router.put("/api/business-info", openapi_extra=operation())
async def set_info(body: InfoIn, session: Session, request: Request) -> InfoSaved:
    """Change some of it; the prompt's context follows."""
    if body.is_empty:
        raise field_error("body", "names no field to change", rule="minProperties")
    columns = body.model_fields_set & set(InfoIn.model_fields)
    changes = {column: getattr(body, column) for column in columns}
    principal = session.principal
    async with services_of(request).store.begin(principal.organization_id) as work:
        organization = await _settings(request).set_info(work, changes, author=principal.user_id)
    return InfoSaved(
        success=True,
        business_type=organization.business_type,
        business_description=organization.business_description,
        website_url=organization.website_url,
    )


@router.get("/api/business-hours", openapi_extra=operation())
async def get_hours(session: Session, request: Request) -> HoursOut:
    """The week, and the zone that its times are in."""
    organization = await _read(session, request)
    return HoursOut(business_hours=organization.business_hours, timezone=organization.timezone)


@router.put("/api/business-hours", openapi_extra=operation())
async def set_hours(body: HoursIn, session: Session, request: Request) -> HoursSaved:
    """Replace the week; the prompt's hours follow."""
    principal = session.principal
    async with services_of(request).store.begin(principal.organization_id) as work:
        organization = await _settings(request).set_hours(
            work, body.kept(), body.timezone or None, author=principal.user_id
        )
    return HoursSaved(success=True, business_hours=organization.business_hours, timezone=organization.timezone)


@router.get("/api/business-address", openapi_extra=operation())
async def get_address(session: Session, request: Request) -> AddressOut:
    """Where it is."""
    return AddressOut(business_address=(await _read(session, request)).business_address)


@router.put("/api/business-address", openapi_extra=operation())
async def set_address(body: AddressIn, session: Session, request: Request) -> AddressSaved:
    """Move it; the prompt's address follows."""
    principal = session.principal
    async with services_of(request).store.begin(principal.organization_id) as work:
        organization = await _settings(request).set_address(work, body.business_address, author=principal.user_id)
    return AddressSaved(success=True, business_address=organization.business_address)


@router.get("/api/transfer-number", openapi_extra=operation())
async def get_transfer_number(session: Session, request: Request) -> TransferOut:
    """Where callers are transferred to who want a person."""
    organization: Organization = await _read(session, request)
    return TransferOut(transfer_number=organization.transfer_number, can_edit=has(session.plan, Feature.TRANSFER))


@router.put("/api/transfer-number", openapi_extra=operation(plan=LEAST[Feature.TRANSFER]))
async def set_transfer_number(body: TransferIn, session: Session, request: Request) -> TransferSaved:
    """Set or clear it; the assistants' transfer tool and the prompt's handling follow."""
    principal = session.principal
    async with services_of(request).store.begin(principal.organization_id) as work:
        organization = await _settings(request).set_transfer_number(
            work, body.transfer_number, author=principal.user_id
        )
    return TransferSaved(success=True, transfer_number=organization.transfer_number)


def _settings(request: Request) -> BusinessSettings:
    return prompts_of(request).business


async def _read(session: Session, request: Request) -> Organization:
    async with services_of(request).store.read(session.principal.organization_id) as work:
        return await _settings(request).read(work)
