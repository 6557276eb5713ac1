"""Whom a bearer token speaks for at this moment: its person in its organization, read at most once in
`settings.revocation_lag`. A token outlives what was true when it was made: a suspension, a smaller plan, a closed
account hold for it within that time in every process.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from voice_engine.domains.identity.caller import Caller
from voice_engine.domains.identity.viewing import Person, find_person
from voice_engine.store.engine import Store

MOST: Final = 1024
"""People that are remembered; beyond it the one read longest ago is forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    person: Person | None
    at: dt.datetime


class Bearers:
    """Reads people by their tokens. `now` is the wall clock, in UTC."""

    def __init__(self, store: Store, lag: dt.timedelta, *, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._lag = lag
        self._now = now
        self._seen: dict[tuple[str, str], _Seen] = {}

    async def find(self, caller: Caller) -> Person | None:
        """The member; None for a closed account, a purged organization, and whoever is no member of it now."""
        key, now = (caller.user_id, caller.organization_id), self._now()
        seen = self._seen.get(key)
        if seen is not None and dt.timedelta(0) <= now - seen.at < self._lag:
            return seen.person
        async with self._store.read(caller.organization_id) as work:
            person = await find_person(work, caller.user_id, caller.organization_id, now=now)
        self._seen.pop(key, None)
        self._seen[key] = _Seen(person=person, at=now)
        while len(self._seen) > MOST:
            del self._seen[next(iter(self._seen))]
        return person
