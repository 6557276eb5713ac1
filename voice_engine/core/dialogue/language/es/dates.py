"""Spanish dates as patterns over canonical text (no accents: "manana", "miercoles")."""

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
from voice_engine.core.dialogue.language.es.times import COUNTED
from voice_engine.core.dialogue.language.es.words import MONTHS
from voice_engine.core.dialogue.language.model import Context

WEEKDAYS = {
    name: index
    for index, name in enumerate(["lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo"])
}
_WD = r"(?:lunes|martes|miercoles|jueves|viernes|sabado|domingo)"
_MONTH = "(?P<mo>" + "|".join(MONTHS) + ")"
_YEAR = r"(?:(?: ,)? (?:del? (?:ano )?)?(?P<y>20[2-4]\d|20 2\d))?"
_LEAD = rf"(?:(?:el |este |proximo )*(?P<lead>{_WD})(?: ,)? )?(?:el |del? |al )?(?:dia )?"
_THIS = r"(?:de(?:l)? (?:este|presente|corriente)(?: mes)?|de este mes)"
_NEXT = r"(?:del (?:proximo mes|mes (?:que viene|proximo|entrante|siguiente))|de(?:l)? siguiente mes)"
_COMING = r"(?: (?:que viene|proximo|siguiente|que entra|entrante))"
_NEXT_WEEK = (
    r"(?: de(?:l)? (?:la )?(?:semana que viene|proxima semana|semana proxima|siguiente semana"
    r"|semana siguiente|otra semana|semana entrante|semana que entra))"
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


def _day(months: int | None) -> DayReader:
    def read(match: re.Match[str], context: Context) -> Day | None:
        today = context.now.date()
        if months is None:
            day = int(match["d"])
            return on_weekday(
                day_of_month(day, today), _said_weekday(match), [month_offset(day, n, today) for n in range(1, 4)]
            )
        return month_offset(int(match["d"]), months, today)

    return read


def _relative(days: int) -> DayReader:
    def read(match: re.Match[str], context: Context) -> Day | None:
        return Day(context.now.date() + dt.timedelta(days=days))

    return read


def _ahead(match: re.Match[str], context: Context) -> Day | None:
    count = int(match["n"]) if match["n"].isdigit() else 1
    weeks = match["unit"].startswith("semana")
    if not weeks and count >= MONTH_DAYS:
        return None
    return Day(context.now.date() + dt.timedelta(days=count * (7 if weeks else 1)))


def _week_from(match: re.Match[str], context: Context) -> Day | None:
    """ "de hoy en ocho": a week from that day, counted with both ends."""
    today = context.now.date()
    base = match["base"]
    weeks = 2 if match["n"] in {"15", "2 semanas"} else 1
    if base in WEEKDAYS:
        return Day(coming(WEEKDAYS[base], today).date + dt.timedelta(weeks=weeks))
    return Day(today + dt.timedelta(days=(base == "manana") + 7 * weeks))


def _weekday(weeks: int | None, *, same_day: bool = False) -> DayReader:
    def read(match: re.Match[str], context: Context) -> Day | None:
        today = context.now.date()
        weekday = WEEKDAYS[match["wd"]]
        if weeks is not None:
            return of_week(weekday, weeks, today)
        if same_day and weekday == today.weekday():
            return Day(today)
        return coming(weekday, today)

    return read


def _holiday(match: re.Match[str], context: Context) -> Day | None:
    month, day = _HOLIDAYS[match["name"]]
    return month_day(month, day, None, context.now.date())


_RANKS = {"primer": 1, "segundo": 2, "tercer": 3, "cuarto": 4, "1th": 1, "2th": 2, "3th": 3, "4th": 4, "ultimo": -1}


def _nth(match: re.Match[str], context: Context) -> Day | None:
    month = MONTHS[match["mo"]] if match["mo"] else None
    return nth_weekday(_RANKS[match["rank"]], WEEKDAYS[match["wd"]], month, context.now.date())


def _month_end(match: re.Match[str], context: Context) -> Day | None:
    return end_of_month(1 if match["next"] else 0, context.now.date())


_HOLIDAYS = {
    "navidad": (12, 25),
    "nochebuena": (12, 24),
    "nochevieja": (12, 31),
    "fin de ano": (12, 31),
    "ano nuevo": (1, 1),
    "san valentin": (2, 14),
    "reyes": (1, 6),
}
_D = r"(?P<d>[12]?\d|3[01])(?:th)?"
# "manana" is the morning after "la", and after "tarde noche" words; else it is tomorrow.
_TOMORROW = r"(?<!la )(?<!las )(?<!esta )(?<!pasado )(?<!media )(?P<v>manana)\b"

_PATTERNS: tuple[tuple[str, DayReader], ...] = (
    (
        rf"\b(?P<v>(?:el )?(?P<rank>primer|segundo|tercer|cuarto|[1-4]th|ultimo) (?P<wd>{_WD})"
        rf" de(?:l)? (?:{_MONTH}|(?:este )?mes))\b",
        _nth,
    ),
    (r"\b(?P<v>(?:el )?ultimo dia del mes(?P<next> que viene| proximo)?)\b", _month_end),
    (
        rf"\b(?P<v>(?:este|el) (?P<wd>{_WD}) no(?: ,)? (?:sino )?el (?:siguiente|otro|que viene))\b",
        _weekday(1),
    ),
    (rf"\b(?P<v>{_LEAD}{_D} de(?:l mes de)? {_MONTH}{_YEAR})\b", _month_day),
    (rf"\b(?P<v>{_LEAD}{_D} {_MONTH}{_YEAR})\b", _month_day),
    (rf"\b(?P<v>{_LEAD}{_MONTH} {_D}{_YEAR})\b(?! ?[:/])", _month_day),
    (rf"\b(?P<v>{_LEAD}{_D} {_THIS})\b", _day(0)),
    (rf"\b(?P<v>{_LEAD}{_D} {_NEXT})\b", _day(1)),
    (
        rf"\b(?P<v>(?P<lead>{_WD})(?: ,)?(?: el)?(?: dia)? {_D})\b(?! ?[:/]| y (?:media|cuarto)| menos"
        r"| (?:am|pm|horas"
        rf"|de la (?:tarde|noche|manana))){COUNTED}",
        _day(None),
    ),
    (rf"\b(?P<v>(?:el |al |del )?dia {_D})\b(?! ?[:/])", _day(None)),
    (
        rf"\b(?P<v>(?:el|al|del) {_D})\b(?! ?[:/]| por (?:ciento|100)| y (?:media|cuarto)| (?:am|pm"
        rf"|horas)){COUNTED}",
        _day(None),
    ),
    (r"\b(?P<v>pasado manana)\b", _relative(2)),
    (
        rf"\b(?P<v>(?:del?|el) (?P<base>hoy|manana|{_WD}) en (?P<n>8|15|(?:1|una) semana|2 semanas)(?: dias)?)\b",
        _week_from,
    ),
    (r"\b(?P<v>(?:dentro de|en|de aqui a) (?P<n>una|un|1|\d{1,2}) (?P<unit>dias?|semanas?))\b", _ahead),
    (rf"\b{_TOMORROW}", _relative(1)),
    (r"\b(?P<v>hoy(?: mismo)?|esta (?:noche|tarde|misma tarde|misma noche|manana))\b", _relative(0)),
    (rf"\b(?P<v>(?:el |del? |para el )?(?P<wd>{_WD}){_NEXT_WEEK})\b", _weekday(1)),
    (
        r"\b(?P<v>(?:la )?(?:semana que viene|proxima semana|semana proxima"
        rf"|siguiente semana)(?: ,)?(?: el)? (?P<wd>{_WD}))\b",
        _weekday(1),
    ),
    (rf"\b(?P<v>(?:el |este )?(?P<wd>{_WD}) de esta(?: misma)? semana)\b", _weekday(0)),
    (rf"\b(?P<v>este (?P<wd>{_WD}))(?!{_COMING})\b", _weekday(None, same_day=True)),
    (
        r"(?<!los )(?<!cada )(?<!de lunes a )(?<!soy )(?<!llamo )(?<!doctor )(?<!doctora )"
        r"(?<!dr )(?<!dra )(?<!senor )"
        r"(?<!senora )(?<!don )(?<!nombre de )(?<!parte de )"
        r"(?<!cerramos )(?<!domingos y )(?<!sabados y )\b(?P<v>(?:el )?(?:este )?(?:proximo "
        rf"|siguiente )?(?P<wd>{_WD}){_COMING}?)\b(?! a {_WD})",
        _weekday(None),
    ),
    (r"\b(?P<v>(?P<name>navidad|nochebuena|nochevieja|fin de ano|ano nuevo|san valentin|reyes))\b", _holiday),
)

DATES = DateGrammar(
    patterns=(*NUMERIC_PATTERNS, *((re.compile(pattern), reader) for pattern, reader in _PATTERNS)),
    link=re.compile(r" (?:(?:o|u|y|e|a|al|hasta|-|,) (?:el )?)?"),
    bare=re.compile(
        rf"(?<![\d:/])(?<!\d )\b(?P<v>(?:el )?{_D})\b(?! ?[:/]| y (?:media|cuarto)| (?:am|pm|horas)){COUNTED}"
    ),
    chain=re.compile(
        rf"~ (?:o|u|y|e|al?|hasta|-|,)(?: el| el dia)? (?P<v>{_D})\b(?! ?[:/]| y (?:media|cuarto)| (?:am|pm"
        rf"|horas|de la)){COUNTED}"
    ),
)
