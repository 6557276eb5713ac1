"""Totals and time series of inbound calls, on the clock of the account's zone."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from voice_engine.domains.inbound.repository import stats
from voice_engine.domains.inbound.repository.stats import Counted, Totals
from voice_engine.domains.inbound.selection import (
    Selection,
    end_of,
    invalid,
    parse_day,
    shown_state,
    start_of,
)
from voice_engine.domains.inbound.service import zone_of
from voice_engine.store.uow import UnitOfWork

LONGEST_DAYS = 366
USUAL_DAYS = 30
TOP_CALLERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One local day. Seconds are over completed calls; 0 if there was none."""

    date: dt.date
    total: int
    completed: int
    missed: int
    rejected: int
    avg_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Analytics:
    """A range of days, both ends included, and how its calls are spread over days, hours, callers and handlers.

    `answer_rate` is the share of finished calls in which the caller talked to somebody, in 0..1.
    """

    date_from: dt.date
    date_to: dt.date
    timezone: str
    totals: Totals
    by_day: Sequence[Day]
    by_hour: Sequence[int]
    top_callers: Sequence[tuple[str | None, str | None, int]]
    by_outcome: Mapping[str, int]
    answer_rate: float


class InboundAnalytics:
    """`now` is the wall clock, in UTC."""

    def __init__(self, *, now: Callable[[], dt.datetime]) -> None:
        self._now = now

    async def summary(self, work: UnitOfWork) -> Totals:
        """Over every call that is kept."""
        return await stats.totals(work, Selection())

    async def analyse(self, work: UnitOfWork, date_from: str | None, date_to: str | None) -> Analytics:
        """A range of days; the last 30 unless said otherwise. Raises InvalidInput `validation_error`."""
        zone = await zone_of(work)
        first, last = self._range(date_from, date_to, zone)
        selection = Selection(since=start_of(first, zone), until=end_of(last, zone))
        totals = await stats.totals(work, selection)
        steps = await stats.by_quarter_hour(work, selection)
        ended = totals.total - totals.active
        return Analytics(
            date_from=first,
            date_to=last,
            timezone=zone.key,
            totals=totals,
            by_day=_days(steps, first, last, zone),
            by_hour=_hours(steps, zone),
            top_callers=await stats.top_callers(work, selection, limit=TOP_CALLERS),
            by_outcome=await stats.by_handler(work, selection),
            answer_rate=round(totals.completed / ended, 4) if ended else 0.0,
        )

    def _range(self, date_from: str | None, date_to: str | None, zone: ZoneInfo) -> tuple[dt.date, dt.date]:
        today = self._now().astimezone(zone).date()
        last = parse_day(date_to, today, field="date_to")
        first = parse_day(date_from, min(last, today) - dt.timedelta(days=USUAL_DAYS), field="date_from")
        if first > last:
            raise invalid("date_from", "must not be after date_to")
        if (last - first).days >= LONGEST_DAYS:
            raise invalid("date_from", f"and date_to must be at most {LONGEST_DAYS} days apart")
        return first, last


def average_seconds(totals: Totals) -> float:
    """The mean length of completed calls; 0 if there was none."""
    return round(totals.talked_ms / totals.completed / 1000, 1) if totals.completed else 0.0


def _days(steps: Sequence[tuple[dt.datetime, Counted]], first: dt.date, last: dt.date, zone: ZoneInfo) -> list[Day]:
    """Every day of the range, empty ones too."""
    by_day: defaultdict[dt.date, list[Counted]] = defaultdict(list)
    for at, counted in steps:
        by_day[at.astimezone(zone).date()].append(counted)
    days = ((last - first).days + 1) if last >= first else 0
    return [_day(first + dt.timedelta(days=number), by_day) for number in range(days)]


def _day(date: dt.date, by_day: Mapping[dt.date, Sequence[Counted]]) -> Day:
    counts: defaultdict[str, int] = defaultdict(int)
    talked_ms = 0
    for counted in by_day.get(date, ()):
        counts[shown_state(counted.status)] += counted.calls
        talked_ms += counted.talked_ms
    completed = counts["completed"]
    return Day(
        date=date,
        total=sum(counts.values()),
        completed=completed,
        missed=counts["missed"],
        rejected=counts["rejected"],
        avg_seconds=round(talked_ms / completed / 1000, 1) if completed else 0.0,
    )


def _hours(steps: Sequence[tuple[dt.datetime, Counted]], zone: ZoneInfo) -> list[int]:
    """How many calls came in each of the day's 24 local hours."""
    hours = [0] * 24
    for at, counted in steps:
        hours[at.astimezone(zone).hour] += counted.calls
    return hours
