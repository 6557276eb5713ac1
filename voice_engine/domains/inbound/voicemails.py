"""Voicemails: from the carrier's recording to a message that its owner can read and hear.

```
carrier says "recorded" ─▶ the call ends as missed, a job is written (one unit)
job: fetch ─▶ keep the audio ─▶ row and event (one unit) ─▶ delete at the carrier ─▶ job: transcribe
```
A call has one message, the first that is kept; a further recording of it stays at the carrier.
"""

import datetime as dt
import io
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import structlog

from voice_engine.domains.calls.ending import Endings
from voice_engine.domains.calls.listing.index import index_calls
from voice_engine.domains.calls.reporting import Ending
from voice_engine.domains.calls.repository.journal import Happening
from voice_engine.domains.calls.states import LIVE, CallState, EndedReason
from voice_engine.domains.inbound import words
from voice_engine.domains.inbound.models import Voicemail
from voice_engine.domains.inbound.repository import calls, voicemails
from voice_engine.domains.inbound.repository.calls import Record
from voice_engine.errors import NotFound
from voice_engine.ports.blobs import BlobStore
from voice_engine.ports.jobs import Attempt
from voice_engine.ports.telephony import RecordingTelephony
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job, enqueue
from voice_engine.store.rows import is_id, new_id
from voice_engine.store.uow import UnitOfWork

Transcribe = Callable[[bytes, str], Awaitable[str | None]]
"""(WAV file, language) → what was said; None: nothing was understood. Raises UpstreamFailed."""

Kept = Literal["kept", "gone", "second"]
"""It is the call's message; the call was deleted or emptied; the call has another message already."""

MOST_SUMMARY = 160

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicemailPage:
    """Some messages, newest first, and how many there are in all."""

    voicemails: Sequence[Voicemail]
    total: int


class VoicemailService:
    """Messages as their owner sees them, inside the organization's unit of work."""

    async def list_page(self, work: UnitOfWork, *, unread: bool, limit: int, offset: int) -> VoicemailPage:
        """A page, newest first."""
        found, total = await voicemails.list_page(work, unread=unread, limit=limit, offset=offset)
        return VoicemailPage(voicemails=found, total=total)

    async def get(self, work: UnitOfWork, voicemail_id: str) -> Voicemail:
        """A message. Raises NotFound `voicemail_not_found`, also for what is no id."""
        found = await voicemails.find(work, voicemail_id) if is_id(voicemail_id) else None
        if found is None:
            raise NotFound("voicemail_not_found", "there is no such voicemail")
        return found

    async def play(self, work: UnitOfWork, voicemail_id: str) -> Voicemail:
        """A message whose audio is kept; it counts as read from now on.

        Raises:
            NotFound: `voicemail_not_found`, `recording_not_found`.
        """
        voicemail = await self.get(work, voicemail_id)
        if voicemail.blob_key is None:
            raise NotFound("recording_not_found", "the audio of this voicemail is not kept any more")
        await voicemails.change(work, voicemail.id, is_read=True)
        return voicemail

    async def mark(self, work: UnitOfWork, voicemail_id: str, *, is_read: bool) -> Voicemail:
        """Count a message as heard, or as not heard yet. Raises NotFound `voicemail_not_found`."""
        voicemail = await self.get(work, voicemail_id)
        await voicemails.change(work, voicemail.id, is_read=is_read)
        return await self.get(work, voicemail_id)

    async def count_unread(self, work: UnitOfWork) -> int:
        """How many messages nobody has heard."""
        return (await voicemails.list_page(work, unread=True, limit=0, offset=0))[1]


class VoicemailIntake:
    """What the carrier reports of recordings. `now` is the wall clock, in UTC."""

    def __init__(self, store: Store, endings: Endings, *, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._endings = endings
        self._now = now

    async def recorded(self, form: Mapping[str, str]) -> None:
        """A message was left, or the caller hung up without one; said more than once, it is one message."""
        call_sid, recording_sid = form.get("CallSid", ""), form.get("RecordingSid", "")
        async with self._store.system("a callback knows no tenant", writes=False) as work:
            found = await calls.find_by_sid(work, call_sid)
        if found is None:
            _log.warning("voicemail.call_unknown", call_sid=call_sid)
            return
        left = bool(recording_sid) and form.get("RecordingStatus", "completed") == "completed"
        async with self._store.begin(found.call.organization_id) as work:
            record = await calls.find_by_sid(work, call_sid, lock=True)
            if record is None:
                return
            if left:
                payload = {"call_id": record.call.id, "recording_sid": recording_sid}
                await enqueue(
                    work, Job(kind=words.FETCH_VOICEMAIL, payload=payload, key=f"voicemail:{recording_sid}")
                )
            await self._end(work, record)

    async def _end(self, work: UnitOfWork, record: Record) -> None:
        """The call was missed by its owner, whatever was left."""
        if record.call.handled_by != "voicemail":
            return
        ending = Ending(status=CallState.MISSED, reason=EndedReason.VOICEMAIL, at=self._now())
        await self._endings.end(work, record.call, ending, when=LIVE)


class FetchVoicemail:
    """`JobHandler` of `inbound.fetch_voicemail`. Repeating it is harmless: same key, same row, same deletion.

    Each recording has a key of its own, so that none is written over another's audio.
    """

    def __init__(
        self,
        store: Store,
        telephony: RecordingTelephony,
        blobs: BlobStore,
        endings: Endings,
        *,
        transcribes: bool,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._telephony = telephony
        self._blobs = blobs
        self._endings = endings
        self._transcribes = transcribes
        self._now = now

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Fetch, keep, tell, delete at the carrier."""
        call_id, recording_sid = str(payload["call_id"]), str(payload["recording_sid"])
        async with self._store.system("a call by its id", writes=False) as work:
            record = await calls.find(work, call_id)
            known = await voicemails.find_by_recording(work, recording_sid)
        kept: Kept = "gone"
        if record is not None and known is None and record.call.emptied_at is None:
            audio = await self._fetch(recording_sid)
            if audio is not None:
                key = f"{record.call.organization_id}/voicemails/{call_id}-{recording_sid}.wav"
                await self._blobs.put(key, _once(audio))
                kept = await self._keep(record, recording_sid, key, length_ms(audio))
                if kept != "kept":
                    await self._blobs.delete(key)
        if kept == "second":
            _log.error("voicemail.second_left_at_carrier", call_id=call_id, recording_sid=recording_sid)
            return
        await self._telephony.delete_recording(recording_sid)

    async def _fetch(self, recording_sid: str) -> bytes | None:
        try:
            return await self._telephony.fetch_recording(recording_sid)
        except NotFound:
            _log.error("voicemail.lost", recording_sid=recording_sid)
            return None

    async def _keep(self, record: Record, recording_sid: str, key: str, duration_ms: int) -> Kept:
        """Write the message and tell it."""
        call_id = record.call.id
        async with self._store.begin(record.call.organization_id) as work:
            fresh = await calls.find(work, call_id, lock=True)
            if fresh is None or fresh.call.emptied_at is not None:
                return "gone"
            voicemail = {
                "id": new_id(),
                "call_id": call_id,
                "recording_sid": recording_sid,
                "blob_key": key,
                "caller_number": fresh.call.from_number,
                "caller_name": fresh.inbound.caller_name,
                "duration_ms": duration_ms,
                "is_read": False,
                "created_at": self._now(),
            }
            if not await voicemails.add(work, voicemail):
                again = await voicemails.find_by_recording(work, recording_sid)
                return "second" if again is None else "kept"
            told = {"voicemail_id": voicemail["id"], "duration_seconds": duration_ms / 1000}
            at = self._now()
            await self._endings.tell(
                work, fresh.call, Happening(type=words.VOICEMAIL_RECEIVED, at=at, payload=told)
            )
            if self._transcribes:
                job = Job(kind=words.TRANSCRIBE_VOICEMAIL, payload={"voicemail_id": voicemail["id"]})
                await enqueue(work, job)
        return "kept"


class TranscribeVoicemail:
    """`JobHandler` of `inbound.transcribe_voicemail`."""

    def __init__(self, store: Store, blobs: BlobStore, transcribe: Transcribe) -> None:
        self._store = store
        self._blobs = blobs
        self._transcribe = transcribe

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Write down what was said; the summary is its beginning."""
        voicemail_id = str(payload["voicemail_id"])
        async with self._store.system("a voicemail by its id", writes=False) as work:
            voicemail = await voicemails.find(work, voicemail_id)
            record = None if voicemail is None else await calls.find(work, voicemail.call_id)
        if voicemail is None or record is None or voicemail.blob_key is None or voicemail.transcript is not None:
            return
        audio = b"".join([chunk async for chunk in self._blobs.read(voicemail.blob_key)])
        text = await self._transcribe(audio, record.call.language)
        async with self._store.begin(voicemail.organization_id) as work:
            summary = summary_of(text) if text else None
            await voicemails.change(work, voicemail_id, transcript=text or "", summary=summary)
            await index_calls(work, [voicemail.call_id])


async def find_audio(store: Store, voicemail_id: str) -> str | None:
    """The blob of a message; None: there is none. For signed links, which name no tenant."""
    async with store.system("a signed link names no tenant", writes=False) as work:
        found = await voicemails.find(work, voicemail_id)
        return None if found is None else found.blob_key


def summary_of(text: str) -> str:
    """The first sentences that fit into a line of a list."""
    plain = " ".join(text.split())
    if len(plain) <= MOST_SUMMARY:
        return plain
    cut = plain[:MOST_SUMMARY]
    end = max(cut.rfind(mark) for mark in (". ", "! ", "? "))
    return cut[: end + 1] if end > 0 else f"{cut[: cut.rfind(' ')]}…"


def length_ms(audio: bytes) -> int:
    """How long a WAV file plays; 0 when it cannot be read."""
    try:
        with wave.open(io.BytesIO(audio)) as file:
            seconds: float = file.getnframes() * 1000 / file.getframerate()
            return round(seconds)
    except (EOFError, wave.Error):
        return 0


async def _once(audio: bytes) -> AsyncIterator[bytes]:
    yield audio
