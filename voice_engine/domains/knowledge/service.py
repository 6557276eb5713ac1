"""Sections of an assistant's knowledge and the files that they are made of.

A file's bytes are in the blobs, its pieces in the database. Before bytes are written, a job is queued that removes
them again unless a row names them by then; when a row goes, a job that removes the bytes goes with it. So a crash
at any moment leaves nothing behind.
"""

import datetime as dt
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.identity.ratelimit import Attempts, Rule
from voice_engine.domains.knowledge import repository, words
from voice_engine.domains.knowledge.models import KbChunk, KbFile, KbSection
from voice_engine.errors import Conflict, InvalidInput, NotFound
from voice_engine.ports.blobs import CHUNK_BYTES, BlobStore
from voice_engine.ports.documents import DocumentReader, Piece
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job, enqueue
from voice_engine.store.rows import is_id, new_id
from voice_engine.store.uow import UnitOfWork

UPLOADS = Rule(name="knowledge uploads", most=words.UPLOADS_PER_HOUR, seconds=3600)


class Primaries(Protocol):
    """Whose knowledge the settings are about."""

    async def primary(self, work: UnitOfWork, *, lock: bool = False) -> Assistant:
        """The assistant. Raises NotFound `no_active_assistant`."""
        ...


Offer = Callable[[UnitOfWork, Assistant, bool], Awaitable[object]]
"""Told, in the unit that changes it, whether the assistant knows anything: it is then told to look there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionView:
    """A section and the file that stands for it."""

    section: KbSection
    file: KbFile


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeView:
    """All sections of an assistant."""

    assistant: Assistant
    sections: tuple[SectionView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionContent:
    """A section with its files, written ones last, and the beginning of what calls search in them."""

    section: KbSection
    files: tuple[KbFile, ...]
    pieces: tuple[KbChunk, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that somebody sent: `content` open and whole, `name` as they call it."""

    name: str
    content: BinaryIO
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _NewFile:
    """A file whose bytes are in the blobs and whose rows are not yet written."""

    id: str
    blob_key: str
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    pieces: Sequence[Piece]
    is_written: bool


class KnowledgeService:
    """Opens units of its own where bytes are written between two of them."""

    def __init__(
        self,
        store: Store,
        blobs: BlobStore,
        reader: DocumentReader,
        assistants: Primaries,
        attempts: Attempts,
        *,
        now: Callable[[], dt.datetime],
        offer: Offer | None = None,
    ) -> None:
        self._offer = offer
        self._store = store
        self._blobs = blobs
        self._reader = reader
        self._assistants = assistants
        self._attempts = attempts
        self._now = now

    async def view(self, work: UnitOfWork) -> KnowledgeView:
        """The primary assistant's sections. Raises NotFound `no_active_assistant`."""
        assistant = await self._assistants.primary(work)
        sections = await repository.sections_of(work, assistant.id)
        files = await repository.files_of(work, [section.id for section in sections])
        shown = {file.section_id: file for file in reversed(files)}
        views = (SectionView(section=section, file=shown[section.id]) for section in sections)
        return KnowledgeView(assistant=assistant, sections=tuple(views))

    async def count_upload(self, organization_id: str) -> None:
        """Count one upload, good or bad. Raises QuotaExceeded `rate_limited`."""
        await self._attempts.count(UPLOADS, organization_id)

    async def upload(self, organization_id: str, upload: Upload) -> KbFile:
        """Keep a file until a section takes it. A refused one leaves nothing.

        Raises:
            InvalidInput: `unsupported_file_type`, `unreadable_file`.
        """
        document = await self._reader.read(upload.content)
        file = await self._write(
            organization_id,
            _chunks_of(upload.content),
            name=upload.name,
            media_type=document.kind,
            size_bytes=upload.size_bytes,
            sha256=upload.sha256,
            pieces=document.pieces,
        )
        async with self._store.begin(organization_id) as work:
            waiting = await repository.waiting_files(work)
            await _drop(work, waiting[words.MAX_WAITING - 1 :])
            row = await self._add(work, file, section_id=None)
            due_at = self._now() + words.WAITS_FOR
            await _clear_later(work, file.id, file.blob_key, unless="attached", due_at=due_at)
        return row

    async def put(
        self, organization_id: str, key: str, *, text: str | None, file_id: str | None, file_name: str | None
    ) -> SectionView:
        """Create or replace a section by text, by an uploaded file, or by both.

        Raises:
            NotFound: `no_active_assistant`, `file_not_found`.
            InvalidInput: `validation_error`: the file belongs to another section, or there are too many.
        """
        async with self._store.read(organization_id) as work:
            assistant = await self._assistants.primary(work)
            file_id = await self._own_text_or_file(work, assistant, key, text=text, file_id=file_id)
        written = None if text is None else await self._write_text(organization_id, key, text)
        async with self._store.begin(organization_id) as work:
            assistant = await self._assistants.primary(work, lock=True)
            section = await self._section(work, assistant, key, text=text)
            attached = None if file_id is None else await self._attachable(work, file_id, section)
            old = await repository.files_of(work, [section.id])
            await _drop(work, [file for file in old if attached is None or file.id != attached.id])
            if attached is not None:
                attached.name = file_name or attached.name
                attached.section_id = section.id
                await repository.attach(work, attached.id, section_id=section.id, name=attached.name)
            row = None if written is None else await self._add(work, written, section_id=section.id)
            shown = attached or row
            assert shown is not None, "a section is put with a text or a file"
            await self._told(work, assistant)
        return SectionView(section=section, file=shown)

    async def read(self, work: UnitOfWork, key: str) -> SectionContent:
        """A section with what was read of it. Raises NotFound `no_active_assistant`, `section_not_found`."""
        assistant = await self._assistants.primary(work)
        section = await _get(work, assistant, key)
        files = await repository.files_of(work, [section.id])
        pieces = await repository.pieces_of(work, [file.id for file in files], limit=words.MOST_SHOWN)
        return SectionContent(section=section, files=tuple(files), pieces=tuple(pieces))

    async def rename(self, work: UnitOfWork, key: str, to: str) -> None:
        """Give a section another key; calls cite it by that from the commit on.

        Raises:
            NotFound: `no_active_assistant`, `section_not_found`.
            Conflict: `section_exists`.
        """
        assistant = await self._assistants.primary(work, lock=True)
        section = await _get(work, assistant, key)
        if to != key and await repository.find_section(work, assistant.id, to) is not None:
            raise Conflict("section_exists", f"there is a section {to} already")
        section.key, section.updated_at = to, self._now()
        for file in await repository.files_of(work, [section.id]):
            if file.is_written:
                file.name = f"{to}.md"
        await work.session.flush()

    async def delete(self, work: UnitOfWork, key: str) -> None:
        """Remove a section with its files and their pieces; no call finds it from the commit on.

        Raises:
            NotFound: `no_active_assistant`, `section_not_found`.
        """
        assistant = await self._assistants.primary(work, lock=True)
        section = await _get(work, assistant, key)
        await _remove(work, [section])
        await self._told(work, assistant)

    async def _told(self, work: UnitOfWork, assistant: Assistant) -> None:
        if self._offer is not None:
            knows = await repository.count_sections(work, assistant.id) > 0
            await self._offer(work, assistant, knows)

    # --- files

    async def _write_text(self, organization_id: str, key: str, text: str) -> _NewFile:
        data = text.encode()
        return await self._write(
            organization_id,
            _once(data),
            name=f"{key}.md",
            media_type=words.MARKDOWN,
            size_bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            pieces=await self._reader.divide(text),
            is_written=True,
        )

    async def _write(
        self, organization_id: str, chunks: AsyncIterator[bytes], *, is_written: bool = False, **facts: Any
    ) -> _NewFile:
        """Put the bytes in their place; without a row soon, they are removed again."""
        file_id = new_id()
        blob_key = f"{organization_id}/knowledge/{file_id}"
        async with self._store.begin(organization_id) as work:
            due_at = self._now() + words.WRITING_TAKES
            await _clear_later(work, file_id, blob_key, unless="known", due_at=due_at)
        await self._blobs.put(blob_key, chunks)
        return _NewFile(id=file_id, blob_key=blob_key, is_written=is_written, **facts)

    async def _add(self, work: UnitOfWork, file: _NewFile, *, section_id: str | None) -> KbFile:
        values = {
            "id": file.id,
            "section_id": section_id,
            "name": file.name,
            "media_type": file.media_type,
            "size_bytes": file.size_bytes,
            "sha256": file.sha256,
            "blob_key": file.blob_key,
            "is_written": file.is_written,
            "pieces": len(file.pieces),
            "words": sum(piece.terms.count(" ") + 1 for piece in file.pieces),
            "created_at": self._now(),
        }
        return await repository.add_file(work, values, file.pieces)

    # --- sections

    async def _own_text_or_file(
        self, work: UnitOfWork, assistant: Assistant, key: str, *, text: str | None, file_id: str | None
    ) -> str | None:
        """The file to attach. The one that the section's former text was written to is none: the new text replaces
        it, which is what a client means that sends back what it read."""
        if file_id is None:
            return None
        file = await repository.find_file(work, file_id) if is_id(file_id) else None
        if file is None:
            raise NotFound("file_not_found", "vapiFileId is not a file of this organization")
        section = await repository.find_section(work, assistant.id, key)
        own = file.is_written and section is not None and file.section_id == section.id
        return None if own and text is not None else file_id

    async def _section(self, work: UnitOfWork, assistant: Assistant, key: str, *, text: str | None) -> KbSection:
        section = await repository.find_section(work, assistant.id, key)
        if section is None:
            if await repository.count_sections(work, assistant.id) >= words.MAX_SECTIONS:
                raise _invalid("sectionKey", f"there are {words.MAX_SECTIONS} sections already; delete one first")
            section = KbSection(id=new_id(), assistant_id=assistant.id, key=key, created_at=self._now())
            work.session.add(section)
        section.text = text
        section.updated_at = self._now()
        await work.session.flush()
        return section

    async def _attachable(self, work: UnitOfWork, file_id: str, section: KbSection) -> KbFile:
        file = await repository.find_file(work, file_id)
        if file is None:
            raise NotFound("file_not_found", "vapiFileId is not a file of this organization")
        if file.section_id not in {None, section.id}:
            raise _invalid("vapiFileId", "this file belongs to another section; upload it again")
        return file


async def _get(work: UnitOfWork, assistant: Assistant, key: str) -> KbSection:
    section = await repository.find_section(work, assistant.id, key)
    if section is None:
        raise NotFound("section_not_found", f"there is no section {key}")
    return section


async def forget(work: UnitOfWork, assistant: Assistant) -> None:
    """Remove all that an assistant knows: it is being deleted."""
    await _remove(work, await repository.sections_of(work, assistant.id))


async def _remove(work: UnitOfWork, sections: Sequence[KbSection]) -> None:
    ids = [section.id for section in sections]
    await _drop(work, await repository.files_of(work, ids))
    await repository.delete_sections(work, ids)


async def _drop(work: UnitOfWork, files: Sequence[KbFile]) -> None:
    await repository.delete_files(work, [file.id for file in files])
    for file in files:
        await _clear_later(work, file.id, file.blob_key, unless="known", due_at=None)


async def _clear_later(
    work: UnitOfWork, file_id: str, blob_key: str, *, unless: str, due_at: dt.datetime | None
) -> None:
    payload = {"organization_id": work.organization_id, "file_id": file_id, "blob_key": blob_key, "unless": unless}
    await enqueue(work, Job(kind=words.CLEAR_FILE, payload=payload, due_at=due_at))


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


async def _chunks_of(file: BinaryIO) -> AsyncIterator[bytes]:
    """An open file of at most 10 MB, which the page cache has: reading a chunk takes microseconds."""
    file.seek(0)
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def _invalid(field: str, message: str) -> InvalidInput:
    return InvalidInput(
        "validation_error", f"{field}: {message}", details={"fields": [{"field": field, "message": message}]}
    )
