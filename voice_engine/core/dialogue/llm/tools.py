"""What a model may call: a corrected understanding, and look-ups. Both become commands; the policy decides.

The schema is generated from the command types. Channel events and tool results are not among them: a model
can neither forge a beep nor a booking's answer. A look-up is the command that makes the policy look up, so a
result only ever comes from `UseTool`; booking and cancelling wait for the human's own yes and have no tool.
"""

import datetime as dt
import functools
import json
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal

from voice_engine.core.dialogue import commands as c
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import Category
from voice_engine.ports.llm import ToolCall, ToolSpec

REPORT = "report_understanding"
SEARCH = "search_knowledge"
MAX_COMMANDS = 8
"""One utterance holds fewer statements than this; more is a model that rambles."""

_CHANNEL = (
    c.ToolResult, c.Beep, c.Music, c.Silence, c.Dtmf, c.Unintelligible, c.TimeLimit, c.MachineHeard,
    c.TransferBegun, c.TransferEnded, c.HungUp,
)  # fmt: skip
_FROM_CALLER = (c.WantBooking, c.WantReschedule, c.WantCancel, c.AskFact, c.LeaveMessage)
_FROM_BUSINESS = (c.Booked, c.Confirm, c.Unavailable, c.Refuse, c.Menu, c.VoicemailGreeting, c.Screening)

_DATE_SLOTS = frozenset({"date", "check_out", "birth_date"})
_INT_SLOTS = frozenset({"party_size", "nights"})

_LOOK_UPS: Mapping[str, ToolSpec] = {
    SEARCH: ToolSpec(
        name=SEARCH,
        description="Look a fact of the business up: hours, prices, services, location, policies.",
        parameters={
            "type": "object",
            "properties": {"query": {"type": "string", "description": "The caller's question in few words."}},
            "required": ["query"],
            "additionalProperties": False,
        },
    ),
    "calendar_free": ToolSpec(
        name="calendar_free",
        description="Look free appointment times up, when the caller wants to book.",
        parameters={
            "type": "object",
            "properties": {
                "date": {"type": "string", "format": "date", "description": "YYYY-MM-DD"},
                "time": {"type": "string", "description": "HH:MM, 24 hours"},
                "service": {"type": "string"},
            },
            "required": [],
            "additionalProperties": False,
        },
    ),
    "calendar_find": ToolSpec(
        name="calendar_find",
        description="Find the caller's existing booking, to move or cancel it.",
        parameters={
            "type": "object",
            "properties": {"purpose": {"type": "string", "enum": ["reschedule", "cancel"]}},
            "required": ["purpose"],
            "additionalProperties": False,
        },
    ),
}


def command_types(category: Category) -> tuple[type[Any], ...]:
    """The commands that a model may report in calls of this category."""
    other_side = _FROM_BUSINESS if category is Category.RECEPTIONIST else _FROM_CALLER
    return tuple(kind for kind in typing.get_args(c.Command) if kind not in _CHANNEL and kind not in other_side)


@functools.cache
def tools_for(category: Category) -> tuple[ToolSpec, ...]:
    """The tools offered in calls of this category."""
    kinds = command_types(category)
    report = ToolSpec(
        name=REPORT,
        description=(
            "Only when what was understood is wrong: what their last words mean, one or more statements. "
            "Use only values that they said. Write no text with it."
        ),
        parameters={
            "type": "object",
            "properties": {"commands": {"type": "array", "items": {"anyOf": [_schema_of(kind) for kind in kinds]}}},
            "required": ["commands"],
            "additionalProperties": False,
        },
    )
    return (report, *_LOOK_UPS.values()) if category is Category.RECEPTIONIST else (report,)


def commands_of(call: ToolCall, category: Category) -> tuple[c.Command, ...]:
    """The commands that a tool call stands for.

    Raises:
        InvalidInput: `llm_tool_unknown`, `llm_tool_malformed`; nothing of the call may then be used.
    """
    if call.name not in {tool.name for tool in tools_for(category)}:
        raise InvalidInput("llm_tool_unknown", f"the model called a tool that it was not offered: {call.name[:40]}")
    try:
        arguments = json.loads(call.arguments or "{}")
        if not isinstance(arguments, dict):
            raise TypeError("arguments are no object")
        return _report(arguments, category) if call.name == REPORT else _look_up(call.name, arguments)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise InvalidInput("llm_tool_malformed", f"the model called {call.name} with unusable arguments") from error


def as_json(commands: Sequence[c.Command]) -> str:
    """Commands as a model is shown them."""
    return json.dumps([_plain(command) for command in commands], ensure_ascii=False, default=str)


def _report(arguments: Mapping[str, Any], category: Category) -> tuple[c.Command, ...]:
    entries = arguments["commands"]
    if not isinstance(entries, list) or not 1 <= len(entries) <= MAX_COMMANDS:
        raise ValueError("commands must be a short list")
    by_name = {kind.__name__: kind for kind in command_types(category)}
    return tuple(_command(by_name, entry) for entry in entries)


def _command(by_name: Mapping[str, type[Any]], entry: Any) -> Any:
    if not isinstance(entry, dict):
        raise TypeError("a command is an object")
    values = dict(entry)
    kind = by_name[values.pop("type")]
    if kind is c.Provide:
        values["value"] = _slot_value(values["slot"], values["value"])
    elif kind is c.Confirm:
        slots = values.get("slots", {})
        values["slots"] = {name: _slot_value(name, value) for name, value in dict(slots).items()}
    return _build(kind, values)


def _look_up(name: str, arguments: Mapping[str, Any]) -> tuple[c.Command, ...]:
    if name == SEARCH:
        return (c.AskFact(fact="other", query=_text(arguments["query"])),)
    if name == "calendar_find":
        return (c.WantCancel(),) if arguments["purpose"] == "cancel" else (c.WantReschedule(),)
    service = arguments.get("service")
    slots: tuple[c.SlotName, ...] = ("date", "time")
    provided = [slot for slot in slots if arguments.get(slot)]
    return (
        c.WantBooking(service=_text(service) if service else None),
        *(c.Provide(slot=slot, value=_slot_value(slot, arguments[slot])) for slot in provided),
    )


def _slot_value(slot: Any, value: Any) -> Any:
    if slot not in typing.get_args(c.SlotName):
        raise ValueError("no such slot")
    if slot in _DATE_SLOTS:
        return dt.date.fromisoformat(value)
    if slot == "time":
        return dt.time.fromisoformat(value)
    if slot in _INT_SLOTS:
        if isinstance(value, bool) or int(value) != float(value) or not 0 < int(value) < 1000:
            raise ValueError("not a small whole number")
        return int(value)
    return _text(str(value) if isinstance(value, int | float) else value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 500:
        raise ValueError("not a short text")
    return value.strip()


# --- types to schema, JSON to values: two readings of the same annotations


def _hints(kind: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _schema_of(kind: type[Any]) -> dict[str, Any]:
    schema = _object_schema(kind)
    schema["properties"] = {"type": {"type": "string", "const": kind.__name__}, **schema["properties"]}
    schema["required"] = ["type", *schema["required"]]
    schema["description"] = (kind.__doc__ or "").strip()
    return schema


def _object_schema(kind: type[Any]) -> dict[str, Any]:
    hints = _hints(kind)
    required = [item.name for item in fields(kind) if item.default is MISSING and item.default_factory is MISSING]
    return {
        "type": "object",
        "properties": {item.name: _schema(hints[item.name]) for item in fields(kind)},
        "required": required,
        "additionalProperties": False,
    }


_PLAIN_SCHEMAS: Mapping[Any, Mapping[str, Any]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    str: {"type": "string"},
    dt.date: {"type": "string", "format": "date", "description": "YYYY-MM-DD"},
    dt.time: {"type": "string", "description": "HH:MM, 24 hours"},
    Any: {"type": ["string", "integer"], "description": "dates YYYY-MM-DD, times HH:MM (24 hours)"},
}


def _schema(hint: Any) -> dict[str, Any]:
    if hint in _PLAIN_SCHEMAS:
        return dict(_PLAIN_SCHEMAS[hint])
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return {"type": "string", "enum": list(args)}
    if origin in (types.UnionType, typing.Union):
        (inner,) = (arg for arg in args if arg is not type(None))
        return _schema(inner)
    if origin is tuple:
        return {"type": "array", "items": _schema(args[0])}
    if is_dataclass(hint) and isinstance(hint, type):
        return _object_schema(hint)
    return {"type": "object"}


def _build(kind: type[Any], values: Mapping[str, Any]) -> Any:
    """A command or `When` from JSON values; unknown and missing fields are errors."""
    hints = _hints(kind)
    if unknown := set(values) - set(hints):
        raise ValueError(f"unknown fields {sorted(unknown)}")
    return kind(**{name: _value(hints[name], value) for name, value in values.items()})


def _value(hint: Any, value: Any) -> Any:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        inner = next(arg for arg in args if arg is not type(None))
        return None if value is None else _value(inner, value)
    if origin is Literal:
        if value not in args:
            raise ValueError("not one of the allowed words")
        return value
    if origin is tuple:
        return tuple(_value(args[0], item) for item in _listed(value))
    if hint in (dt.date, dt.time):
        return hint.fromisoformat(value)
    if hint is str:
        return _text(value)
    if hint is bool and not isinstance(value, bool):
        raise ValueError("not true or false")
    return _build(hint, value) if is_dataclass(hint) and isinstance(hint, type) else value


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > MAX_COMMANDS:
        raise ValueError("not a short list")
    return value


def _plain(value: Any) -> Any:
    """A command as JSON-ready values, empty fields left out."""
    if not is_dataclass(value):
        return [_plain(item) for item in value] if isinstance(value, tuple) else value
    filled = {item.name: getattr(value, item.name) for item in fields(value)}
    shown = {name: _plain(item) for name, item in filled.items() if item not in (None, False, ())}
    return {"type": type(value).__name__, **shown} if not isinstance(value, c.When) else shown
