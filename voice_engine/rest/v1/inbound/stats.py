"""The operations that count inbound calls."""

import datetime as dt
from typing import Annotated

from fastapi import Query, Request

from voice_engine.domains.inbound.analytics import Analytics, average_seconds
from voice_engine.domains.inbound.repository.stats import Totals
from voice_engine.rest.security import Caller
from voice_engine.rest.v1.inbound.reach import surface_of
from voice_engine.rest.v1.router import operation, services_of, v1_router
from voice_engine.rest.wire import ResponseBody

router = v1_router("Inbound")

Day = Annotated[str | None, Query(max_length=64)]


class TotalsOut(ResponseBody):
    """Totals; seconds are those of completed calls."""

    total: int
    active: int
    completed: int
    missed: int
    rejected: int
    avg_duration_seconds: float
    total_duration_seconds: float
    vip_calls: int
    voicemails: int
    open_action_items: int


class DayOut(ResponseBody):
    """One day of the account's zone."""

    date: dt.date
    total: int
    completed: int
    missed: int
    rejected: int
    avg_duration_seconds: float


class TopCallerOut(ResponseBody):
    """Somebody who called often; a null number stands for all who withheld theirs."""

    phone_number: str | None
    name: str | None
    count: int


class AnalyticsOut(ResponseBody):
    """A range of days, empty ones included."""

    date_from: dt.date
    date_to: dt.date
    timezone: str
    totals: TotalsOut
    by_day: list[DayOut]
    by_hour: list[int]
    top_callers: list[TopCallerOut]
    by_outcome: dict[str, int]
    answer_rate: float


@router.get("/v1/inbound/calls/summary", openapi_extra=operation("calls:read"))
async def get_inbound_summary(caller: Caller, request: Request) -> TotalsOut:
    """Totals over every call that is kept."""
    async with services_of(request).store.read(caller.organization_id) as work:
        return totals_out(await surface_of(request).domain.analytics.summary(work))


@router.get("/v1/inbound/calls/analytics", openapi_extra=operation("calls:read"))
async def get_inbound_analytics(
    caller: Caller, request: Request, date_from: Day = None, date_to: Day = None
) -> AnalyticsOut:
    """A range of days, the last 30 unless said otherwise."""
    async with services_of(request).store.read(caller.organization_id) as work:
        return analytics_out(await surface_of(request).domain.analytics.analyse(work, date_from, date_to))


def totals_out(totals: Totals) -> TotalsOut:
    """The wire's view of totals."""
    return TotalsOut(
        total=totals.total,
        active=totals.active,
        completed=totals.completed,
        missed=totals.missed,
        rejected=totals.rejected,
        avg_duration_seconds=average_seconds(totals),
        total_duration_seconds=totals.talked_ms / 1000,
        vip_calls=totals.vip,
        voicemails=totals.voicemails,
        open_action_items=totals.open_action_items,
    )


def analytics_out(analytics: Analytics) -> AnalyticsOut:
    """The wire's view of a range of days."""
    return AnalyticsOut(
        date_from=analytics.date_from,
        date_to=analytics.date_to,
        timezone=analytics.timezone,
        totals=totals_out(analytics.totals),
        by_day=[
            DayOut(
                date=day.date,
                total=day.total,
                completed=day.completed,
                missed=day.missed,
                rejected=day.rejected,
                avg_duration_seconds=day.avg_seconds,
            )
            for day in analytics.by_day
        ],
        by_hour=list(analytics.by_hour),
        top_callers=[
            TopCallerOut(phone_number=number, name=name, count=count)
            for number, name, count in analytics.top_callers
        ],
        by_outcome=dict(analytics.by_outcome),
        answer_rate=analytics.answer_rate,
    )
