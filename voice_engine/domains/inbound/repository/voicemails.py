"""The SQL of voicemails."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from voice_engine.domains.inbound.models import Voicemail
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows, insert_once


async def add(work: UnitOfWork, values: dict[str, Any]) -> bool:
    """Write a message unless it is there; whether it was written."""
    return await insert_once(work, Voicemail, values)


async def find(work: UnitOfWork, voicemail_id: str) -> Voicemail | None:
    """The message of this id."""
    statement = sa.select(Voicemail).where(Voicemail.id == voicemail_id).execution_options(populate_existing=True)
    found: Voicemail | None = await work.session.scalar(statement)
    return found


async def find_by_recording(work: UnitOfWork, recording_sid: str) -> Voicemail | None:
    """The message that the carrier recorded under this id."""
    statement = sa.select(Voicemail).where(Voicemail.recording_sid == recording_sid)
    found: Voicemail | None = await work.session.scalar(statement)
    return found


async def list_page(work: UnitOfWork, *, unread: bool, limit: int, offset: int) -> tuple[Sequence[Voicemail], int]:
    """A page, newest first, and how many there are."""
    wanted = [Voicemail.is_read.is_(False)] if unread else []
    newest = sa.select(Voicemail).where(*wanted).order_by(Voicemail.created_at.desc(), Voicemail.id.desc())
    rows = (await work.session.scalars(newest.limit(limit).offset(offset))).all()
    total = await work.session.scalar(sa.select(sa.func.count(Voicemail.id)).where(*wanted))
    return rows, int(total or 0)


async def change(work: UnitOfWork, voicemail_id: str, **values: Any) -> None:  # columns
    """Set columns of a message."""
    await changed_rows(work, sa.update(Voicemail).where(Voicemail.id == voicemail_id).values(**values))


async def delete(work: UnitOfWork, voicemail_id: str) -> bool:
    """Delete a message; whether there was one."""
    return await changed_rows(work, sa.delete(Voicemail).where(Voicemail.id == voicemail_id)) > 0


async def blobs_of(work: UnitOfWork, call_ids: Sequence[str]) -> Sequence[str]:
    """Where the messages of these calls are kept."""
    statement = sa.select(Voicemail.blob_key).where(
        Voicemail.call_id.in_(call_ids), Voicemail.blob_key.is_not(None)
    )
    return [key for key in await work.session.scalars(statement) if key is not None]
