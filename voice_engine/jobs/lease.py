"""A worker's right to act: good for a while after each heartbeat, and gone before others may give it up for dead.

A step begins only under a good lease. A process that was stopped and woken again, or lost its database, waits here
until its next beat; if that finds it fenced off, the worker ends and the step was never begun.
"""

import asyncio
import time
from collections.abc import Callable


def boot_s() -> float:
    """Seconds that also count while the machine is suspended, where the system has such a clock."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class Lease:
    """Held from `renew` on for `length_s`. `now_s` is a clock that never stands still."""

    def __init__(self, *, length_s: float, now_s: Callable[[], float] = boot_s) -> None:
        self._length_s = length_s
        self._now_s = now_s
        self._until_s = float("-inf")
        self._renewed = asyncio.Event()

    def renew(self, *, asked_at_s: float) -> None:
        """A beat was written that was begun at `asked_at_s`."""
        self._until_s = asked_at_s + self._length_s
        self._renewed.set()

    @property
    def is_good(self) -> bool:
        """Whether a step may begin."""
        return self._now_s() < self._until_s

    async def hold(self) -> None:
        """Return when a step may begin."""
        while not self.is_good:
            self._renewed.clear()
            await self._renewed.wait()
