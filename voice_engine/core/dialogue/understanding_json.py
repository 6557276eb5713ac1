"""The JSON-lines shape of understanding: one request a line in, one reading a line out."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, get_args

from voice_engine.core.dialogue.language import Context, Expecting, Understanding, understand
from voice_engine.errors import InvalidInput

_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]?\d|2[0-3]):([0-5]\d)")
_SLOTS = ("dates", "times", "party_sizes", "phones", "codes", "names", "nights", "emails")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One line of input: the utterance, what it is understood against, and the id to answer with."""

    id: Any
    text: str
    context: Context


def parse_hours(text: str) -> tuple[dt.time, dt.time]:
    """Opening hours written `17:00-23:00`.

    Raises:
        InvalidInput: `invalid_hours` when they are written otherwise.
    """
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        raise InvalidInput("invalid_hours", f"hours must be like 17:00-23:00, not {text!r}")
    opens_hour, opens_minute, closes_hour, closes_minute = map(int, match.groups())
    return dt.time(opens_hour, opens_minute), dt.time(closes_hour, closes_minute)


def parse_request(line: Mapping[str, Any], defaults: Context) -> Request:
    """One decoded line: `{"id", "text", "expecting"?, "asked"?, "hours"?}`; what is left out comes from `defaults`.

    Raises:
        InvalidInput: `invalid_line` naming the key that is wrong, or `invalid_hours`.
    """
    text = line.get("text")
    if not isinstance(text, str):
        raise InvalidInput("invalid_line", "text: must be a string")
    expecting = line.get("expecting", defaults.expecting)
    if expecting is not None and expecting not in get_args(Expecting):
        raise InvalidInput("invalid_line", f"expecting: must be one of {', '.join(get_args(Expecting))}")
    asked = line.get("asked", defaults.asked)
    if asked is not None and not isinstance(asked, str):
        raise InvalidInput("invalid_line", "asked: must be a string")
    hours = line.get("hours")
    if hours is not None and not isinstance(hours, str):
        raise InvalidInput("invalid_hours", "hours: must be a string like 17:00-23:00")
    context = replace(
        defaults,
        expecting=expecting,
        asked=asked,
        hours=defaults.hours if hours is None else parse_hours(hours),
    )
    return Request(id=line.get("id"), text=text, context=context)


def answer(request: Request) -> dict[str, Any]:
    """Understand one request: `{"id", "commands": [{"type", …}], "slots": {…}}`, JSON-ready."""
    return {"id": request.id, **understanding_json(understand(request.text, request.context))}


def understanding_json(understanding: Understanding) -> dict[str, Any]:
    """`{"commands", "slots"}`: commands by `type`, dates ISO, times `HH:MM`."""
    slots = {name: _plain(getattr(understanding.slots, name)) for name in _SLOTS}
    return {"commands": [_plain(command) for command in understanding.commands], "slots": slots}


def _plain(value: Any) -> Any:
    """A value as JSON has it. Command fields that say nothing (None, False, empty) are left out."""
    match value:
        case dt.time():
            return value.isoformat(timespec="minutes")
        case dt.date():
            return value.isoformat()
        case tuple() | list():
            return [_plain(item) for item in value]
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            return _tagged(value)
        case _:
            return value


def _tagged(value: Any) -> dict[str, Any]:
    held = {item.name: getattr(value, item.name) for item in fields(value)}
    said = {name: _plain(item) for name, item in held.items() if item not in (None, False, (), {})}
    return said if type(value).__name__ == "When" else {"type": type(value).__name__, **said}
