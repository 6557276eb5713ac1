"""What may go wrong between a carrier and an engine, as a plan that a test writes down.

Nothing here is random by itself: losses come from a seeded generator, so that a run repeats exactly.
"""

import random
from dataclasses import dataclass, field
from enum import StrEnum


class Signal(StrEnum):
    """The signals that end or confirm something, each of which may get lost or late."""

    STOP = "stop"
    CLOSE = "close"
    MARK = "mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """Faults of one stream.

    `dropped`: signals that never arrive. `delay_ms`: extra delay per signal; a long one on `STOP` and a short
    one on `CLOSE` reorders the two (nothing can follow a close on the same socket). `media_loss`: share of media
    messages that get lost (0..1). `media_swap`: share that changes place with its successor. `bunch_frames`:
    hold back so many media messages and send them together, as networks do (1: none). `linger_ms`: how long to
    wait for the engine to close a socket on which the carrier's own close got lost.
    """

    dropped: frozenset[Signal] = frozenset()
    delay_ms: dict[Signal, float] = field(default_factory=dict)
    media_loss: float = 0.0
    media_swap: float = 0.0
    bunch_frames: int = 1
    seed: int = 1
    linger_ms: float = 30_000.0

    def drops(self, signal: Signal) -> bool:
        """Whether `signal` gets lost."""
        return signal in self.dropped

    def delays(self, signal: Signal) -> float:
        """Extra delay of `signal` in ms."""
        return self.delay_ms.get(signal, 0.0)


NO_FAULTS = FaultPlan()


class MediaFaults:
    """Applies a plan to the sequence of media messages. Pure but for its own seeded generator."""

    def __init__(self, plan: FaultPlan) -> None:
        self._plan = plan
        self._random = random.Random(plan.seed)  # noqa: S311  # repeatable faults, no secret
        self._held: list[str] = []
        self._swapped: str | None = None

    def loses(self) -> bool:
        """Whether the next media message gets lost."""
        return self._plan.media_loss > 0 and self._random.random() < self._plan.media_loss

    def pass_on(self, message: str) -> list[str]:
        """What arrives now that `message` was sent: nothing yet, it, or several at once."""
        self._held.extend(self._in_order(message))
        if len(self._held) < self._plan.bunch_frames:
            return []
        return self.flush_bunch()

    def flush_bunch(self) -> list[str]:
        """Everything held back for bunching."""
        held, self._held = self._held, []
        return held

    def _in_order(self, message: str) -> list[str]:
        if self._swapped is not None:
            first, self._swapped = self._swapped, None
            return [message, first]
        if self._plan.media_swap > 0 and self._random.random() < self._plan.media_swap:
            self._swapped = message
            return []
        return [message]
