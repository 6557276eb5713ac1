"""What a business has used of its plan."""

import datetime as dt
from typing import Annotated

from fastapi import Query, Request

from voice_engine.domains.calls.business import business_call
from voice_engine.domains.minutes.figures import minutes_of, percent_of
from voice_engine.domains.minutes.overview import Overview, features_of, read_overview
from voice_engine.domains.minutes.service import MinutesService
from voice_engine.domains.minutes.terms import CycleState
from voice_engine.rest.api.call_items import call_item
from voice_engine.rest.api.router import api_router, operation, surface_of
from voice_engine.rest.api.session import Session
from voice_engine.rest.api.usage.schemas import AssistantRef, DayOut, SnapshotOut, UsageOut
from voice_engine.rest.v1.router import services_of

router = api_router("Usage & Billing")

LAST_SECOND = dt.timedelta(seconds=1)


@router.get("/api/usage", openapi_extra=operation())
async def read_usage(
    session: Session, request: Request, days: Annotated[int, Query(ge=1, le=365)] = 30
) -> UsageOut:
    """The running cycle, the plan, the last days and calls."""
    services = services_of(request)
    async with services.store.read(session.principal.organization_id) as work:
        overview = await read_overview(work, minutes_of_surface(request), days=days)
    return _usage_out(overview, now=services.now())


def minutes_of_surface(request: Request) -> MinutesService:
    """The service of this process."""
    minutes = surface_of(request).minutes
    assert minutes is not None, "this process meters nobody"
    return minutes


def _usage_out(overview: Overview, *, now: dt.datetime) -> UsageOut:
    tier, assistant = overview.reading.terms.tier, overview.assistant
    return UsageOut(
        snapshot=_snapshot_out(overview.reading.cycle),
        plan=tier,
        phone_number=overview.phone_number,
        assistant=None if assistant is None else AssistantRef(id=assistant.id, name=assistant.name),
        features=dict(features_of(tier)),
        history=[DayOut(date=day.date, minutes=day.minutes, calls=day.calls) for day in overview.days],
        recent_calls=[call_item(business_call(call, now=now)) for call in overview.calls],
    )


def _snapshot_out(cycle: CycleState) -> SnapshotOut:
    return SnapshotOut(
        minutes_used=minutes_of(cycle.used),
        minutes_limit=minutes_of(cycle.limit),
        percent_used=percent_of(cycle.used, cycle.limit),
        starts_at=cycle.starts_at,
        ends_at=cycle.ends_at - LAST_SECOND,
    )
