"""The receptionist's bookings: make, move, cancel; slots one at a time, times only from the calendar.

wish → service → day and time → free? → name → number → read-back → calendar.book → confirmation
Nothing is confirmed before the calendar has answered with a reference.
"""

import re

from voice_engine.core.dialogue.commands import (
    Answer,
    Confirm,
    No,
    Provide,
    Thanks,
    Unclear,
    WantBooking,
    WantCancel,
    WantReschedule,
    Yes,
)
from voice_engine.core.dialogue.policies import desk_calendar
from voice_engine.core.dialogue.policies.desk import (
    ask_phone,
    assistant_of,
    offer_message,
    reprompt,
    said,
    said_name,
    said_phone,
    use_tool,
)
from voice_engine.core.dialogue.policies.desk_calendar import wanted_moments
from voice_engine.core.dialogue.state import Asked
from voice_engine.core.dialogue.turn import Turn

_NO_NUMBER = re.compile(
    r"\b(?:don'?t|do not|haven'?t) (?:have|know|remember|want)|\b(?:rather|prefer) not\b|\bwithout\b|\bno phone\b"
    r"|\bno (?:lo )?(?:tengo|s[eé]|recuerdo|me acuerdo|quiero)\b|\bprefiero no\b|\bsin (?:tel[eé]fono|n[uú]mero)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w{4,}")


def is_wish(turn: Turn, *, vague: bool = False) -> bool:
    """Whether they want to make, move or cancel a booking; `vague`: a day or a time alone counts too."""
    return turn.has(WantBooking, WantReschedule, WantCancel) or (vague and bool(wanted_moments(turn)))


def maybe_begin(turn: Turn) -> bool:
    """A caller who names a day or a time, or a service, without more, wants to book; whether that was so."""
    if turn.state.asked not in {Asked.INTENT, Asked.ELSE, Asked.MESSAGE_OFFER, None} or turn.has(No):
        return False
    if not wanted_moments(turn) and not (turn.has(Answer, Unclear, Provide) and _named_service(turn)):
        return False
    turn.change_desk(task="booking", slots={})
    _collect(turn)
    advance(turn)
    return True


def names_a_time(turn: Turn) -> bool:
    """Whether a time of day is named: "open on Saturday?" alone is a question, and no wish to come."""
    return any(moment.time is not None for moment in wanted_moments(turn))


def step(turn: Turn, *, interrupted: bool) -> bool:
    """Take what they said into the booking and go on; whether anything was of use.

    Args:
        turn: the step.
        interrupted: a fact was answered already, so only new values move the booking on.
    """
    started = _start(turn)
    asked = turn.state.asked
    if not started and asked in _CHECKS and not interrupted:
        return _CHECKS[asked](turn)
    chosen = asked is Asked.SLOT and desk_calendar.choose(turn)
    changed = _collect(turn) if not chosen else True
    changed = changed or _goes_without_phone(turn) or _began_phone(turn)
    if not (started or changed):
        return interrupted or (asked is Asked.SLOT and _none_of_these(turn))
    if not interrupted or changed:
        advance(turn)
    return True


def _goes_without_phone(turn: Turn) -> bool:
    """They have no number to give: the booking is made, or found, by the name alone."""
    if turn.state.asked is not Asked.PHONE or not (turn.has(No) or _NO_NUMBER.search(turn.text)):
        return False
    return _keep(turn, no_phone=True)


def _began_phone(turn: Turn) -> bool:
    """They gave the first group of a number, or one that must be asked for again."""
    return turn.state.asked is Asked.PHONE and (bool(turn.state.desk.phone_part) or bool(said(turn, "phone")))


def _start(turn: Turn) -> bool:
    booking = turn.find(WantBooking)
    changing = turn.state.desk.task == "booking" and bool(wanted_moments(turn))
    if turn.has(WantCancel) and changing:
        return False  # "Monday I can't make it, Wednesday": nothing is booked yet that could be cancelled.
    if turn.has(WantCancel):
        task = "cancel"
    elif turn.has(WantReschedule):
        task = "reschedule"
    elif booking is not None and turn.state.desk.task not in {"booking", "reschedule"}:
        task = "booking"
    else:
        return False
    if turn.state.desk.task == task:
        return False
    kept = {key: turn.state.desk.slots[key] for key in ("name", "phone") if key in turn.state.desk.slots}
    turn.change_desk(task=task, slots=kept, offered=())
    return True


def _none_of_these(turn: Turn) -> bool:
    if not turn.has(No):
        return False
    _forget(turn, "date", "time", "start")
    turn.say("ask_when")
    turn.ask(Asked.DATE)
    return True


# What they said.


def _collect(turn: Turn) -> bool:
    """Take every value they said; whether there was any."""
    found = {"name": said_name(turn), "phone": said_phone(turn), "service": _named_service(turn)}
    if turn.state.desk.task == "cancel":
        found.pop("service")
    changed = _keep(turn, **found)
    if turn.state.desk.task != "cancel":
        changed = desk_calendar.take_moment(turn) or changed
    return changed


def _keep(turn: Turn, **values: object) -> bool:
    news = {key: value for key, value in values.items() if value is not None}
    turn.change_desk(slots={**turn.state.desk.slots, **news})
    for key in news:
        turn.prove(key)
    return bool(news)


def _forget(turn: Turn, *keys: str) -> None:
    turn.change_desk(slots={key: value for key, value in turn.state.desk.slots.items() if key not in keys})


def _named_service(turn: Turn) -> str | None:
    """The offered service that they mean, by its words; the only one needs no naming."""
    services = assistant_of(turn).business.services
    booking = turn.find(WantBooking)
    texts = [booking.service] if booking is not None and booking.service else []
    texts += [str(value) for value in said(turn, "service")]
    texts.append(turn.text)
    for text in texts:
        words = set(_WORD.findall(text.casefold()))
        scored = [(len(words & set(_WORD.findall(name.casefold()))), name) for name in services]
        best = max(scored, default=(0, ""))
        if best[0] > 0:
            return next(name for score, name in scored if score == best[0])
        whole = next((name for name in services if name.casefold() in text.casefold()), None)
        if whole is not None:
            return whole
    return None


# Going on.


def advance(turn: Turn) -> None:
    """Ask for the next thing that is missing, or read everything back."""
    if turn.state.desk.pending:
        return
    if turn.state.desk.task == "booking":
        _advance_booking(turn)
    else:
        _advance_change(turn)


def _advance_booking(turn: Turn) -> None:
    slots = turn.state.desk.slots
    services = assistant_of(turn).business.services
    if "service" not in slots and len(services) == 1:
        _keep(turn, service=services[0])
        slots = turn.state.desk.slots
    if "service" not in slots and services:
        turn.say("ask_service", services=services)
        turn.ask(Asked.SERVICE)
    elif "start" not in slots:
        desk_calendar.look_up(turn)
    elif not _ask_person(turn):
        what = desk_calendar.booking_phrase(turn)
        if "phone" in slots:
            turn.say("check_booking", what=what, phone=slots["phone"])
        else:
            turn.say("check_booking_only", what=what)
        turn.ask(Asked.BOOKING_CHECK)


def _ask_person(turn: Turn) -> bool:
    """Ask for the name, then for the number; whether one is still missing."""
    slots = turn.state.desk.slots
    if "name" not in slots:
        turn.say("ask_name")
        turn.ask(Asked.NAME)
    elif "phone" not in slots and "no_phone" not in slots:
        ask_phone(turn)
    else:
        return False
    return True


def _advance_change(turn: Turn) -> None:
    """Moving or cancelling: who, then which, then when."""
    desk = turn.state.desk
    if _ask_person(turn):
        return
    if "old" not in desk.slots:
        use_tool(turn, "find", "calendar.find", name=desk.slots["name"], phone=desk.slots.get("phone"))
    elif desk.task == "cancel":
        turn.say("check_cancel", moment=desk_calendar.when_of(turn, str(desk.slots["old_start"])))
        turn.ask(Asked.CANCEL_CHECK)
    elif "start" not in desk.slots:
        desk_calendar.look_up(turn)
    else:
        turn.say(
            "check_move",
            moment=desk_calendar.when_of(turn, str(desk.slots["old_start"])),
            new=desk_calendar.when_of(turn, str(desk.slots["start"])),
        )
        turn.ask(Asked.BOOKING_CHECK)


def take_found(turn: Turn) -> None:
    """Go on with the booking that was found; with several, ask which; with none, offer a message."""
    found = turn.state.desk.found
    if not found:
        turn.change_desk(unserved=turn.state.desk.task, task=None)
        offer_message(turn, "no_booking_found")
    elif len(found) > 1:
        turn.say("which_booking", moment=desk_calendar.when_of(turn, str(found[0]["start"])))
        turn.ask(Asked.WHICH_BOOKING)
    else:
        old = {"old": str(found[0]["reference"]), "old_start": str(found[0]["start"])}
        turn.change_desk(slots={**turn.state.desk.slots, **old})
        if turn.state.desk.task == "reschedule" and "date" not in turn.state.desk.slots:
            turn.say("found_booking", moment=desk_calendar.when_of(turn, old["old_start"]))
            turn.ask(Asked.DATE)
        else:
            advance(turn)


# Yes or no to a read-back.


def _booking_checked(turn: Turn) -> bool:
    if turn.has(Confirm) and not turn.has(Yes, No):
        return _checked_with_values(turn)
    if _changed_by_them(turn):
        return True
    if turn.has(No):
        turn.say("what_to_correct")
        turn.ask(Asked.CORRECTION)
        return True
    if not turn.has(Yes, Thanks):
        return False
    slots = turn.state.desk.slots
    turn.ask(None)
    use_tool(
        turn,
        "book",
        "calendar.book",
        start=slots["start"],
        service=slots.get("service"),
        name=slots["name"],
        phone=slots.get("phone"),
    )
    return True


def _checked_with_values(turn: Turn) -> bool:
    if not _changed_by_them(turn):
        reprompt(turn)
    return True


def _changed_by_them(turn: Turn) -> bool:
    """They named a value that differs: take it and read back anew."""
    before = dict(turn.state.desk.slots)
    _collect(turn)
    if turn.state.desk.slots == before:
        return False
    advance(turn)
    return True


def _corrected(turn: Turn) -> bool:
    if _changed_by_them(turn):
        return True
    if turn.has(Yes, Thanks):
        advance(turn)
        return True
    return False


def _which(turn: Turn) -> bool:
    desk = turn.state.desk
    if turn.has(No):
        rest = desk.found[1:]
        turn.change_desk(found=rest)
        take_found(turn)
        return True
    if not turn.has(Yes):
        return False
    turn.change_desk(found=desk.found[:1])
    take_found(turn)
    return True


def _cancel_checked(turn: Turn) -> bool:
    if turn.has(No):
        turn.change_desk(task=None)
        turn.say("kept_booking")
        turn.ask(Asked.ELSE)
        return True
    if not turn.has(Yes):
        return False
    turn.ask(None)
    use_tool(turn, "cancel", "calendar.cancel", reference=turn.state.desk.slots["old"])
    return True


_CHECKS = {
    Asked.BOOKING_CHECK: _booking_checked,
    Asked.CORRECTION: _corrected,
    Asked.WHICH_BOOKING: _which,
    Asked.CANCEL_CHECK: _cancel_checked,
}
