"""Dialogue state to JSON-ready values and back: tagged, so that a date comes back as a date."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any

from voice_engine.core.dialogue.commands import When
from voice_engine.core.dialogue.state import Asked, Desk, DialogueState, Heard, Phase
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import Evidence, TakenMessage

_CLASSES: Mapping[str, type[Any]] = {
    cls.__name__: cls for cls in (DialogueState, Desk, Heard, Evidence, TakenMessage, When)
}
_ENUMS: Mapping[str, type[StrEnum]] = {cls.__name__: cls for cls in (Phase, Asked)}
_TAG = "$"


def encode(value: Any) -> Any:
    """Turn a state value into what `json.dumps` accepts without loss.

    Raises:
        TypeError: the value's type is not one that the state may hold.
    """
    match value:
        case StrEnum():
            return {_TAG: type(value).__name__, "value": value.value}
        case None | bool() | int() | float() | str():
            return value
        case dt.datetime():
            return {_TAG: "datetime", "value": value.isoformat()}
        case dt.date():
            return {_TAG: "date", "value": value.isoformat()}
        case dt.time():
            return {_TAG: "time", "value": value.isoformat()}
        case Mapping():
            return {_TAG: "map", "value": {str(key): encode(item) for key, item in value.items()}}
        case tuple() | list():
            return [encode(item) for item in value]
    if is_dataclass(value) and type(value).__name__ in _CLASSES:
        packed = {item.name: encode(getattr(value, item.name)) for item in fields(value)}
        return {_TAG: type(value).__name__, "value": packed}
    raise TypeError(f"dialogue state cannot hold {type(value).__name__}")


def decode(value: Any) -> Any:
    """The inverse of `encode`; lists come back as tuples.

    Raises:
        InvalidInput: `snapshot_unreadable`, when a tag or a field is unknown.
    """
    if isinstance(value, list):
        return tuple(decode(item) for item in value)
    if not isinstance(value, dict):
        return value
    tag, body = value.get(_TAG), value.get("value")
    try:
        return _untag(str(tag), body)
    except (TypeError, ValueError, KeyError) as error:
        raise InvalidInput("snapshot_unreadable", f"the dialogue snapshot has an unreadable {tag}") from error


def _untag(tag: str, body: Any) -> Any:
    match tag:
        case "map":
            return {key: decode(item) for key, item in body.items()}
        case "datetime":
            return dt.datetime.fromisoformat(body)
        case "date":
            return dt.date.fromisoformat(body)
        case "time":
            return dt.time.fromisoformat(body)
    if tag in _ENUMS:
        return _ENUMS[tag](body)
    return _CLASSES[tag](**{key: decode(item) for key, item in body.items()})
