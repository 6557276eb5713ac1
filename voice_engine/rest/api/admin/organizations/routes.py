"""The administrator's view of businesses, and the only way to a plan that no checkout sells."""

from decimal import Decimal
from typing import Annotated

from fastapi import Query, Request

from voice_engine.domains.accounts.models import OrganizationStatus
from voice_engine.domains.minutes.figures import minutes_of
from voice_engine.domains.minutes.organizations import BusinessAdministration, BusinessView, Change
from voice_engine.errors import NotFound
from voice_engine.rest.api.admin.organizations.schemas import (
    MemberOut,
    OrganizationOut,
    OrganizationPage,
    OrganizationPatch,
    PaginationOut,
)
from voice_engine.rest.api.router import api_router, operation
from voice_engine.rest.api.usage.routes import minutes_of_surface
from voice_engine.rest.v1.router import services_of
from voice_engine.rest.wire import Text
from voice_engine.store.rows import is_id

router = api_router("Admin")

ACTOR = "administrator"
REASON = "the administrator looks at businesses"


@router.get("/api/admin/organizations", openapi_extra=operation("admin"))
async def list_organizations(
    request: Request,
    page: Annotated[int, Query(ge=1)] = 1,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    q: Annotated[Text | None, Query(max_length=100)] = None,
) -> OrganizationPage:
    """Businesses, newest first."""
    async with services_of(request).store.system(REASON, writes=False) as work:
        found = await _administration(request).list_page(work, query=q, limit=limit, offset=(page - 1) * limit)
    return OrganizationPage(
        organizations=[_organization_out(each) for each in found.businesses],
        pagination=PaginationOut(page=page, limit=limit, total=found.total, pages=-(-found.total // limit)),
    )


@router.get("/api/admin/organizations/{id}", openapi_extra=operation("admin"))
async def get_organization(request: Request, id: str) -> OrganizationOut:
    """One business."""
    async with services_of(request).store.system(REASON, writes=False) as work:
        found = await _administration(request).get(work, _checked(id))
    return _organization_out(found)


@router.patch("/api/admin/organizations/{id}", openapi_extra=operation("admin"))
async def change_organization(request: Request, id: str, body: OrganizationPatch) -> OrganizationOut:
    """Set plan, limits and status."""
    change = Change(
        given=frozenset(body.model_fields_set),
        plan=body.plan,
        minutes_limit=None if body.minutes_limit is None else Decimal(str(body.minutes_limit)),
        overage_enabled=body.overage_enabled,
        rate_cents=body.rate_cents,
        status=OrganizationStatus(body.status),
    )
    async with services_of(request).store.begin(_checked(id)) as work:
        changed = await _administration(request).change(work, id, change, actor=ACTOR)
    return _organization_out(changed)


def _administration(request: Request) -> BusinessAdministration:
    return BusinessAdministration(minutes_of_surface(request).accounts)


def _checked(organization_id: str) -> str:
    if not is_id(organization_id):
        raise NotFound("not_found", "there is no such organization")
    return organization_id


def _organization_out(view: BusinessView) -> OrganizationOut:
    terms, cycle = view.reading.terms, view.reading.cycle
    return OrganizationOut(
        id=view.organization.id,
        name=view.organization.name,
        plan=terms.tier,
        status=view.organization.status,
        minutes_used=minutes_of(cycle.used),
        minutes_limit=minutes_of(cycle.limit),
        overage_enabled=terms.overage_on,
        rate_cents=terms.rate_cents or 0,
        users=[MemberOut(id=each.user_id, email=each.email, role=each.role) for each in view.members],
        created_at=view.organization.created_at,
    )
