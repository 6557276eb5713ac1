"""The processes that hold calls say how many they can hold; dialling goes by it.

Whoever answers a call of ours must be talked to at once: a call is dialled only when some process that lives and
takes calls has a place left for it, dials that still ring counted as if they were answered. With no such process
nothing is dialled; what is due waits in the queue.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from voice_engine.domains.calls import words
from voice_engine.domains.calls.repository import media
from voice_engine.domains.calls.settings import CallSettings
from voice_engine.store.engine import Store
from voice_engine.store.outbox import enqueue
from voice_engine.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What a process can hold: `places` in all, `free` of them. `draining`: it takes no further call."""

    places: int
    free: int
    draining: bool = False

    @property
    def takes_calls(self) -> bool:
        """Whether one more call may come."""
        return self.free > 0 and not self.draining


NOTHING = Capacity(places=0, free=0)


class MediaProcesses:
    """`now` is the wall clock, in UTC."""

    def __init__(self, store: Store, settings: CallSettings, *, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._settings = settings
        self._now = now

    async def say(self, owner: str, worker: str, capacity: Capacity, *, before: Capacity = NOTHING) -> int:
        """What this process can hold now, and could `before`. Due every few seconds, else it counts as dead.

        Returns how many dials ring that it, or another, may have to answer. Raises UpstreamFailed.
        """
        async with self._store.system("a media process tells its room") as work:
            is_new = await media.say(
                work,
                owner,
                worker,
                places=capacity.places,
                draining=capacity.draining,
                now=self._now(),
            )
            if capacity.takes_calls and (is_new or not before.takes_calls):
                await enqueue(work, words.next_in_queue())
            return await media.count_ringing(work)


async def has_place(work: UnitOfWork, settings: CallSettings, now: dt.datetime) -> bool:
    """Whether some process has a place for one more call, and is there."""
    return await media.has_place(work, seen_since=now - dt.timedelta(seconds=settings.owner_lost_s))
