"""The receptionist and the calendar's answers: offer what is free, confirm what was booked, own up to failures."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from voice_engine.core.dialogue.commands import ToolResult, When
from voice_engine.core.dialogue.ics import zone_of
from voice_engine.core.dialogue.negotiation import minutes_of
from voice_engine.core.dialogue.policies import desk_booking, desk_calendar
from voice_engine.core.dialogue.policies.desk import anything_else, assistant_of, offer_message, use_tool
from voice_engine.core.dialogue.policies.desk_facts import WEEKDAYS
from voice_engine.core.dialogue.state import Asked
from voice_engine.core.dialogue.turn import Turn


def on_result(turn: Turn, purpose: str, result: ToolResult) -> None:
    """Go on with what the calendar answered."""
    match purpose:
        case "free" | "free_next" if result.error is None:
            _on_free(turn, [dt.datetime.fromisoformat(str(item)) for item in result.value or ()], purpose)
        case "book":
            _on_booked(turn, result)
        case "find" if result.error is None:
            turn.change_desk(found=tuple(result.value or ()))
            desk_booking.take_found(turn)
        case "cancel" if result.error is None:
            _on_cancelled(turn)
        case "cancel_old":
            _on_moved(turn, cancelled=result.error is None)
        case _:
            _calendar_failed(turn)


def _calendar_failed(turn: Turn) -> None:
    turn.change_desk(unserved=turn.state.desk.task or "booking", task=None)
    offer_message(turn, "calendar_failed")


def _on_free(turn: Turn, free: Sequence[dt.datetime], purpose: str) -> None:
    slots = turn.state.desk.slots
    zone = zone_of(turn.spec)
    free = [start.astimezone(zone) for start in free]
    wished = slots.get("time")
    if purpose == "free" and wished is not None:
        exact = [start for start in free if start.time() == wished]
        if exact:
            desk_calendar.take_start(turn, exact[0])
            desk_booking.advance(turn)
            return
    inside = [start for start in free if _inside(start, slots)] or list(free)
    if inside:
        _offer(turn, _nearest(inside, wished), wished if purpose == "free" else None)
    elif purpose == "free":
        _no_slot_that_day(turn, slots["date"])
    else:
        turn.change_desk(unserved="booking", task=None)
        offer_message(turn, "nothing_free")


def _no_slot_that_day(turn: Turn, day: dt.date) -> None:
    closed = WEEKDAYS[day.weekday()] not in assistant_of(turn).hours
    turn.say("closed_on" if closed else "full_on", date=day)
    zone = zone_of(turn.spec)
    after = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(0, 0), tzinfo=zone)
    slots = {key: value for key, value in turn.state.desk.slots.items() if key != "date"}
    turn.change_desk(slots=slots)
    desk_calendar.ask_free(turn, "free_next", after, after + dt.timedelta(days=desk_calendar.SEARCH_DAYS))


def _offer(turn: Turn, options: Sequence[dt.datetime], wished: dt.time | None) -> None:
    turn.change_desk(offered=tuple(start.isoformat() for start in options))
    same_day = len({start.date() for start in options}) == 1
    moments = tuple(
        When(date=None if same_day and index else start.date(), time=start.timetz().replace(tzinfo=None))
        for index, start in enumerate(options)
    )
    if wished is not None:
        turn.say("offer_instead", time=wished, options=moments)
    else:
        turn.say("offer_slots", options=moments)
    turn.ask(Asked.SLOT)


def _inside(start: dt.datetime, slots: Mapping[str, Any]) -> bool:
    earliest, latest = slots.get("earliest"), slots.get("latest")
    if earliest is None or latest is None:
        return True
    return bool(earliest <= start.time() <= latest)


def _nearest(free: Sequence[dt.datetime], wished: dt.time | None) -> list[dt.datetime]:
    """The two nearest to the wish, in order; without one the first and the middle of the day's."""
    if wished is None:
        first_day = [start for start in free if start.date() == free[0].date()]
        return sorted({first_day[0], first_day[len(first_day) // 2]})
    by_distance = sorted(free, key=lambda start: abs(minutes_of(start.time()) - minutes_of(wished)))
    return sorted(by_distance[:2])


# What the calendar did.


def _on_booked(turn: Turn, result: ToolResult) -> None:
    reference = result.value.get("reference") if isinstance(result.value, Mapping) else None
    if result.error == "slot_taken":
        rest = {key: val for key, val in turn.state.desk.slots.items() if key != "start"}
        turn.change_desk(slots=rest)
        turn.say("slot_taken")
        desk_calendar.look_up(turn)
        return
    if result.error is not None or not reference:
        _calendar_failed(turn)
        return
    slots = turn.state.desk.slots
    turn.change(
        agreed={key: slots[key] for key in ("date", "time", "service", "name", "phone") if key in slots},
        confirmed=True,
        confirmation=str(reference),
    )
    turn.change_desk(booking_done=True)
    if turn.state.desk.task == "reschedule":
        use_tool(turn, "cancel_old", "calendar.cancel", reference=slots["old"])
        return
    turn.say("booked_inbound", what=desk_calendar.booking_phrase(turn), code=reference)
    anything_else(turn)


def _on_moved(turn: Turn, *, cancelled: bool) -> None:
    """The new booking stands; the old one is gone, or somebody has to see to it."""
    slots = turn.state.desk.slots
    turn.say("moved", moment=desk_calendar.when_of(turn, str(slots["start"])), code=turn.state.confirmation)
    if cancelled:
        turn.change_desk(cancelled=(*turn.state.desk.cancelled, str(slots["old"])))
    else:
        turn.change_desk(unserved="cancel_old")
        turn.say("old_not_cancelled")
    anything_else(turn)


def _on_cancelled(turn: Turn) -> None:
    slots = turn.state.desk.slots
    turn.change_desk(cancelled=(*turn.state.desk.cancelled, str(slots["old"])))
    turn.say("cancelled", moment=desk_calendar.when_of(turn, str(slots["old_start"])))
    anything_else(turn)
