"""Overage: the bills, what is on none of them yet, and whether calls may go on past the limit."""

from fastapi import Request

from voice_engine.domains.minutes.figures import minutes_of
from voice_engine.domains.minutes.models import RecordStatus
from voice_engine.domains.minutes.service import Bills
from voice_engine.rest.api.billing.schemas import (
    BillingHistoryOut,
    CurrentOverageOut,
    OverageIn,
    OverageOut,
    RecordOut,
)
from voice_engine.rest.api.router import api_router, operation
from voice_engine.rest.api.session import Session
from voice_engine.rest.api.usage.routes import minutes_of_surface
from voice_engine.rest.v1.router import services_of

router = api_router("Usage & Billing")


@router.get("/api/billing/history", openapi_extra=operation())
async def read_history(session: Session, request: Request) -> BillingHistoryOut:
    """A year of weekly bills, and what is open."""
    async with services_of(request).store.read(session.principal.organization_id) as work:
        bills = await minutes_of_surface(request).read_bills(work)
    return _history_out(bills)


@router.put("/api/billing/overage", openapi_extra=operation())
async def set_overage(body: OverageIn, session: Session, request: Request) -> OverageOut:
    """Whether calls may go on past the limit, from now on."""
    async with services_of(request).store.begin(session.principal.organization_id) as work:
        enabled = await minutes_of_surface(request).set_overage(work, enabled=body.enabled)
    return OverageOut(enabled=enabled)


def _history_out(bills: Bills) -> BillingHistoryOut:
    overage, terms = bills.overage, bills.overage.terms
    return BillingHistoryOut(
        records=[
            RecordOut(
                id=record.id,
                week_start=record.week_start,
                week_end=record.week_end,
                minutes=minutes_of(record.seconds),
                amount_cents=record.amount_cents,
                status=RecordStatus(record.status),
            )
            for record in bills.records
        ],
        current=CurrentOverageOut(
            total=minutes_of(overage.this_cycle),
            unbilled=minutes_of(overage.unbilled),
            estimate_cents=overage.estimate_cents,
            enabled=terms.overage_on,
            rate_cents=terms.rate_cents or 0,
        ),
    )
