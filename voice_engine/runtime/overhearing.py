"""One more speaker of a call, written down and never answered: the human who has taken it over.

The same VAD and turn machine find the turns as for the other party; its replies end before they begin.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import assert_never

from voice_engine.core.turns.effects import (
    ClearPlayout,
    CloseUtterance,
    DropUtterance,
    HoldPlayout,
    InterruptCaller,
    NoteBackchannel,
    OpenUtterance,
    PrepareReply,
    ReportSilence,
    ReportUnintelligible,
    RequestHypothesis,
    ResumePlayout,
    StartReply,
    TurnEffect,
)
from voice_engine.core.turns.events import ContextChanged, FrameHeard, HypothesisHeard, ReplyEnded
from voice_engine.core.turns.machine import TurnMachine
from voice_engine.core.turns.settings import TurnSettings
from voice_engine.ports.stt import Hypothesis, STTStream
from voice_engine.runtime.deaf import DeafStream
from voice_engine.runtime.ear import Ear

OnTurn = Callable[[str, int, int], None]
"""A turn: its text, and its span in ms of media time."""


class Overhearing:
    """Hears one speaker's frames. Until there is a recognizer (`listen_with`), speech is found, not understood."""

    def __init__(self, *, language: str, turns: TurnSettings, preroll_ms: int, on_turn: OnTurn) -> None:
        self._on_turn = on_turn
        self._machine = TurnMachine(turns, language)
        self._machine.step(ContextChanged(on_hold=True), 0.0)
        self.ear = Ear(stt=DeafStream(), on_frame=self._frame, preroll_ms=preroll_ms)
        self._now_ms = 0.0
        self._said: dict[int, Hypothesis] = {}
        self._starts: dict[int, int] = {}
        self._written = 0
        """The newest utterance that a turn has taken."""
        self._asked: set[int] = set()
        self._answered = asyncio.Event()

    def hear(self, media_ms: int, payload: bytes, now_ms: float) -> bytes:
        """One frame of μ-law; returns it as int16 bytes."""
        return self.ear.hear(media_ms, payload, now_ms)

    async def listen_with(self, stream: STTStream) -> None:
        """Understand with this recognizer until it ends. Raises UpstreamFailed when it dies."""
        self.ear.listen_with(stream)
        async for hypothesis in stream.hypotheses():
            self._hypothesis(hypothesis)

    async def finish(self, *, timeout_ms: float) -> None:
        """The speaker is gone: what was being said is written down too, if it is understood in time."""
        utterance = self.ear.open_utterance_id
        if utterance is not None:
            self.ear.close_utterance(utterance)
            self._ask(utterance, final=True)
        with suppress(TimeoutError):  # What is known by then is what was said.
            async with asyncio.timeout(timeout_ms / 1000):
                while self._asked:
                    self._answered.clear()
                    await self._answered.wait()
        last = [self._said[key] for key in sorted(self._said)]
        self._said.clear()
        text = " ".join(hypothesis.text for hypothesis in last).strip()
        if text:
            start_ms = self._starts.get(last[0].utterance_id, last[0].until_ms)
            self._on_turn(text, start_ms, last[-1].until_ms)

    def _frame(self, frame: FrameHeard, now_ms: float) -> None:
        self._now_ms = now_ms
        self._perform(self._machine.step(frame, now_ms))

    def _hypothesis(self, hypothesis: Hypothesis) -> None:
        self._asked.discard(hypothesis.utterance_id)
        self._answered.set()
        if hypothesis.text and hypothesis.utterance_id > self._written:
            self._said[hypothesis.utterance_id] = hypothesis
        event = HypothesisHeard(
            utterance_id=hypothesis.utterance_id,
            text=hypothesis.text,
            until_ms=hypothesis.until_ms,
            final=hypothesis.final,
            sureness=hypothesis.sureness,
            alternatives=hypothesis.alternatives,
        )
        self._perform(self._machine.step(event, self._now_ms))

    def _perform(self, effects: Sequence[TurnEffect]) -> None:
        waiting = deque(effects)
        while waiting:
            effect = waiting.popleft()
            match effect:
                case OpenUtterance():
                    self._starts[effect.utterance_id] = effect.start_ms
                    self.ear.open_utterance(effect.utterance_id, effect.start_ms)
                case CloseUtterance():
                    self.ear.close_utterance(effect.utterance_id)
                case DropUtterance():
                    self._said.pop(effect.utterance_id, None)
                    self._asked.discard(effect.utterance_id)
                    self.ear.drop_utterance(effect.utterance_id)
                case RequestHypothesis():
                    self._ask(effect.utterance_id, final=effect.reason == "final")
                case StartReply():
                    self._write(effect)
                    ended = ReplyEnded(reply_id=effect.reply_id, how="played")
                    waiting.extend(self._machine.step(ended, self._now_ms))
                case (
                    HoldPlayout() | ResumePlayout() | ClearPlayout() | PrepareReply() | ReportSilence()
                    | ReportUnintelligible() | NoteBackchannel() | InterruptCaller()
                ):  # fmt: skip
                    pass  # of the one who would answer
                case _:
                    assert_never(effect)

    def _ask(self, utterance_id: int, *, final: bool) -> None:
        self._asked.add(utterance_id)
        self.ear.request(utterance_id, "final" if final else "pause")

    def _write(self, order: StartReply) -> None:
        self._written = max(self._said, default=self._written)
        self._said.clear()
        self._starts = {key: start for key, start in self._starts.items() if key > self._written}
        if order.text is not None:
            self._on_turn(order.text, order.start_ms, order.end_ms)
