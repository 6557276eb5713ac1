"""Deleting inbound records: files first, then rows, so that a crash in between leaves no audio without a record."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from voice_engine.domains.calls.listing.index import index_calls
from voice_engine.domains.calls.peaks import peaks_key
from voice_engine.domains.calls.states import ENDS, CallState
from voice_engine.domains.inbound.repository import calls, voicemails
from voice_engine.domains.inbound.selection import Selection, invalid, stated
from voice_engine.errors import NotFound
from voice_engine.ports.blobs import BlobStore
from voice_engine.store import audit
from voice_engine.store.engine import Store
from voice_engine.store.rows import is_id
from voice_engine.store.uow import UnitOfWork

BATCH = 200
"""Records that are deleted in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Victims:
    """Which records to delete: those that meet everything that is named. `everything` names all, in full."""

    call_ids: tuple[str, ...] | None = None
    before: dt.datetime | None = None
    status: str | None = None
    everything: bool = False

    @property
    def says_nothing(self) -> bool:
        """Whether nothing was named: then nothing is deleted."""
        return self.call_ids is None and self.before is None and self.status is None and not self.everything


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """What came of it. Live calls are never deleted. `not_found`: ids of no inbound call of the organization."""

    deleted: int
    skipped_active: int
    not_found: Sequence[str]


class Forgetting:
    """Opens its own units of work: files are deleted between two of them. `now` is the wall clock, in UTC."""

    def __init__(self, store: Store, blobs: BlobStore, *, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._blobs = blobs
        self._now = now

    async def forget(self, organization_id: str, victims: Victims, *, actor: str) -> Forgotten:
        """Delete the records with transcript, events, recording and voicemail.

        Raises:
            InvalidInput: `validation_error`: nothing was named.
            UpstreamFailed: `blobs_unavailable`; what was deleted so far stays deleted.
        """
        if victims.says_nothing:
            raise invalid("all", "must be true, or name call_ids, before or status: which records to delete")
        async with self._store.read(organization_id) as work:
            known = await calls.list_known(work, victims.call_ids or ())
            live = await calls.count_live(work, _selection(victims), ids=victims.call_ids)
        deleted = 0
        while batch := await self._next(organization_id, victims):
            for key in batch.files:
                await self._blobs.delete(key)
            async with self._store.begin(organization_id) as work:
                gone = await calls.delete(work, batch.call_ids, states=ENDS)
                _record(work, gone, actor=actor, now=self._now())
            deleted += gone
            if not gone:
                break
        missing = [one for one in dict.fromkeys(victims.call_ids or ()) if one not in known]
        return Forgotten(deleted=deleted, skipped_active=live, not_found=missing)

    async def forget_voicemail(self, organization_id: str, voicemail_id: str, *, actor: str) -> None:
        """Delete one message; its call's record stays.

        Raises:
            NotFound: `voicemail_not_found`, also for what is no id.
            UpstreamFailed: `blobs_unavailable`; the message is still there.
        """
        async with self._store.read(organization_id) as work:
            voicemail = await voicemails.find(work, voicemail_id) if is_id(voicemail_id) else None
        if voicemail is None:
            raise NotFound("voicemail_not_found", "there is no such voicemail")
        if voicemail.blob_key is not None:
            await self._blobs.delete(voicemail.blob_key)
        async with self._store.begin(organization_id) as work:
            if await voicemails.delete(work, voicemail_id):
                audit.record(work, "voicemail.deleted", actor=actor, at=self._now(), subject=voicemail.call_id)
                await index_calls(work, [voicemail.call_id])

    async def _next(self, organization_id: str, victims: Victims) -> "_Batch | None":
        async with self._store.read(organization_id) as work:
            found = await calls.list_ended(work, _selection(victims), ids=victims.call_ids, limit=BATCH)
            if not found:
                return None
            ids = [call.id for call in found]
            recordings = [call.recording_key for call in found if call.recording_key is not None]
            outlines = [peaks_key(key) for key in recordings]
            return _Batch(call_ids=ids, files=[*recordings, *outlines, *await voicemails.blobs_of(work, ids)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Some records, and the files that belong to them."""

    call_ids: Sequence[str]
    files: Sequence[str]


def _selection(victims: Victims) -> Selection:
    states: tuple[CallState, ...] | None = None if victims.status is None else stated([victims.status])
    return Selection(states=states, until=victims.before)


def _record(work: UnitOfWork, count: int, *, actor: str, now: dt.datetime) -> None:
    audit.record(work, "inbound_calls.deleted", actor=actor, at=now, facts={"count": count})
