"""Access tokens that ended before their time, by their own id or their family's.

Every process keeps the whole list in memory (it holds an hour's revocations at most) and reads it again when it is
older than `settings.revocation_lag`. What this process revokes holds here at once.
"""

import asyncio
import datetime as dt
from collections.abc import Callable

from voice_engine.domains.identity import repository
from voice_engine.domains.identity.settings import IdentitySettings
from voice_engine.store.engine import Store
from voice_engine.store.uow import UnitOfWork


class Revocations:
    """The list of what is refused."""

    def __init__(self, store: Store, settings: IdentitySettings, *, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._settings = settings
        self._now = now
        self._lock = asyncio.Lock()
        self._ids: frozenset[str] = frozenset()
        self._read_at: dt.datetime | None = None
        self._own: dict[str, dt.datetime] = {}

    async def add(self, work: UnitOfWork, revoked_id: str) -> None:
        """Refuse a token or family from this unit's commit on."""
        expires_at = self._now() + 2 * self._settings.access_ttl
        await repository.add_revocation(work, revoked_id, expires_at=expires_at)

        def hold() -> None:
            self._own[revoked_id] = expires_at

        work.after_commit(hold)

    async def holds(self, *ids: str | None) -> bool:
        """Whether any of these is revoked, as far as this process knows."""
        known = await self._known()
        return any(wanted in known or wanted in self._own for wanted in ids if wanted is not None)

    async def _known(self) -> frozenset[str]:
        if self._is_fresh():
            return self._ids
        async with self._lock:
            if not self._is_fresh():
                now = self._now()
                async with self._store.system("revoked tokens of every tenant", writes=False) as work:
                    self._ids = frozenset(await repository.list_revocations(work, now=now))
                self._own = {revoked: until for revoked, until in self._own.items() if until > now}
                self._read_at = now
        return self._ids

    def _is_fresh(self) -> bool:
        return self._read_at is not None and self._now() - self._read_at < self._settings.revocation_lag
