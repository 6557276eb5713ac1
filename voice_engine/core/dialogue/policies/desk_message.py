"""Taking a message: its text, a name, a number, one at a time, and read back before it counts."""

from voice_engine.core.dialogue.commands import (
    Answer,
    Goodbye,
    LeaveMessage,
    No,
    Provide,
    Thanks,
    Unclear,
    Yes,
)
from voice_engine.core.dialogue.policies.desk import anything_else, ask_phone, said, said_name, said_phone
from voice_engine.core.dialogue.state import Asked
from voice_engine.core.dialogue.turn import Turn
from voice_engine.ports.call import TakenMessage

_MIN_TEXT = 2
"""A message has at least this many words; "yes please" to the offer is not yet one."""


def begin(turn: Turn) -> bool:
    """Start taking a message."""
    wish = turn.find(LeaveMessage)
    turn.change_desk(task="message")
    _keep(turn, text=wish.text if wish is not None else None)
    _collect(turn)
    _ask_next(turn)
    return True


def leaves_contact(turn: Turn) -> bool:
    """Whether they answer the offer of a message with their name and number, which is a yes."""
    return not turn.has(No) and bool(said(turn, "name") and said(turn, "phone"))


def step(turn: Turn) -> bool:
    """Take what they said for the open question; whether it was of use."""
    state = turn.state
    if state.desk.task != "message":
        return begin(turn)
    match state.asked:
        case Asked.MESSAGE:
            _keep(turn, text=turn.text.strip())
            _collect(turn)
            if turn.has(Goodbye) and _complete(turn):
                return _goodbye(turn)
        case Asked.MESSAGE_CHECK:
            return _checked(turn)
        case Asked.CORRECTION:
            return _corrected(turn)
        case _:
            if not _collect(turn) and not _declined_detail(turn):
                return False
    _ask_next(turn)
    return True


def _keep(turn: Turn, **values: str | None) -> None:
    slots = {**turn.state.desk.slots, **{key: value for key, value in values.items() if value}}
    turn.change_desk(slots=slots)
    for key, value in values.items():
        if value:
            turn.prove(f"message_{key}")


def _collect(turn: Turn) -> bool:
    name, phone = said_name(turn), said_phone(turn)
    _keep(turn, name=name, phone=phone)
    return bool(name or phone)


def _declined_detail(turn: Turn) -> bool:
    """They will not give a name or a number: a message is taken without."""
    if not turn.has(No) or turn.state.asked not in {Asked.NAME, Asked.PHONE}:
        return False
    key = "name" if turn.state.asked is Asked.NAME else "phone"
    turn.change_desk(slots={**turn.state.desk.slots, f"no_{key}": True})
    return True


def _ask_next(turn: Turn) -> None:
    slots = turn.state.desk.slots
    if not slots.get("text"):
        turn.say("ask_message")
        turn.ask(Asked.MESSAGE)
    elif not slots.get("name") and not slots.get("no_name"):
        turn.say("ask_name")
        turn.ask(Asked.NAME)
    elif not slots.get("phone") and not slots.get("no_phone"):
        ask_phone(turn)
    else:
        turn.say(
            "check_message", text=slots["text"], name_or_unknown=slots.get("name"), phone_or_none=slots.get("phone")
        )
        turn.ask(Asked.MESSAGE_CHECK)


def _checked(turn: Turn) -> bool:
    if turn.has(No):
        if _collect(turn):
            _ask_next(turn)
        else:
            turn.say("what_to_correct")
            turn.ask(Asked.CORRECTION)
        return True
    if not turn.has(Yes, Thanks, Goodbye):
        if not _collect(turn):
            return False
        _ask_next(turn)
        return True
    _store(turn)
    turn.say("message_noted")
    if turn.has(Goodbye):
        turn.change_desk(served=True, task=None)
        turn.say("farewell_inbound", interruptible=False)
        turn.hang_up("completed")
    else:
        anything_else(turn)
    return True


def _complete(turn: Turn) -> bool:
    slots = turn.state.desk.slots
    return all(slots.get(key) or slots.get(f"no_{key}") for key in ("text", "name", "phone"))


def _goodbye(turn: Turn) -> bool:
    """They said it all and goodbye with it: it is noted without keeping them on the line."""
    _store(turn)
    turn.say("message_noted")
    turn.change_desk(served=True, task=None)
    turn.say("farewell_inbound", interruptible=False)
    turn.hang_up("completed")
    return True


def _store(turn: Turn) -> None:
    slots = turn.state.desk.slots
    message = TakenMessage(name=slots.get("name"), phone=slots.get("phone"), text=str(slots["text"]))
    turn.change_desk(message=message, slots={}, unserved=None)


def keep_unchecked(turn: Turn) -> None:
    """They hung up on the check of a message that was complete: it is passed on as it was said."""
    if turn.state.desk.task == "message" and turn.state.asked is Asked.MESSAGE_CHECK:
        _store(turn)


def _corrected(turn: Turn) -> bool:
    if not _collect(turn):
        if not turn.has(Answer, Unclear, Provide) or len(turn.text.split()) < _MIN_TEXT:
            return False
        _keep(turn, text=turn.text.strip())
    _ask_next(turn)
    return True
