"""SQL of knowledge. The store adds the tenant to every statement."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from voice_engine.domains.knowledge.models import KbChunk, KbFile, KbSection
from voice_engine.ports.documents import Piece
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows

INSERTED_AT_ONCE = 100
"""Rows of one INSERT: its parameters are made on the loop."""

_INSERT = sa.insert(KbChunk.metadata.tables[KbChunk.__tablename__])
"""Of the table, not of the class: thousands of rows that nobody needs as objects."""


async def sections_of(work: UnitOfWork, assistant_id: str) -> Sequence[KbSection]:
    """An assistant's sections, the oldest first."""
    statement = (
        sa.select(KbSection)
        .where(KbSection.assistant_id == assistant_id)
        .order_by(KbSection.created_at, KbSection.key)
    )
    return (await work.session.scalars(statement)).all()


async def find_section(work: UnitOfWork, assistant_id: str, key: str) -> KbSection | None:
    """The section of this key."""
    found: KbSection | None = await work.session.scalar(
        sa.select(KbSection).where(KbSection.assistant_id == assistant_id, KbSection.key == key)
    )
    return found


async def count_sections(work: UnitOfWork, assistant_id: str) -> int:
    """How many there are."""
    statement = sa.select(sa.func.count()).select_from(KbSection).where(KbSection.assistant_id == assistant_id)
    return int(await work.session.scalar(statement) or 0)


async def find_file(work: UnitOfWork, file_id: str) -> KbFile | None:
    """A file of this organization."""
    found: KbFile | None = await work.session.scalar(sa.select(KbFile).where(KbFile.id == file_id))
    return found


async def files_of(work: UnitOfWork, section_ids: Sequence[str]) -> Sequence[KbFile]:
    """The files that these sections are made of, written ones last."""
    statement = (
        sa.select(KbFile).where(KbFile.section_id.in_(section_ids)).order_by(KbFile.is_written, KbFile.created_at)
    )
    return (await work.session.scalars(statement)).all()


async def waiting_files(work: UnitOfWork) -> Sequence[KbFile]:
    """Uploads that are attached nowhere, the newest first."""
    statement = sa.select(KbFile).where(KbFile.section_id.is_(None)).order_by(KbFile.created_at.desc(), KbFile.id)
    return (await work.session.scalars(statement)).all()


async def add_file(work: UnitOfWork, values: Mapping[str, Any], pieces: Sequence[Piece]) -> KbFile:
    """A file with its pieces."""
    file = KbFile(**values)
    work.session.add(file)
    await work.session.flush()
    common = {"organization_id": work.organization_id, "file_id": file.id}
    for start in range(0, len(pieces), INSERTED_AT_ONCE):
        rows = [
            {**common, "position": position, "heading": piece.heading, "text": piece.text, "terms": piece.terms}
            for position, piece in enumerate(pieces[start : start + INSERTED_AT_ONCE], start)
        ]
        await work.session.execute(_INSERT, rows)
    return file


async def attach(work: UnitOfWork, file_id: str, *, section_id: str, name: str) -> None:
    """Make a file part of a section."""
    await changed_rows(work, sa.update(KbFile).where(KbFile.id == file_id).values(section_id=section_id, name=name))


async def delete_files(work: UnitOfWork, file_ids: Sequence[str]) -> None:
    """Files with their pieces, and so with their entries in the index."""
    await changed_rows(work, sa.delete(KbChunk).where(KbChunk.file_id.in_(file_ids)))
    await changed_rows(work, sa.delete(KbFile).where(KbFile.id.in_(file_ids)))


async def delete_sections(work: UnitOfWork, section_ids: Sequence[str]) -> None:
    """Sections without files."""
    await changed_rows(work, sa.delete(KbSection).where(KbSection.id.in_(section_ids)))


async def pieces_of(work: UnitOfWork, file_ids: Sequence[str], *, limit: int) -> Sequence[KbChunk]:
    """The pieces of these files, file by file, from their beginning."""
    statement = sa.select(KbChunk).where(KbChunk.file_id.in_(file_ids)).order_by(KbChunk.file_id, KbChunk.position)
    return (await work.session.scalars(statement.limit(limit))).all()
