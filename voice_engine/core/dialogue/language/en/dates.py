"""English dates as patterns over canonical text."""

import datetime as dt
import re

from voice_engine.core.dialogue.language.days import (
    MONTH_DAYS,
    NUMERIC_PATTERNS,
    DateGrammar,
    Day,
    DayReader,
    coming,
    day_of_month,
    end_of_month,
    full_year,
    month_day,
    month_offset,
    nth_weekday,
    of_week,
    on_weekday,
)
from voice_engine.core.dialogue.language.en.times import COUNTED
from voice_engine.core.dialogue.language.en.words import MONTHS
from voice_engine.core.dialogue.language.model import Context

WEEKDAYS = {
    name: index
    for index, names in enumerate(
        [
            "monday mon",
            "tuesday tues tue",
            "wednesday weds wed",
            "thursday thurs thur thu",
            "friday fri",
            "saturday sat",
            "sunday sun",
        ]
    )
    for name in names.split()
}
_WD = (
    r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|tues|weds|thurs|thur|fri"
    r"|(?:(?<=on )|(?<=this )|(?<=next )|(?<=for )|(?<=, )|^)(?:mon|tue|wed|thu|sat|sun))"
)
_MONTH = "(?P<mo>" + "|".join(sorted(MONTHS, key=len, reverse=True)) + ")"
_YEAR = r"(?:(?: ,)? (?:of )?(?P<y>20[2-4]\d|20 2\d|19\d\d|19 [2-9]\d))?"
_LEAD = rf"(?:(?:this |next |on )?(?P<lead>{_WD})(?: ,)? (?:the )?)?"
# "the 2nd door": before any noun the first three are ranks; a day is followed by words without one.
_NOT_A_RANK = (
    r"(?!(?<=\b[123]th) (?!(?:at|on|in|for|of|and|or|to|is|would|works?|please|if|but|with|we|i|you|around"
    r"|about|from"
    r"|until|till|through|instead|that|are|can|could|by|between|then|so|should|will|was|do|does|it|this|my|no|yes"
    r"|ok|okay|maybe|any|after|before|morning|afternoon|evening|night|not|also|what|how|there|thanks|thank"
    r"|[a-z]+day"
    r"|january|february|march|april|may|june|july|august|september|october|november|december)\b)[a-z]+)"
)
_NOT_A_DAY = (
    r"(?! (?:street|st|avenue|ave|floor|time|person|one|1|ones|available|opening|option|birthday|anniversary"
    r"|grade|hour|item|thing"
    r"|name|digit|letter|number|place|of all|century|choice|visit|half|quarter|table|slot|day after|party"
    r"|request|call|(?:on|in) (?:the |our |my )?(?:wait|list|line|queue|row)))"
)


def _month_day(match: re.Match[str], context: Context) -> Day | None:
    today = context.now.date()
    month, day = MONTHS[match["mo"]], int(match["d"])
    year = full_year(match["y"])
    found = month_day(month, day, year, today)
    if year is not None or found is None:
        return found
    return on_weekday(found, _said_weekday(match), [month_day(month, day, found.date.year + 1, today)])


def _said_weekday(match: re.Match[str]) -> int | None:
    name = match.groupdict().get("lead")
    return WEEKDAYS[name] if name else None


def _day(match: re.Match[str], context: Context) -> Day | None:
    today = context.now.date()
    which = match.groupdict().get("which")
    if which is None:
        day = int(match["d"])
        return on_weekday(
            day_of_month(day, today), _said_weekday(match), [month_offset(day, n, today) for n in range(1, 4)]
        )
    return month_offset(int(match["d"]), 1 if which.endswith(("next", "following")) else 0, today)


def _relative(days: int) -> DayReader:
    def read(match: re.Match[str], context: Context) -> Day | None:
        return Day(context.now.date() + dt.timedelta(days=days))

    return read


def _ahead(match: re.Match[str], context: Context) -> Day | None:
    count = 1 if match["n"] in ("a", "1") else 2 if match["n"] == "a couple of" else int(match["n"])
    days = count * (7 if match["unit"].startswith("week") else 1)
    if match["unit"].startswith("day") and days >= MONTH_DAYS:
        return None
    base = match.groupdict().get("base") or "today"
    today = context.now.date()
    if base in WEEKDAYS:
        return Day(coming(WEEKDAYS[base], today).date + dt.timedelta(days=days))
    return Day(today + dt.timedelta(days=days + (base == "tomorrow")))


def _weekday(match: re.Match[str], context: Context) -> Day | None:
    today = context.now.date()
    weekday = WEEKDAYS[match["wd"]]
    which, after = match.groupdict().get("which") or "", match.groupdict().get("after") or ""
    if "after next" in after:
        return of_week(weekday, 2, today)
    if "next week" in which or "next week" in after or "following week" in after:
        return of_week(weekday, 1, today)
    if after.strip() == "week":
        return Day(coming(weekday, today).date + dt.timedelta(days=7))
    if "this week" in which or "this week" in after:
        return of_week(weekday, 0, today)
    if which.strip() == "next":
        day = of_week(weekday, 1, today)
        return Day(day.date, ambiguous=day.date != coming(weekday, today).date)
    if which.startswith("this") and weekday == today.weekday():
        return Day(today)
    return coming(weekday, today)


def _holiday(match: re.Match[str], context: Context) -> Day | None:
    month, day = _HOLIDAYS[match["name"].removesuffix(" day")]
    return month_day(month, day, None, context.now.date())


def _thanksgiving(match: re.Match[str], context: Context) -> Day | None:
    today = context.now.date()
    for year in (today.year, today.year + 1):
        first = dt.date(year, 11, 1)
        date = first + dt.timedelta(days=(3 - first.weekday()) % 7 + 21)
        if date >= today:
            return Day(date)
    return None


_RANKS = {"1th": 1, "2th": 2, "3th": 3, "4th": 4, "last": -1}


def _nth(match: re.Match[str], context: Context) -> Day | None:
    month = MONTHS[match["mo"]] if match["mo"] else None
    today = context.now.date()
    if match["next"]:
        first_of_next = end_of_month(0, today).date + dt.timedelta(days=1)
        return nth_weekday(_RANKS[match["rank"]], WEEKDAYS[match["wd"]], first_of_next.month, first_of_next)
    return nth_weekday(_RANKS[match["rank"]], WEEKDAYS[match["wd"]], month, today)


def _month_end(match: re.Match[str], context: Context) -> Day | None:
    return end_of_month(1 if match["next"] else 0, context.now.date())


_HOLIDAYS = {
    "christmas": (12, 25),
    "christmas eve": (12, 24),
    "new years eve": (12, 31),
    "new years": (1, 1),
    "valentines": (2, 14),
    "halloween": (10, 31),
    "independence": (7, 4),
}

_PATTERNS: tuple[tuple[str, DayReader], ...] = (
    (
        rf"\b(?P<v>(?:the )?(?P<rank>[1-4]th|last) (?P<wd>{_WD}) (?:in|of)"
        rf" (?:{_MONTH}|(?:the|this) month|(?P<next>next month)))\b",
        _nth,
    ),
    (r"\b(?P<v>(?:the )?last day of (?:(?:the|this) month|(?P<next>next month)))\b", _month_end),
    (
        rf"\b(?P<v>{_LEAD}{_MONTH} (?:the )?(?P<d>\d{{1,2}})(?:th)?(?![\d:/]|th| (?:oclock|am|pm|people"
        rf"|persons|guests)\b){_YEAR})\b",
        _month_day,
    ),
    (rf"(?<![\d:])\b(?P<v>{_LEAD}(?:the )?(?P<d>\d{{1,2}})(?:th)?(?: day)? (?:of )?{_MONTH}{_YEAR})\b", _month_day),
    (
        rf"\b(?P<v>{_LEAD}(?:the )?(?P<d>\d{{1,2}})(?:th)?(?: day)? of (?P<which>this|the|next"
        r"|the following|the current) month)\b",
        _day,
    ),
    (r"\b(?P<v>(?P<which>this|next) month(?: ,)? (?:on )?(?:the )?(?P<d>\d{1,2})(?:th)?)\b", _day),
    (rf"\b(?P<v>(?P<lead>{_WD})(?: ,)? (?:the )?(?P<d>\d{{1,2}})th)\b{_NOT_A_DAY}", _day),
    (rf"\b(?P<v>(?P<lead>{_WD})(?: ,)? the (?P<d>\d{{1,2}}))\b(?! ?[:/])", _day),
    (rf"(?<!\bat )(?<!corner of )\b(?P<v>(?:the )?(?P<d>\d{{1,2}})th)\b{_NOT_A_DAY}{_NOT_A_RANK}", _day),
    (
        r"\b(?:on|for|until|to|from|by) (?P<v>the (?P<d>[12]?\d|3[01]))\b(?! ?[:/]| am\b| pm\b| oclock)" + COUNTED,
        _day,
    ),
    (r"\b(?P<v>(?:the )?day after tomorrow)\b", _relative(2)),
    (
        rf"\b(?P<v>(?P<n>a|\d{{1,2}}) (?P<unit>weeks?|days?) (?:from|after) (?P<base>{_WD}|tomorrow|today|now))\b",
        _ahead,
    ),
    (r"\b(?P<v>in (?P<n>a couple of|a|\d{1,2}) (?P<unit>weeks?|days?)(?: time)?)\b", _ahead),
    (r"\b(?P<v>tomorrow)\b", _relative(1)),
    (r"(?<!later )\b(?P<v>(?:later )?today|tonight|this (?:morning|afternoon|evening))\b", _relative(0)),
    (rf"\b(?P<v>(?P<which>next week|this week)(?: ,)? (?:on )?(?P<wd>{_WD}))\b", _weekday),
    (
        r"(?<!every )(?<!each )(?<!through )(?<!thru )(?<!monday to )(?<!tuesday to )\b(?P<v>"
        r"(?P<which>(?:this |next |the )?(?:coming |upcoming |following )?)"
        rf"(?P<wd>{_WD})"
        r"(?P<after>(?: of)? (?:the )?(?:next week|this week|week after next|following week)| after next"
        r"| week\b(?!end))?)\b"
        r"(?! (?:through|thru|to (?:friday|saturday|sunday)\b(?! (?:at|night|the|instead))))",
        _weekday,
    ),
    (
        r"\b(?P<v>(?P<name>christmas eve|christmas(?: day)?|new years eve|new years(?: day)?"
        r"|valentines(?: day)?|halloween"
        r"|independence day))\b",
        _holiday,
    ),
    (r"\b(?P<v>thanksgiving(?: day)?)\b", _thanksgiving),
)

DATES = DateGrammar(
    patterns=(*NUMERIC_PATTERNS, *((re.compile(pattern), reader) for pattern, reader in _PATTERNS)),
    link=re.compile(r" (?:or|and|to|through|until|till|-|,) (?:the )?"),
    bare=re.compile(
        rf"(?<![\d:/])(?<!\d )\b(?P<v>(?:the )?(?P<d>[12]?\d|3[01]))\b(?! ?[:/]| am| pm| oclock){COUNTED}"
    ),
    chain=re.compile(
        r"~ (?:or|and|to|through|until|-|,) (?:the )?(?P<v>(?P<d>\d{1,2})(?:th)?)\b(?! ?[:/]| am| pm| oclock)"
        + COUNTED
    ),
)
