"""A conversation whose every answer is written down beforehand; it keeps what it was told."""

import copy
import datetime as dt
from collections.abc import Sequence
from typing import Any, Self

from voice_engine.core.dialogue.actions import Action
from voice_engine.core.dialogue.commands import Command
from voice_engine.core.dialogue.whisper import Instruction, Note
from voice_engine.core.turns.events import Expecting
from voice_engine.ports.call import CallSpec, Category, Disposition, Outcome, Status, Submission, TaskOutcome

NOW = dt.datetime(2026, 2, 13, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=-5)))


def restaurant_spec(**overrides: Any) -> CallSpec:
    """An outbound table for four, Saturday 14 February 2026 at eight in the evening, for John Smith."""
    fields: dict[str, Any] = {
        "call_id": "call-1",
        "direction": "outbound",
        "language": "en",
        "answered_at": NOW,
        "submission": Submission(
            task_category=Category.RESTAURANT,
            task_description="Reserve a table",
            respondent_phone="+15550100123",
            business_name="Nobu",
            user_name="John Smith",
            party_size=4,
            appointment_date=dt.date(2026, 2, 14),
            appointment_time=dt.time(20, 0),
            time_preference_text="between 7 and 9",
        ),
    }
    return CallSpec(**{**fields, **overrides})


class ScriptedDialogue:
    """Answers `on_utterance` from `replies` (by text, else `default`), `on_command` from `reactions` (by type)."""

    def __init__(
        self,
        spec: CallSpec,
        *,
        replies: dict[str, list[Action]] | None = None,
        default: Sequence[Action] = (),
        reactions: dict[str, list[Action]] | None = None,
        opening: Sequence[Action] = (),
        corrected: dict[str, list[Action]] | None = None,
    ) -> None:
        self._spec = spec
        self.replies = replies or {}
        self.default = list(default)
        self.reactions = reactions or {}
        self.opening = list(opening)
        self.corrected = corrected or {}
        self.heard: list[str] = []
        self.given: list[tuple[Command, ...]] = []
        self.lines: list[tuple[str, str]] = []
        self.task_outcome: TaskOutcome | None = None

    @property
    def spec(self) -> CallSpec:
        return self._spec

    def open(self, now_ms: float) -> list[Action]:
        return list(self.opening)

    def on_utterance(
        self,
        text: str,
        *,
        start_ms: int,
        end_ms: int,
        turn: int,
        now_ms: float,
        commands: Sequence[Command] | None = None,
    ) -> list[Action]:
        self.heard.append(text)
        self.lines.append(("HUMAN", text))
        if commands is not None:
            self.given.append(tuple(commands))
            return list(self.corrected.get(type(commands[0]).__name__, self.default))
        return list(self.replies.get(text, self.default))

    def on_command(self, command: Command, now_ms: float) -> list[Action]:
        return list(self.reactions.get(type(command).__name__, []))

    def on_overheard(self, text: str, *, start_ms: int, end_ms: int, turn: int, agent: bool) -> list[Action]:
        self.lines.append(("AGENT" if agent else "HUMAN", text))
        return []

    def read_whisper(self, text: str) -> Instruction:
        return Note(text=text)

    def on_spoken(self, text: str, heard: str, interrupted: bool) -> None:
        self.lines.append(("AI", heard))

    def fork(self) -> Self:
        return copy.deepcopy(self)

    def snapshot(self) -> dict[str, Any]:
        return {"heard": list(self.heard), "given": [[repr(c) for c in g] for g in self.given]}

    def outcome(self) -> Outcome:
        return Outcome(status=Status.FAILED, disposition=Disposition.COMPLETED, task_outcome=self.task_outcome)

    @property
    def expecting(self) -> Expecting | None:
        return None

    @property
    def on_hold(self) -> bool:
        return False

    @property
    def listening_to_menu(self) -> bool:
        return False

    @property
    def interruptible(self) -> bool:
        return True

    @property
    def history(self) -> Sequence[tuple[str, str]]:
        return list(self.lines)
