"""Dates, times and counts as people write them, for highlights and calendar entries; speech has its own forms."""

import datetime as dt
from collections.abc import Mapping, Sequence

from voice_engine.core.dialogue.commands import When
from voice_engine.ports.call import Language

_WEEKDAYS: Mapping[Language, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_MONTHS: Mapping[Language, tuple[str, ...]] = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November",
        "December",
    ),
    "es": (
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
        "noviembre", "diciembre",
    ),
}  # fmt: skip


def write_date(day: dt.date, language: Language) -> str:
    """ "Saturday, February 14" or "sábado 14 de febrero"."""
    weekday, month = _WEEKDAYS[language][day.weekday()], _MONTHS[language][day.month - 1]
    return f"{weekday}, {month} {day.day}" if language == "en" else f"{weekday} {day.day} de {month}"


def write_time(moment: dt.time, language: Language) -> str:
    """ "8:30 PM" or "20:30"."""
    if language == "es":
        return f"{moment:%H:%M}"
    return f"{moment.hour % 12 or 12}:{moment:%M} {'AM' if moment.hour < 12 else 'PM'}"


def write_moment(when: When, language: Language) -> str:
    """A date, a time or both, as far as known."""
    parts = [write_date(when.date, language)] if when.date else []
    if when.time is not None:
        parts.append(write_time(when.time, language))
    return " ".join(parts)


def write_alternatives(items: Sequence[str], language: Language) -> str:
    """ "a, b or c"."""
    word = {"en": "or", "es": "o"}[language]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {word} {items[-1]}"
