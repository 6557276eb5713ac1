"""Which day a bare weekday means: "Saturday" in answer to a request for a Saturday means the Saturday asked for."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from voice_engine.core.dialogue.commands import Command, Confirm, Offer, Provide, Unavailable, When
from voice_engine.core.dialogue.policies.base import brief_of
from voice_engine.core.dialogue.turn import Turn

_WEEK_DAYS = 7
_NAMED_DAY = re.compile(
    r"\d(?:st|nd|rd|th)\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b"
    r"|\b(?:today|tonight|tomorrow|this)\b|\b\w+(?:teenth|tieth)\b"
    r"|\b(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth)\b"
    r"|\b(?:enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre|noviembre|diciembre)\b"
    r"|\b(?:hoy|esta|este|pasado mañana)\b|\bmañana\b(?! por)",
    re.IGNORECASE,
)


def settle_days(turn: Turn) -> tuple[Command, ...]:
    """The commands with each bare weekday moved to the owner's date of that weekday.

    The grammar takes "Saturday" for the coming one; between two people who talk about Saturday the 21st it is
    that one. A day that was named otherwise (a number, a month, "tomorrow") stays what it is.
    """
    wanted = brief_of(turn).wanted.dates
    if not wanted or _NAMED_DAY.search(turn.text):
        return turn.commands
    return tuple(_settled(command, turn.today, wanted) for command in turn.commands)


def _settled(command: Command, today: dt.date, wanted: tuple[dt.date, ...]) -> Command:
    match command:
        case Offer(options=options):
            return replace(command, options=tuple(_when(option, today, wanted) for option in options))
        case Unavailable(times=times):
            return replace(command, times=tuple(_when(option, today, wanted) for option in times))
        case Confirm(slots=slots):
            return replace(command, slots=_slots(slots, today, wanted))
        case Provide(slot="date", value=dt.date() as day):
            return replace(command, value=_day(day, today, wanted))
    return command


def _slots(slots: Mapping[str, Any], today: dt.date, wanted: tuple[dt.date, ...]) -> dict[str, Any]:
    return {
        key: _day(value, today, wanted) if key == "date" and isinstance(value, dt.date) else value
        for key, value in slots.items()
    }


def _when(option: When, today: dt.date, wanted: tuple[dt.date, ...]) -> When:
    return option if option.date is None else replace(option, date=_day(option.date, today, wanted))


def _day(day: dt.date, today: dt.date, wanted: tuple[dt.date, ...]) -> dt.date:
    if day in wanted or not 0 <= (day - today).days <= _WEEK_DAYS:
        return day
    return next((wish for wish in wanted if wish.weekday() == day.weekday()), day)
