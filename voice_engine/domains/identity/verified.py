"""API tokens that were good a moment ago: a server that asks often is not looked up at each request.

What another process revokes holds here within `settings.revocation_lag` (as with access tokens); what this one
revokes holds at once.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from voice_engine.domains.identity.caller import Caller

MOST: Final = 1024
"""Tokens that are remembered; beyond it the one read longest ago is forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    caller: Caller
    at: dt.datetime


class VerifiedTokens:
    """Callers by their token's hash, each for `lag` from when its row was read. `now` is the wall clock."""

    def __init__(self, lag: dt.timedelta, *, now: Callable[[], dt.datetime]) -> None:
        self._lag = lag
        self._now = now
        self._seen: dict[str, _Seen] = {}
        self.changes = 0
        """How often something was forgotten: what was read before the last time may not be kept."""

    def find(self, token_hash: str) -> Caller | None:
        """Whoever the token stood for when its row was read; None: it has to be read (again)."""
        seen = self._seen.get(token_hash)
        if seen is None or not dt.timedelta(0) <= self._now() - seen.at < self._lag:
            return None
        expires_at = seen.caller.expires_at
        return seen.caller if expires_at is None or self._now() < expires_at else None

    def keep(self, token_hash: str, caller: Caller, *, read_at: dt.datetime, changes: int) -> None:
        """Remember a good token, unless something was forgotten since `changes`, before its row was read."""
        if changes != self.changes:
            return
        self._seen.pop(token_hash, None)
        self._seen[token_hash] = _Seen(caller=caller, at=read_at)
        while len(self._seen) > MOST:
            del self._seen[next(iter(self._seen))]

    def forget(self, token_id: str) -> None:
        """A token has ended here."""
        self.changes += 1
        self._seen = {key: seen for key, seen in self._seen.items() if seen.caller.token_id != token_id}
