"""A scripted respondent's side of a call without audio: what it says takes as long as saying it would. Pure."""

from collections import deque
from dataclasses import dataclass
from typing import assert_never

from voice_engine.carrier.lines import KEY_MS
from voice_engine.carrier.respondent import (
    Act,
    AwaitFloor,
    HangUp,
    PlayBeep,
    PlayMusic,
    PressKeys,
    Quiet,
    Respondent,
    Speak,
)
from voice_engine.carrier.script import RespondentScript, segments
from voice_engine.carrier.sounds import BEEP_MS

CHARS_PER_S = 15.0
"""Speech rate: about 170 words a minute."""

SEPARATE_MS = 1_000
"""A pause inside a `say` that is at least so long separates two utterances; a shorter one is a breath."""


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """The other party opens its mouth; a backchannel does not ask for the floor."""

    at_ms: int
    backchannel: bool


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """It has said `text`."""

    start_ms: int
    end_ms: int
    text: str
    backchannel: bool


@dataclass(frozen=True, slots=True)
class BeepHeard:
    """A record tone ended."""


@dataclass(frozen=True, slots=True)
class MusicHeard:
    """Hold music began or stopped."""

    playing: bool


@dataclass(frozen=True, slots=True)
class DigitHeard:
    """A key was pressed."""

    digit: str


@dataclass(frozen=True, slots=True)
class LineLeft:
    """The other party hung up."""


LineEvent = SpeechBegan | SpeechEnded | BeepHeard | MusicHeard | DigitHeard | LineLeft


def speaking_ms(text: str, speed: float = 1.0) -> int:
    """How long it takes to say `text`."""
    return round(len(text) / (CHARS_PER_S * speed) * 1000)


class TextLine:
    """Performs a respondent's acts in modelled time. Step it with a clock that never goes back."""

    def __init__(self, script: RespondentScript) -> None:
        self.respondent = Respondent(script)
        self._acts: deque[Act] = deque()
        self._performing = False
        self._busy_until_ms = 0
        self._due: deque[tuple[int, LineEvent]] = deque()
        self._floor_until_ms: int | None = None

    def step(self, now_ms: int, *, engine_speaking: bool, engine_audible: bool) -> list[LineEvent]:
        """What happens on the line by `now_ms`.

        `engine_speaking`: an utterance of the engine is open; `engine_audible`: it sounds right now.
        """
        events: list[LineEvent] = []
        while True:
            while self._due and self._due[0][0] <= now_ms:
                events.append(self._due.popleft()[1])
            if now_ms < self._busy_until_ms:
                return events
            if self._acts:
                if not self._begin(self._acts[0], now_ms, engine_speaking):
                    return events
                self._acts.popleft()
                continue
            if self._performing:
                self._performing = False
                self.respondent.performed(now_ms, engine_audible=engine_audible)
            self._acts.extend(self.respondent.poll(now_ms))
            self._performing = bool(self._acts)
            if not self._acts:
                return events

    def _begin(self, act: Act, now_ms: int, engine_speaking: bool) -> bool:
        match act:
            case AwaitFloor(limit_ms):
                return self._floor_is_free(now_ms, limit_ms, engine_speaking)
            case Quiet(duration_ms):
                self._busy_until_ms = now_ms + duration_ms
            case PlayMusic(duration_ms):
                self._busy_until_ms = now_ms + duration_ms
                self._due.append((now_ms, MusicHeard(True)))
                self._due.append((self._busy_until_ms, MusicHeard(False)))
            case PlayBeep():
                self._busy_until_ms = now_ms + BEEP_MS
                self._due.append((self._busy_until_ms, BeepHeard()))
            case PressKeys(digits):
                self._busy_until_ms = now_ms + KEY_MS * len(digits)
                self._due.extend((now_ms + KEY_MS * index, DigitHeard(d)) for index, d in enumerate(digits))
            case Speak():
                self._speak(act, now_ms)
            case HangUp():
                self._due.append((now_ms, LineLeft()))
                self._busy_until_ms = now_ms + 1
            case _:
                assert_never(act)
        return True

    def _speak(self, act: Speak, now_ms: int) -> None:
        backchannel = act.slot == "backchannel"
        if not backchannel:
            self.respondent.speech_began(now_ms)
        at_ms = now_ms
        for words, pause_ms in _utterances(act.text):
            end_ms = at_ms + sum(speaking_ms(w) if isinstance(w, str) else w for w in words)
            text = " ".join(w for w in words if isinstance(w, str))
            self._due.append((at_ms, SpeechBegan(at_ms, backchannel)))
            self._due.append((end_ms, SpeechEnded(at_ms, end_ms, text, backchannel)))
            at_ms = end_ms + pause_ms
        self._busy_until_ms = at_ms

    def _floor_is_free(self, now_ms: int, limit_ms: int, engine_speaking: bool) -> bool:
        if self._floor_until_ms is None:
            self._floor_until_ms = now_ms + limit_ms
        if engine_speaking and now_ms < self._floor_until_ms:
            return False
        self._floor_until_ms = None
        return True


def _utterances(say: str) -> list[tuple[list[str | int], int]]:
    """A `say` cut at its long pauses: (texts and short pauses, the long pause after them)."""
    utterances: list[tuple[list[str | int], int]] = []
    words: list[str | int] = []
    for segment in segments(say):
        if isinstance(segment, int) and segment >= SEPARATE_MS and words:
            utterances.append((words, segment))
            words = []
        else:
            words.append(segment)
    if words:
        utterances.append((words, 0))
    return utterances
