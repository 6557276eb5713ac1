"""What a load run measured: samples while it runs, a report at its end."""

import math
from array import array
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A distribution in ms; all None when there was no sample."""

    count: int
    p50: float | None
    p95: float | None
    p99: float | None
    max: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """A load run.

    `response_ms`: end of the caller's last voiced frame (as sent) to the engine's first audible audio.
    `barge_in_ms`: onset of the caller's speech over the engine to its `clear`.
    `unanswered`: turns that the caller's next turn, or the end, came before any answer.
    `late_frames`: engine audio that came after its place in playback had passed, in 20 ms frames; of `frames_in`.
    `sent_late_ms`: how late this program sent its own frames: the proof that it is not what limits.
    `cpu_per_call_s`, `own_cpu_per_call_s`: CPU seconds per second of connected call, server and this program.
    `server_rss_bytes`: the server's resident memory after the run.
    """

    calls_started: int
    calls_completed: int
    calls_refused: int
    errors: dict[str, int]
    call_seconds: float
    response_ms: Spread
    barge_in_ms: Spread
    unanswered: int
    turns: int
    frames_sent: int
    frames_in: int
    late_frames: int
    gaps: int
    marks: int
    clears: int
    violations: dict[str, int]
    sent_late_ms: Spread
    cpu_per_call_s: float | None
    own_cpu_per_call_s: float
    server_rss_bytes: int | None
    peak_calls: int

    @property
    def late_share(self) -> float:
        """Late frames of all frames, 0..1."""
        return self.late_frames / self.frames_in if self.frames_in else 0.0

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {**asdict(self), "late_share": self.late_share}


class LoadStats:
    """Accumulates; written to by every call of the one loop."""

    def __init__(self) -> None:
        self.response_ms = array("d")
        self.barge_in_ms = array("d")
        self.sent_late_ms = array("d")
        self.errors: Counter[str] = Counter()
        self.violations: Counter[str] = Counter()
        self.started = self.completed = self.refused = 0
        self.turns = self.unanswered = 0
        self.frames_sent = self.frames_in = self.late_frames = self.gaps = 0
        self.marks = self.clears = 0
        self.call_seconds = 0.0
        self.live = self.peak = 0

    def call_up(self) -> None:
        """A stream is connected."""
        self.live += 1
        self.peak = max(self.peak, self.live)

    def call_down(self, seconds: float) -> None:
        """A stream that was connected for `seconds` is over."""
        self.live -= 1
        self.call_seconds += seconds

    def report(
        self, *, server_cpu_s: float | None, own_cpu_s: float, server_rss_bytes: int | None = None
    ) -> LoadReport:
        """The report; CPU times are those of the whole run."""
        seconds = max(self.call_seconds, 1e-9)
        return LoadReport(
            calls_started=self.started,
            calls_completed=self.completed,
            calls_refused=self.refused,
            errors=dict(self.errors),
            call_seconds=round(self.call_seconds, 2),
            response_ms=spread(self.response_ms),
            barge_in_ms=spread(self.barge_in_ms),
            unanswered=self.unanswered,
            turns=self.turns,
            frames_sent=self.frames_sent,
            frames_in=self.frames_in,
            late_frames=self.late_frames,
            gaps=self.gaps,
            marks=self.marks,
            clears=self.clears,
            violations=dict(self.violations),
            sent_late_ms=spread(self.sent_late_ms),
            cpu_per_call_s=None if server_cpu_s is None else server_cpu_s / seconds,
            own_cpu_per_call_s=own_cpu_s / seconds,
            server_rss_bytes=server_rss_bytes,
            peak_calls=self.peak,
        )


def spread(samples: "array[float]") -> Spread:
    """Nearest-rank percentiles."""
    ordered = sorted(samples)
    if not ordered:
        return Spread(count=0, p50=None, p95=None, p99=None, max=None)

    def rank(share: float) -> float:
        return round(ordered[math.ceil(len(ordered) * share) - 1], 2)

    return Spread(count=len(ordered), p50=rank(0.5), p95=rank(0.95), p99=rank(0.99), max=round(ordered[-1], 2))
