"""What one organization holds about one number: listed, given out as a ZIP, erased."""

import asyncio
import datetime as dt
import json
import os
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import sqlalchemy as sa

from voice_engine.domains.bookings import repository as bookings
from voice_engine.domains.calls.models import Call, CallAttempt
from voice_engine.domains.calls.states import ENDS
from voice_engine.domains.contacts.models import Contact
from voice_engine.domains.inbound.models import InboundCall, Voicemail
from voice_engine.domains.privacy import repository
from voice_engine.domains.privacy.files import CallFiles
from voice_engine.domains.privacy.words import BATCH, SETTLING
from voice_engine.errors import InvalidInput
from voice_engine.ports.blobs import BlobStore
from voice_engine.store import audit
from voice_engine.store.engine import Store
from voice_engine.store.rows import Row
from voice_engine.store.uow import UnitOfWork

_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
LONGEST_RETENTION_DAYS = 36_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How much an organization holds about a number. `open_calls`: not over, or just over; left alone for now.

    `bookings`: made under this number, in whosever call.
    """

    calls: int
    recordings: int
    voicemails: int
    contact: bool
    open_calls: int
    bookings: int = 0

    @property
    def nothing(self) -> bool:
        """Whether the number is unknown here."""
        return not (self.calls or self.open_calls or self.contact or self.bookings)


class Privacy:
    """Opens its own units of work: files are read and deleted between two of them. `now` is the wall clock, UTC."""

    def __init__(self, store: Store, blobs: BlobStore, files: CallFiles, *, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._blobs = blobs
        self._files = files
        self._now = now

    async def list_held(self, organization_id: str, number: str) -> Held:
        """What an export would contain and an erasure delete. Raises InvalidInput `number_invalid`."""
        check_number(number)
        async with self._store.read(organization_id) as work:
            calls = await repository.list_calls_with(work, number)
            ended = [call for call in calls if self._is_settled(call)]
            messages = await repository.list_rows(work, Voicemail, [call.id for call in ended])
            contact = await repository.find_contact(work, number)
            booked = await bookings.list_of(work, [], number)
        return Held(
            calls=len(ended),
            recordings=sum(call.recording_key is not None for call in ended),
            voicemails=len(messages),
            contact=contact is not None,
            open_calls=len(calls) - len(ended),
            bookings=len(booked),
        )

    async def export(self, organization_id: str, number: str, target: Path, *, actor: str) -> Held:
        """Write `target`, a ZIP with `about.json` and the audio; it is there whole or not at all.

        Raises:
            InvalidInput: `number_invalid`.
            NotFound: `blob_not_found`: a recording was deleted meanwhile; export again.
            UpstreamFailed: `blobs_unavailable`.
        """
        held = await self.list_held(organization_id, number)
        async with self._store.read(organization_id) as work:
            calls = [call for call in await repository.list_calls_with(work, number) if self._is_settled(call)]
            about = await self._about(work, number, calls)
            audio = await _audio_of(work, calls)
        scratch = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            with _private(scratch) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("about.json", json.dumps(about, ensure_ascii=False, indent=2, default=str))
                for name, key in audio.items():
                    await self._copy(archive, name, key)
            scratch.replace(target)
        finally:
            scratch.unlink(missing_ok=True)
        async with self._store.begin(organization_id) as work:
            audit.record(work, "caller.exported", actor=actor, at=self._now(), facts={"calls": held.calls})
        return held

    async def erase(self, organization_id: str, number: str, *, actor: str) -> Held:
        """Delete what was said in every settled call with the number, and who it was; what there was of it.

        Rows of calls stay, without number and words, and so do times that were booked, the ledger's amounts and the
        wish for no calls (a suppression): to keep it, its number must be known. Safe to repeat.

        Raises:
            InvalidInput: `number_invalid`.
            UpstreamFailed: `blobs_unavailable`; what was erased so far stays erased.
        """
        held = await self.list_held(organization_id, number)
        async with self._store.read(organization_id) as work:
            calls = [call for call in await repository.list_calls_with(work, number) if self._is_settled(call)]
        for first in range(0, len(calls), BATCH):
            await self._erase_calls(organization_id, calls[first : first + BATCH])
        async with self._store.begin(organization_id) as work:
            await repository.erase_number(work, number)
            facts = {"calls": held.calls, "recordings": held.recordings, "voicemails": held.voicemails}
            audit.record(work, "caller.erased", actor=actor, at=self._now(), facts=facts)
        return held

    async def set_retention(self, organization_id: str, days: int | None, *, actor: str) -> None:
        """Keep what is said for so many days after a call (None: until deleted by hand).

        Raises:
            InvalidInput: `retention_invalid`.
        """
        if days is not None and not 1 <= days <= LONGEST_RETENTION_DAYS:
            raise InvalidInput("retention_invalid", f"retention is 1 to {LONGEST_RETENTION_DAYS} days, or none")
        async with self._store.begin(organization_id) as work:
            await repository.set_retention(work, organization_id, days)
            audit.record(work, "retention.set", actor=actor, at=self._now(), facts={"days": days})

    def _is_settled(self, call: Call) -> bool:
        over = call.status in ENDS
        return over and (call.ended_at is None or call.ended_at <= self._now() - SETTLING)

    async def _erase_calls(self, organization_id: str, calls: Sequence[Call]) -> None:
        async with self._store.read(organization_id) as work:
            keys = await repository.blobs_of(work, calls)
        for key in keys:
            await self._blobs.delete(key)
        await self._files.forget([call.id for call in calls])
        async with self._store.begin(organization_id) as work:
            held = await repository.lock_ended(work, [call.id for call in calls])
            await repository.empty_calls(work, [call.id for call in held], now=self._now())
            await repository.erase_party(work, held)

    async def _about(self, work: UnitOfWork, number: str, calls: Sequence[Call]) -> dict[str, Any]:
        contact: Contact | None = await repository.find_contact(work, number)
        whole: dict[str, dict[str, Any]] = {call.id: {"call": _columns(call)} for call in calls}
        for table in (CallAttempt, InboundCall, *repository.SAID):
            for row in await repository.list_rows(work, table, list(whole)):
                rows: Any = whole[row.call_id].setdefault(table.__tablename__, [])
                rows.append(_columns(row))
        return {
            "number": number,
            "written_at": self._now().isoformat(),
            "contact": None if contact is None else _columns(contact),
            "bookings": [_columns(booking) for booking in await bookings.list_of(work, list(whole), number)],
            "calls": list(whole.values()),
        }

    async def _copy(self, archive: zipfile.ZipFile, name: str, key: str) -> None:
        loop = asyncio.get_running_loop()
        with archive.open(name, "w", force_zip64=True) as member:
            async for chunk in self._blobs.read(key):
                await loop.run_in_executor(None, member.write, chunk)


def check_number(number: str) -> str:
    """The number itself, if it is E.164. Raises InvalidInput `number_invalid`."""
    if not _E164.fullmatch(number):
        raise InvalidInput("number_invalid", "write the number as +14155551234: plus, country code, no spaces")
    return number


async def _audio_of(work: UnitOfWork, calls: Sequence[Call]) -> dict[str, str]:
    """Names within the archive, and the keys of what they hold."""
    audio = {f"recordings/{call.id}.wav": call.recording_key for call in calls if call.recording_key is not None}
    for message in await repository.list_rows(work, Voicemail, [call.id for call in calls]):
        if message.blob_key is not None:
            suffix = Path(message.blob_key).suffix or ".wav"
            audio[f"voicemails/{message.id}{suffix}"] = message.blob_key
    return audio


def _columns(row: Row) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in sa.inspect(type(row)).column_attrs}


def _private(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb")
