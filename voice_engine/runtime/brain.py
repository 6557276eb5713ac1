"""One call's mind as the session sees it: what to say and do next, clause by clause.

The deterministic `Conversation` is always the truth of state, slots, negotiation, safety and outcome.
With a language model the brain lets it phrase, and question the understanding of, what the policy decided.
"""

from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self

from voice_engine.clock import LoopClock
from voice_engine.core.dialogue.actions import Action, Say
from voice_engine.core.dialogue.clauses import ClauseCutter, CutMode
from voice_engine.core.dialogue.commands import Command
from voice_engine.core.turns.events import Expecting
from voice_engine.ports.call import CallSpec, Outcome
from voice_engine.ports.llm import LLM


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """Speak `text`, a clause or sentence. `template` names the act it belongs to, for the transcript."""

    text: str
    slow: bool = False
    interruptible: bool = True
    template: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Do:
    """Perform `action` (never a `Say`) once what came before it is queued."""

    action: Action


Step = Clause | Do
Source = Literal["template", "model", "mixed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrainSettings:
    """How text is cut, and how long a model may take.

    `llm_deadline_ms`: from the turn's arrival here to its first checked clause, else the template is spoken.
    """

    cut: CutMode = "clause"
    llm_deadline_ms: float = 1200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BrainTimings:
    """Where one turn's time went, in ms of the loop's clock; model fields are None when none was asked.

    `policy_ms`: understanding and policy. `llm_first_ms`: request to first token. `llm_ms`: request to the
    first clause that may be spoken (what the caller waited for). `source`: who worded what was said.
    """

    policy_ms: float = 0.0
    llm_first_ms: float | None = None
    llm_ms: float | None = None
    source: Source = "template"


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
    def history(self) -> Sequence[tuple[str, str]]:
        """(speaker, heard text), oldest first."""
        ...

    @property
    def spec(self) -> CallSpec:
        """The call."""
        ...


class Brain:
    """One call's conversation, with or without a model. Used by one task; generators are closed by `aclosing`."""

    def __init__(
        self, conversation: Dialogue, llm: LLM | None = None, settings: BrainSettings | None = None
    ) -> None:
        self._conversation = conversation
        self._llm = llm
        self._settings = settings or BrainSettings()
        self._clock = LoopClock()
        self._timings = BrainTimings()

    @property
    def conversation(self) -> Dialogue:
        """The truth of the call's state. Read it anew each time: a model's correction replaces the object."""
        return self._conversation

    @property
    def timings(self) -> BrainTimings:
        """Of the last turn begun; complete once its generator is exhausted or closed."""
        return self._timings

    async def open(self, now_ms: float) -> AsyncGenerator[Step, None]:
        """What to say and do when the line is up."""
        for step in self._decided(self._conversation.open(now_ms), self._clock.now_ms()):
            yield step

    async def respond(
        self, text: str, *, start_ms: int, end_ms: int, turn: int, now_ms: float
    ) -> AsyncGenerator[Step, None]:
        """Answer one human turn: `text` as recognised, spoken from `start_ms` to `end_ms` of media time."""
        began_ms = self._clock.now_ms()
        actions = self._conversation.on_utterance(text, start_ms=start_ms, end_ms=end_ms, turn=turn, now_ms=now_ms)
        for step in self._decided(actions, began_ms):
            yield step

    async def signal(self, command: Command, now_ms: float) -> AsyncGenerator[Step, None]:
        """React to a channel event or to a tool's result."""
        began_ms = self._clock.now_ms()
        for step in self._decided(self._conversation.on_command(command, now_ms), began_ms):
            yield step

    def prepare(self, text: str, now_ms: float) -> list[str]:
        """The clauses that would be spoken if the turn ended now with `text`; changes nothing.

        For warming a synthesizer's cache while it is still uncertain that the turn is over.
        """
        fork = self._conversation.fork()
        actions = fork.on_utterance(text, start_ms=0, end_ms=0, turn=0, now_ms=now_ms)
        return [step.text for step in steps_of(actions, self._settings.cut) if isinstance(step, Clause)]

    def _decided(self, actions: Sequence[Action], began_ms: float) -> Iterator[Step]:
        self._timings = BrainTimings(policy_ms=self._clock.now_ms() - began_ms)
        return steps_of(actions, self._settings.cut)


def steps_of(actions: Sequence[Action], cut: CutMode) -> Iterator[Step]:
    """The steps of a policy's actions, in order, each `Say` cut into clauses; the first clause may be short."""
    cutter = ClauseCutter(cut)
    for action in actions:
        if not isinstance(action, Say):
            yield Do(action=action)
            continue
        for text in [*cutter.push(action.text), *cutter.finish()]:
            yield Clause(text=text, slow=action.slow, interruptible=action.interruptible, template=action.template)
