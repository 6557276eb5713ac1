"""One step of a policy in the making: the state so far, what was understood, and the actions decided on."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from voice_engine.core.dialogue.actions import Action, Hangup, Say, StopRecording, Wait
from voice_engine.core.dialogue.brief import Brief, amended, retold
from voice_engine.core.dialogue.commands import Command
from voice_engine.core.dialogue.render.renderer import Renderer
from voice_engine.core.dialogue.state import Asked, Desk, DialogueState, End, Heard, Phase
from voice_engine.ports.call import CallSpec, Evidence

GOODBYE_AFTER_MS = 3_000
"""After the last word is said we give them this long to add something before we say goodbye."""

AnyCommand = TypeVar("AnyCommand", bound=Command)


class Turn:
    """The workspace of one step. `state` is replaced as the step goes on; nothing else outlives it.

    Attributes:
        spec: the call's specification.
        brief: what the owner wants, read from an outbound call's submission; None on inbound calls.
        commands: what was understood, in the order in which it matters.
        text: the utterance, empty for channel events.
        evidence: where the utterance was said, None for channel events.
        may_speak: whether the floor is ours; False: what is decided now is said with the answer to come.
    """

    def __init__(
        self,
        state: DialogueState,
        *,
        spec: CallSpec,
        brief: Brief | None,
        renderer: Renderer,
        commands: Iterable[Command] = (),
        text: str = "",
        evidence: Evidence | None = None,
    ) -> None:
        self.state = state
        self.spec = spec
        self.brief = brief
        self.commands: tuple[Command, ...] = tuple(commands)
        self.text = text
        self.evidence = evidence
        self.actions: list[Action] = []
        self.before = state
        self.may_speak = True
        self._renderer = renderer

    # What was understood.

    def find(self, kind: type[AnyCommand]) -> AnyCommand | None:
        """The first command of this kind, or None."""
        return next((command for command in self.commands if isinstance(command, kind)), None)

    def all(self, kind: type[AnyCommand]) -> list[AnyCommand]:
        """Every command of this kind, in order."""
        return [command for command in self.commands if isinstance(command, kind)]

    def has(self, *kinds: type[Command]) -> bool:
        """Whether any command is of one of these kinds."""
        return any(isinstance(command, kinds) for command in self.commands)

    def only(self, *kinds: type[Command]) -> bool:
        """Whether there are commands and all are of these kinds."""
        return bool(self.commands) and all(isinstance(command, kinds) for command in self.commands)

    @property
    def today(self) -> dt.date:
        """The call's date in its own time zone."""
        return self.spec.answered_at.date()

    # What is decided.

    def change(self, **changes: Any) -> None:
        """Replace fields of the state."""
        self.state = replace(self.state, **changes)

    def change_desk(self, **changes: Any) -> None:
        """Replace fields of the receptionist's part of the state."""
        desk: Desk = replace(self.state.desk, **changes)
        self.state = replace(self.state, desk=desk)

    def say(self, act: str, *, slow: bool = False, interruptible: bool = True, **slots: Any) -> None:
        """Speak one variant of the act, not the one that was spoken last."""
        variant = self._pick(act)
        text = self._renderer.render(act, variant, slots)
        self.change(variants={**self.state.variants, act: variant})
        self.actions.append(Say(template=act, text=text, slots=slots, slow=slow, interruptible=interruptible))

    def phrase(self, act: str, **slots: Any) -> str:
        """An act in words, without saying it now."""
        return self._renderer.render(act, self._pick(act), slots)

    def say_text(self, act: str, text: str, *, slow: bool = False) -> None:
        """Speak a given text, as a repeat of what was said before."""
        self.actions.append(Say(template=act, text=text, slow=slow))

    def amend(self, news: Mapping[str, Any]) -> None:
        """The owner changed what is wanted: from now on the brief is this one."""
        assert self.brief is not None, "only an outbound call has a brief"
        self.change(told=retold(self.state.told, news))
        self.brief = amended(self.brief, self.state.told)

    def ask(self, asked: Asked | None) -> None:
        """Remember the question that what was just said has put."""
        self.change(asked=asked)

    def wait(self, *, on_hold: bool = False, for_menu: bool = False, check_in_ms: int | None = None) -> None:
        """Listen."""
        self.actions.append(Wait(on_hold=on_hold, for_menu=for_menu, check_in_ms=check_in_ms))

    def stop_recording(self) -> None:
        """Stop the recorder and delete what was kept."""
        self.actions.append(StopRecording())

    def close(self) -> None:
        """All is said: leave them a moment, then it is goodbye."""
        self.change(phase=Phase.CLOSE, asked=None)
        self.wait(check_in_ms=GOODBYE_AFTER_MS)

    def hang_up(self, end: End) -> None:
        """End the call after what was said; the first reason given stands."""
        self.change(phase=Phase.ENDED, asked=None, end=self.state.end or end)
        self.actions.append(Hangup())

    # What is learned.

    def agree(self, **values: Any) -> None:
        """Record agreed values; where the human said them just now is their evidence."""
        news = {key: value for key, value in values.items() if value is not None}
        evidence = dict(self.state.evidence)
        for key, value in news.items():
            if self.evidence is not None and self.state.agreed.get(key) != value:
                evidence[key] = self.evidence
        self.change(agreed={**self.state.agreed, **news}, evidence=evidence)

    def prove(self, key: str) -> None:
        """This utterance is the evidence of `key`."""
        if self.evidence is not None:
            self.change(evidence={**self.state.evidence, key: self.evidence})

    def note(self, about: str, text: str | None = None) -> None:
        """Keep what they said, for the highlights."""
        if self.evidence is not None:
            heard = Heard(about=about, text=text or self.text, evidence=self.evidence)
            self.change(heard=(*self.state.heard, heard))

    @property
    def ended(self) -> bool:
        """Whether the call has ended in this step."""
        return self.state.phase is Phase.ENDED

    @property
    def spoke(self) -> bool:
        """Whether this step has said anything yet."""
        return any(isinstance(action, Say) for action in self.actions)

    def finish(self) -> list[Action]:
        """The actions; what was said is remembered for a repeat."""
        said = tuple((action.template, action.text) for action in self.actions if isinstance(action, Say))
        if said:
            self.change(last_said=said)
        return self.actions

    def _pick(self, act: str) -> int:
        count = self._renderer.count(act)
        seed = hashlib.blake2b(f"{self.spec.call_id}:{act}:{self.state.turns}".encode(), digest_size=4)
        variant = int.from_bytes(seed.digest(), "big") % count
        return (variant + 1) % count if self.state.variants.get(act) == variant and count > 1 else variant


def as_spoken(values: Mapping[str, Any]) -> dict[str, Any]:
    """A copy for a template's slots, without what is unknown."""
    return {key: value for key, value in values.items() if value is not None}
