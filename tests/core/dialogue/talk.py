"""Drives a conversation by commands or by words, and remembers what was done: the tests' other end of the line."""

import datetime as dt
from typing import Any

from voice_engine.core.dialogue.actions import Action, Hangup, Say, UseTool
from voice_engine.core.dialogue.commands import Command, ToolResult
from voice_engine.core.dialogue.conversation import Conversation
from voice_engine.ports.call import (
    Assistant,
    Business,
    CallSpec,
    Category,
    KnowledgeEntry,
    OpeningHours,
    Submission,
)

NOW = dt.datetime(2026, 2, 13, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=-5)))
SATURDAY = dt.date(2026, 2, 14)
SUNDAY = dt.date(2026, 2, 15)
TUESDAY = dt.date(2026, 2, 17)
EIGHT = dt.time(20, 0)
EIGHT_THIRTY = dt.time(20, 30)
NINE = dt.time(21, 0)
NINE_TO_FIVE = OpeningHours(open=dt.time(9, 0), close=dt.time(17, 0))


def outbound_spec(category: Category = Category.RESTAURANT, **fields: Any) -> CallSpec:
    """A table for four, Saturday at eight, between seven and nine, for John Smith; `fields` of the submission."""
    call_fields = _taken(fields, "call_id", "language", "app_language", "record")
    submission: dict[str, Any] = {
        "task_category": category,
        "task_description": "Reserve a table",
        "respondent_phone": "+15550100123",
        "user_name": "John Smith",
        "party_size": 4,
        "appointment_date": SATURDAY,
        "appointment_time": EIGHT,
        "time_preference_text": "between 7 and 9",
    }
    submission.update(fields)
    call: dict[str, Any] = {"call_id": "call-1", "direction": "outbound", "language": "en", "answered_at": NOW}
    call.update(call_fields)
    return CallSpec(**call, submission=Submission(**submission))


def inbound_spec(**fields: Any) -> CallSpec:
    """A salon, open Monday to Friday nine to five; `fields` of the assistant."""
    call_fields = _taken(fields, "call_id", "language", "caller_phone")
    assistant: dict[str, Any] = {
        "name": "Shear Joy",
        "business": Business(name="Shear Joy", address="12 Main Street", services=("haircut", "coloring")),
        "hours": dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), NINE_TO_FIVE),
        "knowledge": (KnowledgeEntry(key="parking", text="There is free parking behind the building."),),
        "transfer_targets": {"Maria": "+15550100199"},
    }
    assistant.update(fields)
    call: dict[str, Any] = {"call_id": "call-1", "direction": "inbound", "language": "en", "answered_at": NOW}
    call.update(call_fields)
    return CallSpec(**call, assistant=Assistant(**assistant))


def _taken(fields: dict[str, Any], *keys: str) -> dict[str, Any]:
    """The fields of the call itself, taken out of `fields`."""
    return {key: fields.pop(key) for key in keys if key in fields}


class Talk:
    """A conversation and what it did. `hear` gives commands, `words` lets the grammar understand."""

    def __init__(self, spec: CallSpec) -> None:
        self.conversation = Conversation(spec)
        self.actions: list[Action] = self.conversation.open(0.0)
        self.turn = 0

    def hear(self, *commands: Command, text: str = "…") -> str:
        """They say something that was understood as `commands`; what we said to it."""
        return self._take(
            self.conversation.on_utterance(
                text,
                start_ms=self.turn * 1000,
                end_ms=self.turn * 1000 + 800,
                turn=self.turn,
                now_ms=0.0,
                commands=commands,
            )
        )

    def words(self, text: str) -> str:
        """They say `text`; what we said to it."""
        return self._take(
            self.conversation.on_utterance(
                text, start_ms=self.turn * 1000, end_ms=self.turn * 1000 + 800, turn=self.turn, now_ms=0.0
            )
        )

    def event(self, command: Command) -> str:
        """A channel event; what we said to it."""
        self.actions = self.conversation.on_command(command, 0.0)
        return self.said

    def result(self, value: Any = None, error: str | None = None) -> str:
        """The pending tool answers; what we said to it."""
        return self.event(ToolResult(id=self.tool.id, value=value, error=error))

    @property
    def said(self) -> str:
        """What the last actions speak."""
        return " ".join(action.text for action in self.actions if isinstance(action, Say))

    @property
    def acts(self) -> list[str]:
        """The templates that the last actions speak."""
        return [action.template for action in self.actions if isinstance(action, Say)]

    @property
    def tool(self) -> UseTool:
        """The tool that the last actions use."""
        return next(action for action in self.actions if isinstance(action, UseTool))

    @property
    def hung_up(self) -> bool:
        """Whether the last actions end the call."""
        return any(isinstance(action, Hangup) for action in self.actions)

    def _take(self, actions: list[Action]) -> str:
        self.turn += 2
        self.actions = actions
        said = self.said
        self.conversation.on_spoken(said, said, False)
        return said
