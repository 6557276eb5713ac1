"""What a call asks of the store: bounded in time, always of the present state, of one assistant only.

A search runs in a task of the process's own, so that a database that hangs keeps no call waiting: after `BOUND_MS`
the caller is told that nothing was found, and a message is offered.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
import structlog

from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.knowledge.searching import search
from voice_engine.errors import VoiceEngineError
from voice_engine.ports.knowledge import Knowledge, Passage
from voice_engine.store.engine import Store

BOUND_MS = 600
"""Below the silence that a filler would cover (`runtime.settings.filler_after_ms`). A search takes about 10 ms of
CPU, and on a machine with four times its load 40 ms (docs/adr/0025-knowledge-in-the-database.md)."""
MOST_AT_ONCE = 64
"""Searches under way; further ones find nothing at once, rather than pile up before a database that hangs."""

_log = structlog.get_logger(__name__)


class Searches:
    """The searches of one process; open while it serves (`open_searches`)."""

    def __init__(self, store: Store, tasks: asyncio.TaskGroup, *, bound_ms: float = BOUND_MS) -> None:
        self._store = store
        self._tasks = tasks
        self._bound_s = bound_ms / 1000
        self._running = 0

    def of(self, assistant_id: str) -> Knowledge:
        """One assistant's knowledge, as calls see it."""
        return ScopedKnowledge(self, assistant_id)

    async def search(self, assistant_id: str, query: str, *, limit: int) -> list[Passage]:
        """Best passages first; empty when nothing fits, and when it takes too long or fails."""
        if self._running >= MOST_AT_ONCE:
            _log.warning("knowledge.search_refused", running=self._running)
            return []
        task = self._tasks.create_task(self._search(assistant_id, query, limit), name="knowledge")
        self._running += 1
        task.add_done_callback(self._ended)
        try:
            await asyncio.wait({task}, timeout=self._bound_s)
        finally:
            late = not task.done()
            if late:
                task.cancel()
        if late:
            _log.warning("knowledge.search_late", bound_ms=self._bound_s * 1000)
            return []
        return task.result()

    async def _search(self, assistant_id: str, query: str, limit: int) -> list[Passage]:
        try:
            organization_id = await self._owner(assistant_id)
            if organization_id is None:
                return []
            async with self._store.read(organization_id) as work:
                return await search(work, assistant_id, query, limit=limit)
        except VoiceEngineError as error:
            _log.warning("knowledge.search_failed", code=error.code)
        except Exception:  # noqa: BLE001  # the edge of one search: a bug in it must not end the server
            _log.exception("knowledge.search_broken")
        return []

    async def _owner(self, assistant_id: str) -> str | None:
        """Whose the assistant is, asked each time: a deleted one knows nothing any more."""
        async with self._store.system("a call names its assistant only", writes=False) as work:
            owner: str | None = await work.session.scalar(
                sa.select(Assistant.organization_id).where(
                    Assistant.id == assistant_id, Assistant.deleted_at.is_(None)
                )
            )
        return owner

    def _ended(self, _task: asyncio.Task[list[Passage]]) -> None:
        self._running -= 1


class ScopedKnowledge:
    """`ports.knowledge.Knowledge` of one assistant."""

    def __init__(self, searches: Searches, assistant_id: str) -> None:
        self._searches = searches
        self._assistant_id = assistant_id

    async def search(self, query: str, *, limit: int = 3) -> list[Passage]:
        """Best passages first."""
        return await self._searches.search(self._assistant_id, query, limit=limit)


@asynccontextmanager
async def open_searches(store: Store, *, bound_ms: float = BOUND_MS) -> AsyncIterator[Searches]:
    """The process's searches; leaving it ends those under way."""
    async with asyncio.TaskGroup() as tasks:
        searches = Searches(store, tasks, bound_ms=bound_ms)
        yield searches
