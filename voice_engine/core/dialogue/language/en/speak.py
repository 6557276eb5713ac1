"""English values as words to be spoken."""

import datetime as dt

from voice_engine.core.dialogue.language.en.words import ORDINALS, SMALL, TENS

_UNITS = {value: word for word, value in reversed(list(SMALL.items())) if word not in ("nil", "fourty")}
_TENS = {value: word for word, value in TENS.items()}
_ORDINAL = {value: word for word, value in ORDINALS.items()}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def number(value: int) -> str:
    """A cardinal number below a million."""
    if value < 0:
        return "minus " + number(-value)
    if value < 20:
        return _UNITS[value]
    if value < 100:
        tens, unit = divmod(value, 10)
        return _TENS[tens * 10] + (f"-{_UNITS[unit]}" if unit else "")
    if value < 1000:
        hundreds, rest = divmod(value, 100)
        return f"{_UNITS[hundreds]} hundred" + (f" and {number(rest)}" if rest else "")
    if value < 1_000_000:
        thousands, rest = divmod(value, 1000)
        link = " and " if 0 < rest < 100 else " "
        return f"{number(thousands)} thousand" + (link + number(rest) if rest else "")
    return str(value)


def ordinal(value: int) -> str:
    """An ordinal from 1 to 99."""
    if value in _ORDINAL:
        return _ORDINAL[value]
    tens, unit = divmod(value, 10)
    return f"{_TENS[tens * 10]}-{_ORDINAL[unit]}" if unit else _TENS[tens * 10][:-1] + "ieth"


def time(value: dt.time) -> str:
    """A time of day with its half: "eight thirty p.m."; twelve sharp is "noon" or "midnight"."""
    if value.minute == 0 and value.hour in (0, 12):
        return "noon" if value.hour else "midnight"
    words = number(value.hour % 12 or 12)
    if value.minute:
        words += f" {'oh ' if value.minute < 10 else ''}{number(value.minute)}"
    return f"{words} {'a.m.' if value.hour < 12 else 'p.m.'}"


def date(value: dt.date) -> str:
    """A date with its weekday: "Saturday, February fourteenth"."""
    return f"{_DAYS[value.weekday()]}, {_MONTHS[value.month - 1]} {ordinal(value.day)}"


def digit(value: str) -> str:
    """One digit or letter as it is read out."""
    return _UNITS[int(value)] if value.isdigit() and value.isascii() else value.upper()
