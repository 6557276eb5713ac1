"""When does the engine speak, as somebody on the line hears it: an energy detector over played frames. Pure.

The engine's synthetic speech is clean, so level is enough. Two granularities: a *run* ends after a short silence
(it times answers), an *utterance* after one that a listener takes for the end of what was said.
"""

from dataclasses import dataclass

from voice_engine.audio.frames import FRAME_MS

AUDIBLE_DBFS = -45.0
"""Speech is heard above it: ITU-T P.56 active level of synthesised speech is −30 to −20 dBFS."""

ONSET_FRAMES = 2
"""Frames in a row that make an onset: 40 ms, longer than a click."""

RUN_GAP_MS = 120
"""Silence that ends a run."""

UTTERANCE_GAP_MS = 600
"""Silence that ends an utterance: longer than a synthesizer's pause between sentences."""


@dataclass(frozen=True, slots=True)
class RunStarted:
    """Audible (again) since `at_ms`."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class UtteranceStarted:
    """A new utterance began at `at_ms`."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class UtteranceEnded:
    """An utterance is over; the times are those of its first and last audible frame's edges."""

    started_ms: int
    ended_ms: int


SpeechEvent = RunStarted | UtteranceStarted | UtteranceEnded


class SpeechSpotter:
    """Fed one 20 ms frame at a time."""

    def __init__(self, *, utterance_gap_ms: int = UTTERANCE_GAP_MS) -> None:
        self._gap_ms = utterance_gap_ms
        self._loud_frames = 0
        self._last_loud_end_ms = -(10**9)
        self._run_open = False
        self._utterance_from_ms: int | None = None

    @property
    def speaking(self) -> bool:
        """Whether an utterance is open."""
        return self._utterance_from_ms is not None

    def audible(self, at_ms: int) -> bool:
        """Whether a run is open at `at_ms`."""
        return self._run_open and at_ms - self._last_loud_end_ms <= RUN_GAP_MS

    def step(self, at_ms: int, level_dbfs: float) -> list[SpeechEvent]:
        """The frame that begins at `at_ms` has that level; what follows from it."""
        if level_dbfs < AUDIBLE_DBFS:
            self._loud_frames = 0
            return self._quiet(at_ms + FRAME_MS)
        self._loud_frames += 1
        if self._loud_frames < ONSET_FRAMES and not self._run_open:
            return []
        self._last_loud_end_ms = at_ms + FRAME_MS
        if self._run_open:
            return []
        self._run_open = True
        onset_ms = at_ms - (ONSET_FRAMES - 1) * FRAME_MS
        events: list[SpeechEvent] = [RunStarted(onset_ms)]
        if self._utterance_from_ms is None:
            self._utterance_from_ms = onset_ms
            events.append(UtteranceStarted(onset_ms))
        return events

    def _quiet(self, now_ms: int) -> list[SpeechEvent]:
        silent_ms = now_ms - self._last_loud_end_ms
        if self._run_open and silent_ms > RUN_GAP_MS:
            self._run_open = False
        if self._utterance_from_ms is None or silent_ms < self._gap_ms:
            return []
        started_ms, self._utterance_from_ms = self._utterance_from_ms, None
        return [UtteranceEnded(started_ms, self._last_loud_end_ms)]
