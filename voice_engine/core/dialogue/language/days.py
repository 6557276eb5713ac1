"""Dates: the calendar arithmetic behind "next Friday" and "the 8th", and how a language's patterns are run."""

import calendar
import datetime as dt
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from voice_engine.core.dialogue.language.model import Context, Mention

# Regions that write month before day in numeric dates (CLDR: only US English and a few territories of it).
_MONTH_FIRST = frozenset({"US", "PR", "GU", "VI", "AS", "MP", "PH", "FM", "PW"})
MONTH_DAYS = 30
"""So many days and more are a time limit ("you can return it in thirty days") and no date that is meant."""


@dataclass(frozen=True, slots=True)
class Day:
    """A resolved date; `ambiguous` when the words allow another one, `floating` when only its day was said."""

    date: dt.date
    ambiguous: bool = False
    floating: bool = False


DayReader = Callable[["re.Match[str]", Context], Day | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DateGrammar:
    """How one language says dates: patterns in order of precedence; group `v` is the value's span.

    `bare`: a day of the month without cue, for an open question. `chain`: a day beside another date.
    `link`: between two days of one month ("the 3rd to the 5th of April").
    """

    patterns: Sequence[tuple[re.Pattern[str], DayReader]]
    bare: re.Pattern[str]
    chain: re.Pattern[str]
    link: re.Pattern[str]


def find_dates(work: str, grammar: DateGrammar, context: Context) -> tuple[list[Mention], str]:
    """All dates in `work`, and `work` with them masked by `~`."""
    found: list[Mention] = []
    floating: list[Mention] = []
    for pattern, reader in grammar.patterns:
        work = _collect(work, pattern, reader, context=context, found=found, floating=floating)
    if found:
        work = _collect(work, grammar.chain, _chained(found), context=context, found=found, floating=floating)
    elif context.expecting == "date" or context.asked in ("date", "check_out"):
        work = _collect(work, grammar.bare, read_day, context=context, found=found, floating=floating)
    found.sort(key=lambda mention: mention.start)
    for first, second in itertools.pairwise(found):
        loose = [any(mention is other for other in floating) for mention in (first, second)]
        if loose[1] and second.value < first.value:
            later = day_of_month(second.value.day, first.value)
            second.value = later.date if later is not None else second.value
        elif (
            loose == [True, False]
            and first.value.day < second.value.day
            and grammar.link.fullmatch(work[first.end : second.start])
        ):
            first.value = second.value.replace(day=first.value.day)
    return found, work


def _collect(
    work: str,
    pattern: re.Pattern[str],
    reader: DayReader,
    *,
    context: Context,
    found: list[Mention],
    floating: list[Mention],
) -> str:
    position = 0
    while (match := pattern.search(work, position)) is not None:
        day = reader(match, context)
        start, end = match.span("v")
        position = max(end, match.start() + 1)
        if day is None:
            if (
                _names_month(match) and int(match["d"]) <= 31
            ):  # a day that its month does not have is not the same day of another one
                work = work[:start] + "~" * (end - start) + work[end:]
            else:
                position = start + 1
            continue
        mention = Mention("date", day.date, start, end, ambiguous=day.ambiguous)
        found.append(mention)
        if day.floating:
            floating.append(mention)
        work = work[:start] + "~" * (end - start) + work[end:]
    return work


def _names_month(match: re.Match[str]) -> bool:
    groups = match.groupdict()
    return "d" in groups and not groups.keys().isdisjoint(("mo", "which"))


def _chained(found: list[Mention]) -> DayReader:
    """A later day of the same month as the date before it."""

    def read(match: re.Match[str], context: Context) -> Day | None:
        before = [mention for mention in found if mention.end <= match.start("v")]
        if not before:
            return None
        first: dt.date = max(before, key=lambda mention: mention.end).value
        day = int(match["d"])
        if not (first.day < day <= calendar.monthrange(first.year, first.month)[1]):
            return None
        return Day(first.replace(day=day))

    return read


def read_day(match: re.Match[str], context: Context) -> Day | None:
    """Group `d`: the next such day of the month."""
    return day_of_month(int(match["d"]), context.now.date())


def day_of_month(day: int, today: dt.date) -> Day | None:
    """The next `day` of a month, today included."""
    year, month = today.year, today.month
    for _ in range(13):
        if 1 <= day <= calendar.monthrange(year, month)[1] and dt.date(year, month, day) >= today:
            return Day(dt.date(year, month, day), floating=True)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return None


def month_day(month: int, day: int, year: int | None, today: dt.date) -> Day | None:
    """`day` of `month`; without a year the next one that is not past."""
    years = (
        [year] if year is not None else [today.year, today.year + 1, today.year + 2, today.year + 3, today.year + 4]
    )
    for candidate in years:
        if 1 <= month <= 12 and 1 <= day <= calendar.monthrange(candidate, month)[1]:
            date = dt.date(candidate, month, day)
            if year is not None or date >= today:
                return Day(date)
    return None


def on_weekday(day: Day | None, weekday: int | None, readings: Sequence[Day | None]) -> Day | None:
    """`day`, unless its weekday is not the one said and another of `readings` has it."""
    if day is None or weekday is None or day.date.weekday() == weekday:
        return day
    fitting = [other for other in readings if other is not None and other.date.weekday() == weekday]
    return fitting[0] if fitting else Day(day.date, ambiguous=True)


def month_offset(day: int, months: int, today: dt.date) -> Day | None:
    """`day` of the month that is `months` after the present one."""
    index = today.year * 12 + today.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= day <= calendar.monthrange(year, month + 1)[1]:
        return None
    return Day(dt.date(year, month + 1, day))


def coming(weekday: int, today: dt.date) -> Day:
    """The next such weekday after today (Monday is 0)."""
    ahead = (weekday - today.weekday()) % 7
    return Day(today + dt.timedelta(days=ahead or 7), ambiguous=ahead == 0)


def of_week(weekday: int, weeks: int, today: dt.date) -> Day:
    """That weekday in the calendar week (Monday first) that is `weeks` after the present one."""
    monday = today - dt.timedelta(days=today.weekday())
    return Day(monday + dt.timedelta(days=weekday, weeks=weeks))


def nth_weekday(rank: int, weekday: int, month: int | None, today: dt.date) -> Day | None:
    """The `rank`-th such weekday (-1: the last) of `month`, or of the next month that has it to come."""
    for ahead in range(13):
        index = today.year * 12 + today.month - 1 + ahead
        year, zero_month = divmod(index, 12)
        if month is not None and zero_month + 1 != month:
            continue
        length = calendar.monthrange(year, zero_month + 1)[1]
        days = [dt.date(year, zero_month + 1, day) for day in range(1, length + 1)]
        fitting = [day for day in days if day.weekday() == weekday]
        chosen = fitting[rank if rank < 0 else rank - 1]
        if chosen >= today:
            return Day(chosen)
    return None


def end_of_month(months: int, today: dt.date) -> Day:
    """The last day of the month that is `months` after the present one."""
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return Day(dt.date(year, month + 1, calendar.monthrange(year, month + 1)[1]))


def numeric(first: int, second: int, year: int | None, context: Context) -> Day | None:
    """`first/second`, in the order of the language and region unless only the other one is possible."""
    month_first = context.language == "en" and context.region in _MONTH_FIRST
    if first > 12:
        month_first = False
    elif second > 12:
        month_first = True
    month, day = (first, second) if month_first else (second, first)
    return month_day(month, day, year, context.now.date())


def full_year(text: str | None) -> int | None:
    """A year of two or four digits, spaces allowed ("20 26")."""
    if not text:
        return None
    year = int(text.replace(" ", ""))
    return year + 2000 if year < 100 else year


def read_iso(match: re.Match[str], context: Context) -> Day | None:
    """Groups `y`, `m`, `d` of an ISO date."""
    return month_day(int(match["m"]), int(match["d"]), int(match["y"]), context.now.date())


def read_numeric(match: re.Match[str], context: Context) -> Day | None:
    """Groups `a`, `b` and perhaps `y` of a date in figures."""
    return numeric(int(match["a"]), int(match["b"]), full_year(match["y"]), context)


NUMERIC_PATTERNS: tuple[tuple[re.Pattern[str], DayReader], ...] = (
    (re.compile(r"\b(?P<v>(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d))\b"), read_iso),
    (re.compile(r"(?<![\d/])(?P<v>(?P<a>\d{1,2})/(?P<b>\d{1,2})(?:/(?P<y>\d{4}|\d{2}))?)(?![\d/])"), read_numeric),
)
