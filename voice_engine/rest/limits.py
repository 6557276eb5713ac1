"""How often one principal or one address may ask, counted in this process: one number a key (GCRA).

The generic cell rate algorithm (ITU-T I.371) lets a minute's requests through at once and then spaces them evenly.
What must survive a restart (sign-in attempts, verification codes) is counted in the database by its domain. The
`limits` library's in-memory storage starts a task that nobody owns; its SQL part is what the domains use.
"""

import math
import time
from collections.abc import Callable

from voice_engine.errors import QuotaExceeded

WINDOW_S = 60.0
SWEEP_ABOVE = 10_000
"""Keys in memory before those that are idle again are dropped: about 1 MB."""


class RateLimits:
    """Requests a minute for each principal and for each address without one. `now` is monotonic, in seconds."""

    def __init__(
        self, *, user_per_minute: int, address_per_minute: int, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._user_step_s = WINDOW_S / user_per_minute
        self._address_step_s = WINDOW_S / address_per_minute
        self._now = now
        self._due_s: dict[str, float] = {}

    def count_user(self, user_id: str) -> None:
        """Count one request. Raises QuotaExceeded `rate_limited`."""
        self._count(f"user:{user_id}", self._user_step_s)

    def count_address(self, address: str) -> None:
        """Count one request without a token. Raises QuotaExceeded `rate_limited`."""
        self._count(f"address:{address}", self._address_step_s)

    def _count(self, key: str, step_s: float) -> None:
        now = self._now()
        due = max(self._due_s.get(key, now), now) + step_s
        if (wait_s := due - now - WINDOW_S) > 1e-6:
            raise too_many(wait_s)
        self._due_s[key] = due
        if len(self._due_s) > SWEEP_ABOVE:
            self._due_s = {other: until for other, until in self._due_s.items() if until > now}


def too_many(retry_after_s: float) -> QuotaExceeded:
    """The refusal of a request that came too soon."""
    seconds = max(1, math.ceil(retry_after_s))
    return QuotaExceeded(
        "rate_limited", f"too many requests; try again in {seconds} s", details={"retry_after_seconds": seconds}
    )
