"""The receptionist and the calendar: which moment the caller wishes, and what the calendar is asked for it."""

import datetime as dt
import re
from typing import Any

from voice_engine.core.dialogue.commands import Confirm, Offer, Provide, When, Yes
from voice_engine.core.dialogue.ics import zone_of
from voice_engine.core.dialogue.language import Context, parse_window
from voice_engine.core.dialogue.negotiation import minutes_of
from voice_engine.core.dialogue.policies.desk import use_tool
from voice_engine.core.dialogue.state import Asked
from voice_engine.core.dialogue.turn import Turn
from voice_engine.ports.call import Category

SEARCH_DAYS = 14
"""How far ahead the next free time is looked for when the wished day has none."""
_HALF_DAY_MINUTES = 12 * 60
_SOON = re.compile(
    r"as soon as|soonest|earliest|first (?:available|opening|thing you)|next (?:available|free)"
    r"|any ?(?:time|day)|whenever"
    r"|cuanto antes|lo antes posible|lo m[aá]s pronto|primer[ao]? (?:hueco|hora|disponible)"
    r"|cualquier (?:d[ií]a|hora)",
    re.IGNORECASE,
)
_ORDINALS = (
    re.compile(r"\bthe (?:first|former|earlier)\b(?! of)|\b(?:la|el) primer[ao]?\b(?! de)", re.IGNORECASE),
    re.compile(r"\bthe (?:second|latter|later)\b(?! of)|\b(?:la|el) segund[ao]\b(?! de)", re.IGNORECASE),
    re.compile(r"\bthe (?:third|last)\b(?! of)|\b(?:la|el) (?:tercer[ao]?|[uú]ltim[ao])\b(?! de)", re.IGNORECASE),
)


# What they wish.


_CHANGED_MIND = re.compile(
    r"\bmake (?:it|that)\b|\binstead\b|\brather\b|\bactually\b|\b(?:i|we) can'?t\b|\bdoesn'?t work\b"
    r"|\bmejor\b|\bno puedo\b|\bno me viene\b",
    re.IGNORECASE,
)
"""Of two days the later one is meant."""


def wanted_moments(turn: Turn) -> list[When]:
    """Every day or time in the utterance, whatever it was taken for."""
    moments = [option for offer in turn.all(Offer) for option in offer.options]
    days = [item.value for item in turn.all(Provide) if item.slot == "date"]
    day = (days[-1] if _CHANGED_MIND.search(turn.text) else days[0]) if days else None
    time = next((item.value for item in turn.all(Provide) if item.slot == "time"), None)
    for confirm in turn.all(Confirm):
        day, time = confirm.slots.get("date", day), confirm.slots.get("time", time)
    if day is not None or time is not None:
        moments.append(When(date=day, time=time))
    return moments


def take_moment(turn: Turn) -> bool:
    """Take a wished day or time into the slots; whether there was one. A new wish voids the chosen start."""
    moments = wanted_moments(turn)
    slots = dict(turn.state.desk.slots)
    before = dict(slots)
    for moment in moments:
        slots.update({key: val for key, val in (("date", moment.date), ("time", moment.time)) if val is not None})
        if moment.until is not None and moment.time is not None:
            slots.pop("time", None)
            slots.update(earliest=moment.time, latest=moment.until)
    if not moments and turn.state.asked in {Asked.DATE, Asked.SLOT} and _SOON.search(turn.text):
        slots["soon"] = True
    _take_window(turn, slots, named=any(moment.time is not None for moment in moments))
    if slots == before:
        return bool(moments) and turn.state.asked in {Asked.DATE, Asked.SLOT}
    slots.pop("start", None)
    turn.change_desk(slots=slots)
    for key in ("date", "time"):
        if slots.get(key) != before.get(key):
            turn.prove(key)
    return True


def _take_window(turn: Turn, slots: dict[str, Any], *, named: bool) -> None:
    """ "In the afternoon": a part of the day instead of a time."""
    if named or not turn.text:
        return
    context = Context(language=turn.spec.language, now=turn.spec.answered_at, category=Category.CLINIC)
    window = parse_window(turn.text, context)
    if window is None or (window.earliest is None and window.latest is None):
        return
    slots.pop("time", None)
    slots["earliest"] = window.earliest or dt.time(0, 0)
    slots["latest"] = window.latest or dt.time(23, 59)


def choose(turn: Turn) -> bool:
    """Take one of the times that were offered; whether they named one."""
    offered = [dt.datetime.fromisoformat(text) for text in turn.state.desk.offered]
    for index, pattern in enumerate(_ORDINALS):
        if offered and pattern.search(turn.text):
            return take_start(turn, offered[min(index, len(offered) - 1)])
    moments = wanted_moments(turn)
    for moment in moments:
        fitting = [start for start in offered if _means(start, moment)]
        if fitting and (moment.time is not None or len(fitting) == 1):
            return take_start(turn, fitting[0])
    if not moments and len(offered) == 1 and turn.has(Yes):
        return take_start(turn, offered[0])
    return False


def take_start(turn: Turn, start: dt.datetime) -> bool:
    """The start is chosen; always True."""
    slots = {**turn.state.desk.slots, "start": start.isoformat(), "date": start.date(), "time": start.time()}
    turn.change_desk(slots=slots, offered=())
    turn.prove("date")
    turn.prove("time")
    return True


def _means(start: dt.datetime, moment: When) -> bool:
    if moment.date is not None and moment.date != start.date():
        return False
    if moment.time is None:
        return moment.date is not None
    return (minutes_of(start.time()) - minutes_of(moment.time)) % _HALF_DAY_MINUTES == 0


# Asking the calendar.


def look_up(turn: Turn) -> None:
    """Ask which times are free on the wished day, or ask for the day."""
    slots = turn.state.desk.slots
    zone = zone_of(turn.spec)
    now = turn.spec.answered_at.astimezone(zone)
    day = slots.get("date")
    if slots.get("soon") and day is None:
        ask_free(turn, "free_next", now, now + dt.timedelta(days=SEARCH_DAYS))
    elif day is None:
        turn.say("ask_day" if "time" in slots else "ask_when")
        turn.ask(Asked.DATE)
    elif day < now.date():
        turn.say("date_is_past", date=day)
        turn.ask(Asked.DATE)
    else:
        first = max(now, dt.datetime.combine(day, dt.time(0, 0), tzinfo=zone))
        last = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(0, 0), tzinfo=zone)
        ask_free(turn, "free", first, last)


def ask_free(turn: Turn, purpose: str, first: dt.datetime, last: dt.datetime) -> None:
    """Ask for the free starts in [first, last); nothing is asked of the caller meanwhile."""
    turn.ask(None)
    use_tool(turn, purpose, "calendar.free", start=first.isoformat(), end=last.isoformat())


# For phrases.


def when_of(turn: Turn, start: str) -> When:
    """A start as a moment of the business's day."""
    local = dt.datetime.fromisoformat(start).astimezone(zone_of(turn.spec))
    return When(date=local.date(), time=local.time())


def booking_phrase(turn: Turn) -> dict[str, Any]:
    """The booking as it stands, for a spoken phrase."""
    slots = turn.state.desk.slots
    moment = when_of(turn, str(slots["start"]))
    known = {key: slots.get(key) for key in ("service", "name")}
    return {"category": "receptionist", "date": moment.date, "time": moment.time, **known}
