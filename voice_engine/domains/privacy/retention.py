"""Retention: what was said in calls is deleted once an organization's days are over. Files go before rows."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from voice_engine.domains.privacy import repository
from voice_engine.domains.privacy.files import CallFiles
from voice_engine.domains.privacy.words import BATCH, RETENTION
from voice_engine.ports.blobs import BlobStore
from voice_engine.ports.jobs import Attempt
from voice_engine.store import audit
from voice_engine.store.engine import Store

_log = structlog.get_logger(__name__)


class Retention:
    """`JobHandler` of `privacy.retention`. Repeating it is harmless: what is gone is not found again.

    The call's row stays with its numbers and times, the ledger as it is; live and waiting calls are never touched.
    """

    def __init__(
        self,
        store: Store,
        blobs: BlobStore,
        files: CallFiles,
        *,
        now: Callable[[], dt.datetime],
        batch: int = BATCH,
    ) -> None:
        self._store = store
        self._blobs = blobs
        self._files = files
        self._now = now
        self._batch = batch

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Empty every call that is over its organization's days. Raises UpstreamFailed, OSError: try again."""
        async with self._store.system("retention of every organization", writes=False) as work:
            days = {one.id: one.retention_days for one in await repository.list_retaining(work)}
        for organization_id, kept in days.items():
            assert kept is not None, "only organizations with a number of days are listed"
            emptied = await self._apply(organization_id, before=self._now() - dt.timedelta(days=kept))
            if emptied:
                _log.info("privacy.retained", organization_id=organization_id, days=kept, calls=emptied)

    async def _apply(self, organization_id: str, *, before: dt.datetime) -> int:
        emptied = 0
        while True:
            async with self._store.read(organization_id) as work:
                calls = await repository.list_expired(work, ended_before=before, limit=self._batch)
                keys = await repository.blobs_of(work, calls)
            if not calls:
                return emptied
            ids = [call.id for call in calls]
            for key in keys:
                await self._blobs.delete(key)
            await self._files.forget(ids)
            async with self._store.begin(organization_id) as work:
                await repository.empty_calls(work, ids, now=self._now())
                facts = {"calls": len(ids), "recordings_and_voicemails": len(keys)}
                audit.record(work, "retention.applied", actor=RETENTION, at=self._now(), facts=facts)
            emptied += len(ids)
