"""Figures of a range of local days. Everything is counted from the calls' rows when it is asked for."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.calls.states import LIVE, WAITING, CallState
from voice_engine.domains.figures import repository
from voice_engine.domains.figures.repository import Step
from voice_engine.errors import InvalidInput
from voice_engine.store.uow import UnitOfWork

LONGEST_DAYS = 366
USUAL_DAYS = 30
DAYS_OF_WEEK = 7
HOURS = 24
PERCENTILES = (50, 90, 95)

_UP = frozenset((*LIVE, *WAITING))


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts of some calls. `missed`: inbound ones that nobody answered; `talked_ms` is connected time."""

    inbound: int = 0
    outbound: int = 0
    answered: int = 0
    missed: int = 0
    talked_ms: int = 0
    credits: Decimal = Decimal("0.00")

    @property
    def calls(self) -> int:
        """All of them."""
        return self.inbound + self.outbound

    def add(self, step: Step) -> None:
        """Count a step."""
        inbound = step.direction == "inbound"
        self.inbound += step.calls * inbound
        self.outbound += step.calls * (not inbound)
        self.answered += step.calls * step.answered
        self.missed += step.calls * (inbound and is_missed(step))
        self.talked_ms += step.talked_ms
        self.credits += step.credits


@dataclass(frozen=True, slots=True, kw_only=True)
class Latencies:
    """How long callers waited for an answer. `buckets`: (first ms of a step of 20, how often)."""

    buckets: Sequence[tuple[int, int]]

    @property
    def count(self) -> int:
        """How many answers were measured."""
        return sum(times for _, times in self.buckets)

    def percentile(self, percent: int) -> int | None:
        """The latency (ms, upper end of its step) that so many percent stay within; None without answers."""
        wanted, seen = self.count * percent / 100, 0
        for first, times in self.buckets:
            seen += times
            if seen >= wanted:
                return first + repository.BUCKET_MS
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A range of days, both ends included, on the organization's clock.

    `by_day` has every day; `by_hour[weekday][hour]` counts calls, Monday first; `outcomes` by what calls ended as.
    """

    first: dt.date
    last: dt.date
    timezone: str
    totals: Tally
    by_day: Sequence[tuple[dt.date, Tally]]
    by_hour: Sequence[Sequence[int]]
    outcomes: Sequence[tuple[str, int]]
    latencies: Latencies = field(repr=False)

    @property
    def answer_rate(self) -> float | None:
        """The share of inbound calls that were not missed; None without any."""
        return 1 - self.totals.missed / self.totals.inbound if self.totals.inbound else None

    @property
    def busiest(self) -> tuple[int, int] | None:
        """Weekday (Monday 0) and hour with most calls; None without any."""
        if not self.totals.calls:
            return None
        cells = ((count, -day, -hour) for day, row in enumerate(self.by_hour) for hour, count in enumerate(row))
        _, day, hour = max(cells)
        return -day, -hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Local days, both included. Raises InvalidInput `validation_error` when they do not fit."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise InvalidInput("validation_error", "the first day must not be after the last one")
        if (self.last - self.first).days >= LONGEST_DAYS:
            raise InvalidInput("validation_error", f"take at most {LONGEST_DAYS} days")

    @property
    def days(self) -> list[dt.date]:
        """Every day."""
        return [self.first + dt.timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def read_range(first: str | None, last: str | None, *, today: dt.date) -> Range:
    """Days written as YYYY-MM-DD; the last 30 unless said otherwise. Raises InvalidInput `validation_error`."""
    until = _day(last) if last else today
    return Range(first=_day(first) if first else until - dt.timedelta(days=USUAL_DAYS - 1), last=until)


async def today_of(work: UnitOfWork, now: dt.datetime) -> dt.date:
    """The organization's date at `now`."""
    organization = await accounts.get_organization(work, work.organization_id)
    return now.astimezone(ZoneInfo(organization.timezone)).date()


async def read_figures(work: UnitOfWork, days: Range) -> Figures:
    """The figures of these days."""
    organization = await accounts.get_organization(work, work.organization_id)
    zone = ZoneInfo(organization.timezone)
    since = dt.datetime.combine(days.first, dt.time.min, zone)
    until = dt.datetime.combine(days.last + dt.timedelta(days=1), dt.time.min, zone)
    steps = await repository.list_steps(work, since, until)
    by_day = {day: Tally() for day in days.days}
    for step in steps:
        by_day[step.at.astimezone(zone).date()].add(step)
    return Figures(
        first=days.first,
        last=days.last,
        timezone=zone.key,
        totals=_total(steps),
        by_day=list(by_day.items()),
        by_hour=_by_hour(steps, zone),
        outcomes=_outcomes(steps),
        latencies=Latencies(buckets=await repository.count_latencies(work, since, until)),
    )


def is_missed(step: Step) -> bool:
    """Whether calls of this kind came in and were answered by nobody, though they were wanted."""
    return not step.answered and step.status not in _UP and step.status != CallState.REJECTED


def _total(steps: Iterable[Step]) -> Tally:
    total = Tally()
    for step in steps:
        total.add(step)
    return total


def _by_hour(steps: Iterable[Step], zone: ZoneInfo) -> list[list[int]]:
    grid = [[0] * HOURS for _ in range(DAYS_OF_WEEK)]
    for step in steps:
        local = step.at.astimezone(zone)
        grid[local.weekday()][local.hour] += step.calls
    return grid


def _outcomes(steps: Iterable[Step]) -> list[tuple[str, int]]:
    """What calls ended as, most first; those that are up are left out."""
    counts: defaultdict[str, int] = defaultdict(int)
    for step in steps:
        if step.status not in _UP:
            counts[step.status] += step.calls
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("validation_error", "write days as YYYY-MM-DD") from error
