"""Time as the shell sees it; the core is handed `now_ms` instead."""

from typing import Protocol


class Clock(Protocol):
    """A monotonic clock in milliseconds and a way to wait on it."""

    def now_ms(self) -> float:
        """Milliseconds since an arbitrary origin; never goes back."""
        ...

    async def sleep_ms(self, duration_ms: float) -> None:
        """Wait for `duration_ms` (≥ 0) of this clock's time."""
        ...
