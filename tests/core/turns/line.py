"""A scripted line for stepping the turn machine: speech on a media-time axis, a recognizer, a speaking engine.

Everything is computed from the script, so the same script gives the same log.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from voice_engine.core.turns.effects import (
    ClearPlayout,
    DropUtterance,
    HoldPlayout,
    OpenUtterance,
    RequestHypothesis,
    ResumePlayout,
    StartReply,
    TurnEffect,
)
from voice_engine.core.turns.events import FrameHeard, HypothesisHeard, ReplyAudible, ReplyEnded, TurnEvent
from voice_engine.core.turns.machine import TurnMachine
from voice_engine.core.turns.settings import TurnSettings

FRAME_MS = 20
E = TypeVar("E")


@dataclass(frozen=True)
class Speech:
    """Voiced frames on [start_ms, end_ms); `text` is spread evenly over them, "" is noise."""

    start_ms: int
    end_ms: int
    text: str = ""
    level_dbfs: float = -25.0

    def words_until(self, from_ms: int, until_ms: int) -> list[str]:
        words = self.text.split()
        each_ms = (self.end_ms - self.start_ms) / max(1, len(words))
        ends = [self.start_ms + each_ms * (index + 0.75) for index in range(len(words))]
        return [word for word, end_ms in zip(words, ends, strict=True) if from_ms <= end_ms <= until_ms]


@dataclass
class PlayingReply:
    """The fake engine's reply: `left_ms` of audio still to play."""

    id: int
    audible_at_ms: float
    left_ms: float
    audible: bool = False
    held: bool = False


@dataclass
class Line:
    """Drives a machine frame by frame. Replies last `reply_ms` and become audible `reply_after_ms` after start."""

    speech: Sequence[Speech] = ()
    settings: TurnSettings = field(default_factory=TurnSettings)
    language: str = "en"
    stt_ms: float = 150.0
    reply_ms: float = 2000.0
    reply_after_ms: float = 60.0
    at: dict[int, list[TurnEvent]] = field(default_factory=dict)
    """Events to step before the frame that starts at this media time."""

    def __post_init__(self) -> None:
        self.machine = TurnMachine(self.settings, self.language)
        self.now_ms = 0.0
        self.media_ms = 0
        self.log: list[tuple[float, TurnEvent]] = []
        self.effects: list[tuple[float, TurnEffect]] = []
        self.reply: PlayingReply | None = None
        self.endings: list[ReplyEnded] = []
        self.audible_ms: list[float] = []
        """Ends of the frames in which the reply was to be heard."""
        self._opened: dict[int, int] = {}
        self._decodes: list[tuple[float, HypothesisHeard]] = []

    def run(self, until_ms: int) -> "Line":
        """Step frames until media time `until_ms`."""
        while self.media_ms < until_ms:
            self.now_ms = self.media_ms + FRAME_MS
            for event in self.at.get(self.media_ms, ()):
                self.step(event)
            self._deliver()
            self._play()
            self.step(self._frame())
            self.media_ms += FRAME_MS
        return self

    def step(self, event: TurnEvent) -> None:
        """Step one event, perform its effects, and step what these cause."""
        queue: list[TurnEvent] = [event]
        while queue:
            event = queue.pop(0)
            self.log.append((self.now_ms, event))
            for effect in self.machine.step(event, self.now_ms):
                self.effects.append((self.now_ms, effect))
                queue.extend(self._perform(effect))

    def _frame(self) -> FrameHeard:
        now = next((s for s in self.speech if s.start_ms <= self.media_ms < s.end_ms), None)
        return FrameHeard(self.media_ms, now is not None, now.level_dbfs if now else -60.0)

    def _perform(self, effect: TurnEffect) -> Iterable[TurnEvent]:
        match effect:
            case OpenUtterance():
                self._opened[effect.utterance_id] = effect.start_ms
            case DropUtterance():
                self._opened.pop(effect.utterance_id, None)
            case RequestHypothesis():
                self._decode(effect)
            case StartReply():
                assert self.reply is None, "two replies at once"
                self.reply = PlayingReply(effect.reply_id, self.now_ms + self.reply_after_ms, self.reply_ms)
            case HoldPlayout() if self.reply is not None:
                self.reply.held = True
            case ResumePlayout() if self.reply is not None:
                self.reply.held = False
            case ClearPlayout():
                assert self.reply is not None
                return [self._end("cleared")]
            case _:
                pass
        return []

    def _end(self, how: str) -> ReplyEnded:
        assert self.reply is not None
        ended = ReplyEnded(reply_id=self.reply.id, how="played" if how == "played" else "cleared")
        self.endings.append(ended)
        self.reply = None
        return ended

    def _decode(self, request: RequestHypothesis) -> None:
        until_ms = self.media_ms + FRAME_MS
        start_ms = self._opened[request.utterance_id]
        words = [word for s in self.speech for word in s.words_until(start_ms, until_ms)]
        self._decodes.append(
            (
                self.now_ms + self.stt_ms,
                HypothesisHeard(
                    utterance_id=request.utterance_id,
                    text=" ".join(words),
                    until_ms=until_ms,
                    final=request.reason == "final",
                ),
            )
        )

    def _deliver(self) -> None:
        due = [decode for at_ms, decode in self._decodes if at_ms <= self.now_ms]
        self._decodes = [(at_ms, decode) for at_ms, decode in self._decodes if at_ms > self.now_ms]
        for decode in due:
            if decode.utterance_id in self._opened:
                self.step(decode)

    def _play(self) -> None:
        reply = self.reply
        if reply is None or reply.held or self.now_ms < reply.audible_at_ms:
            return
        if not reply.audible:
            reply.audible = True
            self.step(ReplyAudible(reply_id=reply.id))
            return
        reply.left_ms -= FRAME_MS
        self.audible_ms.append(self.now_ms)
        if reply.left_ms <= 0:
            self.step(self._end("played"))

    def all(self, kind: type[E]) -> list[tuple[float, E]]:
        """The effects of one kind with their times."""
        return [(at_ms, effect) for at_ms, effect in self.effects if isinstance(effect, kind)]

    def turns(self) -> list[str]:
        """The texts of the turns that were answered."""
        return [reply.text for _, reply in self.all(StartReply) if reply.text is not None]
