"""What the brain and the session need of a conversation: `core.dialogue.conversation.Conversation`, or a test's."""

from collections.abc import Sequence
from typing import Any, Protocol, Self

from voice_engine.core.dialogue.actions import Action
from voice_engine.core.dialogue.commands import Command
from voice_engine.core.dialogue.whisper import Instruction
from voice_engine.core.turns.events import Expecting
from voice_engine.ports.call import CallSpec, Outcome

History = Sequence[tuple[str, str]]


class Dialogue(Protocol):
    """What the brain needs of `core.dialogue.conversation.Conversation`."""

    def open(self, now_ms: float) -> list[Action]:
        """Actions at answer."""
        ...

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
        """Actions after one human turn."""
        ...

    def on_command(self, command: Command, now_ms: float) -> list[Action]:
        """Actions after a channel event or a tool's result."""
        ...

    def on_overheard(self, text: str, *, start_ms: int, end_ms: int, turn: int, agent: bool) -> list[Action]:
        """Note what was said while a human led; actions that are due all the same."""
        ...

    def read_whisper(self, text: str) -> Instruction:
        """What the owner's sentence means here."""
        ...

    def on_spoken(self, text: str, heard: str, interrupted: bool) -> None:
        """Note what of a reply was heard."""
        ...

    def fork(self) -> Self:
        """An independent copy."""
        ...

    def snapshot(self) -> dict[str, Any]:
        """The state, JSON-ready."""
        ...

    def outcome(self) -> Outcome:
        """What the call came to so far."""
        ...

    @property
    def expecting(self) -> Expecting | None:
        """The open question."""
        ...

    @property
    def on_hold(self) -> bool:
        """Whether the other party asked us to hold."""
        ...

    @property
    def listening_to_menu(self) -> bool:
        """Whether a phone menu is being read out."""
        ...

    @property
    def interruptible(self) -> bool:
        """Whether the present reply may be cleared."""
        ...

    @property
    def history(self) -> History:
        """(speaker, heard text), oldest first."""
        ...

    @property
    def spec(self) -> CallSpec:
        """The call."""
        ...
