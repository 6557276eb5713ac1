"""A circuit breaker: a provider that failed is left out for a while, so that the next call starts on another."""

from collections.abc import Sequence


class Breaker:
    """Counts consecutive failures. Open after `failures` of them, until `cooldown_s` have passed.

    After the cooldown one more failure opens it again at once; a success closes it.
    """

    def __init__(self, *, failures: int, cooldown_s: float) -> None:
        self._limit = failures
        self._cooldown_s = cooldown_s
        self._failed = 0
        self._opened_s = 0.0

    def is_open(self, now_s: float) -> bool:
        """Whether to leave the provider out at `now_s`, on the event loop's clock."""
        return self._failed >= self._limit and now_s - self._opened_s < self._cooldown_s

    def note_failure(self, now_s: float) -> None:
        """The provider failed or stalled."""
        self._failed += 1
        self._opened_s = now_s

    def note_success(self) -> None:
        """The provider answered."""
        self._failed = 0


def by_health(breakers: Sequence[Breaker], now_s: float) -> list[int]:
    """Indices in order of preference: healthy ones as configured, then the others as a last resort."""
    return sorted(range(len(breakers)), key=lambda index: (breakers[index].is_open(now_s), index))
