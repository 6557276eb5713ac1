"""When sent audio is played: a clock model of the carrier's buffer, corrected by the marks that come back.

The carrier plays what it has without pause. Audio sent while its buffer is empty starts at once, otherwise
it follows on. What the model cannot see (the way there, a stall) is a *lag*, learned from the marks: a mark
echoed `d` ms after its modelled time has the way there and back in it, `rtt`, and possibly a stall.
"""

from dataclasses import dataclass

from .model import BYTES_PER_MS

MOST_ROUND_TRIP_MS = 300.0
"""A first mark later than this is taken for a stall, not for a long way: no telephone path is longer."""


@dataclass(slots=True)
class Run:
    """Audio that plays without a gap: bytes [`start`, `end`) of a reply, from `at_ms` on."""

    start: int
    end: int
    at_ms: float


class MarkLag:
    """How much later than modelled audio is really heard, in ms. One per stream."""

    __slots__ = ("_round_trip_ms", "lag_ms")

    def __init__(self) -> None:
        self._round_trip_ms = MOST_ROUND_TRIP_MS
        self.lag_ms = 0.0

    def observe(self, late_ms: float) -> None:
        """A mark came back `late_ms` after its modelled time; a negative value counts as none."""
        late_ms = max(0.0, late_ms)
        self._round_trip_ms = min(self._round_trip_ms, late_ms)
        self.lag_ms = late_ms - self._round_trip_ms / 2

    def buffer_emptied(self) -> None:
        """A new reply starts on an empty buffer: forget stalls, keep the way there."""
        self.lag_ms = min(self.lag_ms, self._round_trip_ms / 2)


class Timeline:
    """The modelled playback of one reply's bytes."""

    __slots__ = ("ends_ms", "runs")

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.ends_ms = 0.0

    def send(self, size: int, now_ms: float, not_before_ms: float) -> float:
        """Note that the next `size` bytes were sent at `now_ms`; return when they start to play."""
        sent = self.runs[-1].end if self.runs else 0
        starts_ms = max(now_ms, self.ends_ms, not_before_ms)
        if self.runs and starts_ms <= self.ends_ms:
            self.runs[-1].end += size
        else:
            self.runs.append(Run(sent, sent + size, starts_ms))
        self.ends_ms = starts_ms + size / BYTES_PER_MS
        return starts_ms

    def position(self, at_ms: float) -> int:
        """How many bytes have been played at `at_ms` (the lag already taken off)."""
        for run in reversed(self.runs):
            if at_ms > run.at_ms:
                return min(run.end, run.start + int((at_ms - run.at_ms) * BYTES_PER_MS))
        return 0

    def cut(self, position: int) -> None:
        """Bytes from `position` on were not played after all; what follows starts a run of its own."""
        while self.runs and self.runs[-1].start >= position:
            self.runs.pop()
        if self.runs:
            self.runs[-1].end = min(self.runs[-1].end, position)
        self.ends_ms = -1.0
