"""One call's dialogue: utterances and channel events in, actions out. Pure; seeded by the call's id alone."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from voice_engine.core.dialogue import codec
from voice_engine.core.dialogue.actions import Action, Say
from voice_engine.core.dialogue.brief import Brief, amended, read_brief
from voice_engine.core.dialogue.commands import (
    Command,
    HandedBack,
    Offer,
    Provide,
    Unclear,
    Whispered,
)
from voice_engine.core.dialogue.desk_report import inbound_outcome
from voice_engine.core.dialogue.elliptic import complete
from voice_engine.core.dialogue.language import Context, understand
from voice_engine.core.dialogue.mishearing import repair
from voice_engine.core.dialogue.outcome import outbound_outcome
from voice_engine.core.dialogue.policies import whispered
from voice_engine.core.dialogue.policies.base import Policy
from voice_engine.core.dialogue.policies.clinic import ClinicPolicy
from voice_engine.core.dialogue.policies.general import GeneralPolicy
from voice_engine.core.dialogue.policies.hotel import HotelPolicy
from voice_engine.core.dialogue.policies.receptionist import ReceptionistPolicy
from voice_engine.core.dialogue.policies.restaurant import RestaurantPolicy
from voice_engine.core.dialogue.region import region_of
from voice_engine.core.dialogue.render.renderer import Renderer
from voice_engine.core.dialogue.state import Asked, DialogueState
from voice_engine.core.dialogue.turn import Turn
from voice_engine.core.dialogue.whisper import Instruction, read_whisper
from voice_engine.core.turns.events import Expecting
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import CallSpec, Category, Evidence, Outcome

SNAPSHOT_VERSION = 1
_HEARD_ENOUGH = 0.6
"""A reply of which less than this part was heard counts as not said: its question is put again."""

_POLICIES: Mapping[Category, Policy] = {
    Category.RESTAURANT: RestaurantPolicy(),
    Category.CLINIC: ClinicPolicy(),
    Category.HOTEL: HotelPolicy(),
    Category.GENERAL: GeneralPolicy(),
    Category.RECEPTIONIST: ReceptionistPolicy(),
}
_EXPECTING: Mapping[Asked, Expecting] = {
    Asked.REQUEST: Expecting.CONFIRM,
    Asked.WINDOW: Expecting.TIME,
    Asked.TIME: Expecting.TIME,
    Asked.CLARIFY: Expecting.TIME,
    Asked.CORRECTION: Expecting.QUESTION,
    Asked.READ_BACK: Expecting.CONFIRM,
    Asked.WITHOUT: Expecting.CONFIRM,
    Asked.BOOKED: Expecting.CONFIRM,
    Asked.QUESTION: Expecting.QUESTION,
    Asked.INTENT: Expecting.QUESTION,
    Asked.SERVICE: Expecting.QUESTION,
    Asked.DATE: Expecting.DATE,
    Asked.SLOT: Expecting.TIME,
    Asked.NAME: Expecting.NAME,
    Asked.PHONE: Expecting.PHONE,
    Asked.MESSAGE_OFFER: Expecting.CONFIRM,
    Asked.MESSAGE: Expecting.QUESTION,
    Asked.MESSAGE_CHECK: Expecting.CONFIRM,
    Asked.BOOKING_CHECK: Expecting.CONFIRM,
    Asked.WHICH_BOOKING: Expecting.CONFIRM,
    Asked.CANCEL_CHECK: Expecting.CONFIRM,
    Asked.ELSE: Expecting.QUESTION,
}
_TIME_MAY_ANSWER = frozenset({Asked.REQUEST, Asked.BOOKED, Asked.READ_BACK})
"""Questions that ask for a yes, and that "seven" answers all the same."""


class Conversation:
    """One call's dialogue. All memory is one frozen state, so `fork` costs a reference."""

    def __init__(self, spec: CallSpec) -> None:
        """Begin the conversation that `spec` describes."""
        self.spec = spec
        self.state = DialogueState()
        self._brief: Brief | None = read_brief(spec) if spec.submission is not None else None
        self._renderer = Renderer(spec.language)
        self._region = region_of(spec)
        self._policy = _POLICIES[spec.category]
        self._interruptible = True

    def open(self, now_ms: float) -> list[Action]:
        """What to do when the line is up: perhaps only to wait."""
        turn = self._turn()
        self._policy.open(turn)
        return self._take(turn)

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
        """Answer what the other party said.

        Args:
            text: the recognised words.
            start_ms: media time at which the utterance began.
            end_ms: media time at which it ended.
            turn: its index in the transcript, for evidence.
            now_ms: the engine's clock.
            commands: a model's understanding; None: the grammar understands.
        """
        understood = self._understand(text) if commands is None else tuple(commands)
        state = self.state
        self.state = replace(state, turns=state.turns + 1, history=(*state.history, ("HUMAN", text)))
        step = self._turn(understood, text, Evidence(turn=turn, start_ms=start_ms, end_ms=end_ms))
        if not whispered.take_answer(self._policy, step):
            self._policy.step(step)
        self._say_kept(step)
        return self._take(step)

    def on_command(self, command: Command, now_ms: float) -> list[Action]:
        """React to a channel event, a tool's result, a whisper, or a human who hands back."""
        step = self._turn((command,))
        match command:
            case Whispered(text=text, later=later):
                step.may_speak = not later
                step.change(history=(*step.state.history, ("NOTE", text)))
                whispered.carry_out(self._policy, step, self.read_whisper(text), text)
            case HandedBack():
                whispered.hand_back(self._policy, step)
                self._say_kept(step)
            case _:
                self._policy.step(step)
                self._say_kept(step)
        return self._take(step)

    def on_overheard(self, text: str, *, start_ms: int, end_ms: int, turn: int, agent: bool) -> list[Action]:
        """Note what was said while a human of ours led the call: by them (`agent`), or by the other party.

        Nothing is answered. Of the other party's words what was settled counts; what is to be done at once (the
        recording stopped) is in the actions. Arguments as of `on_utterance`.
        """
        self.state = replace(self.state, history=(*self.state.history, ("AGENT" if agent else "HUMAN", text)))
        if agent:
            return []
        step = self._turn(self._understand(text), text, Evidence(turn=turn, start_ms=start_ms, end_ms=end_ms))
        self._policy.overheard(step)
        return self._take(step)

    def read_whisper(self, text: str) -> Instruction:
        """What the owner's sentence would mean here."""
        return read_whisper(text, self._context())

    def _say_kept(self, step: Turn) -> None:
        """Say what the owner wrote while nobody was listening."""
        if not step.state.whispers or not whispered.listening(step):
            return
        kept = step.state.whispers
        step.change(whispers=())
        for text in kept:
            whispered.carry_out(self._policy, step, self.read_whisper(text), text)

    def on_spoken(self, text: str, heard: str, interrupted: bool) -> None:
        """Note what of the last reply was heard: the history keeps that and nothing else."""
        state = self.state
        heard = heard.strip()
        history = (*state.history, ("AI", heard)) if heard else state.history
        cut = interrupted and len(heard) < _HEARD_ENOUGH * len(text)
        self.state = replace(state, history=history, unheard=cut)

    @property
    def expecting(self) -> Expecting | None:
        """The open question's kind of answer, or None."""
        return _EXPECTING.get(self.state.asked) if self.state.asked is not None else None

    @property
    def on_hold(self) -> bool:
        """Whether they asked us to wait, or wait for somebody we ring: music and silence start no turn."""
        return self.state.on_hold or self.state.transferring is not None

    @property
    def listening_to_menu(self) -> bool:
        """Whether a phone menu is being read out."""
        return self.state.listening_to_menu

    @property
    def interruptible(self) -> bool:
        """Whether barge-in may cut the present reply."""
        return self._interruptible

    @property
    def history(self) -> list[tuple[str, str]]:
        """(speaker, text) in order, "AI" with heard text only."""
        return list(self.state.history)

    def fork(self) -> "Conversation":
        """An independent copy for speculation."""
        twin = object.__new__(Conversation)
        twin.__dict__.update(self.__dict__)
        return twin

    def snapshot(self) -> dict[str, Any]:
        """The dialogue's whole memory, JSON-ready and versioned."""
        return {"version": SNAPSHOT_VERSION, "call_id": self.spec.call_id, "state": codec.encode(self.state)}

    @classmethod
    def restore(cls, spec: CallSpec, snapshot: Mapping[str, Any]) -> "Conversation":
        """Go on from a snapshot of the same call.

        Raises:
            InvalidInput: `snapshot_version` or `snapshot_unreadable`.
        """
        if snapshot.get("version") != SNAPSHOT_VERSION:
            raise InvalidInput("snapshot_version", f"a dialogue snapshot of version {snapshot.get('version')!r}")
        conversation = cls(spec)
        state = codec.decode(snapshot.get("state"))
        if not isinstance(state, DialogueState):
            raise InvalidInput("snapshot_unreadable", "the dialogue snapshot holds no state")
        conversation.state = state
        return conversation

    def outcome(self) -> Outcome:
        """What the conversation has come to so far; final once it has ended."""
        brief = self._amended()
        if brief is None:
            return inbound_outcome(self.spec, self.state)
        return outbound_outcome(self.spec, brief, self.state)

    def _amended(self) -> Brief | None:
        return None if self._brief is None else amended(self._brief, self.state.told)

    def _understand(self, text: str) -> tuple[Command, ...]:
        text = complete(repair(text, self.spec.language), self.spec.language, self._talked_about())
        context = self._context()
        commands = understand(text, context).commands
        if self.state.asked in _TIME_MAY_ANSWER and all(isinstance(item, Unclear) for item in commands):
            as_time = understand(text, replace(context, expecting="time")).commands
            if any(isinstance(item, Provide | Offer) for item in as_time):
                return as_time
        return commands

    def _talked_about(self) -> dt.time | None:
        """The time whose hour "half past" takes up; None once they have offered others."""
        if self._brief is None:
            wished = self.state.desk.slots.get("time")
        else:
            preferred = amended(self._brief, self.state.told).wanted.preferred
            wished = self.state.agreed.get("time") or (None if self.state.offers else preferred)
        return wished if isinstance(wished, dt.time) else None

    def _context(self) -> Context:
        return Context(
            language=self.spec.language,
            now=self.spec.answered_at,
            category=self.spec.category,
            region=self._region,
            hours=self._usual_hours(),
            expecting=self.expecting.value if self.expecting is not None else None,
            asked=self.state.asked.value if self.state.asked is not None else None,
        )

    def _usual_hours(self) -> tuple[dt.time, dt.time] | None:
        """From the first opening to the last closing of the business, for am or pm; None when not known."""
        hours = self.spec.assistant.hours.values() if self.spec.assistant is not None else ()
        if not hours:
            return None
        return min(day.open for day in hours), max(day.close for day in hours)

    def _turn(self, commands: Sequence[Command] = (), text: str = "", evidence: Evidence | None = None) -> Turn:
        return Turn(
            self.state,
            spec=self.spec,
            brief=self._amended(),
            renderer=self._renderer,
            commands=commands,
            text=text,
            evidence=evidence,
        )

    def _take(self, turn: Turn) -> list[Action]:
        actions = turn.finish()
        self.state = turn.state
        said = [action for action in actions if isinstance(action, Say)]
        if said:
            self._interruptible = all(action.interruptible for action in said)
        return actions
