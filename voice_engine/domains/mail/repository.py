"""All SQL of the outgoing mail."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from voice_engine.domains.mail.models import MailRow, MailState
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows, insert_once


async def add_mail(work: UnitOfWork, values: dict[str, object]) -> bool:
    """Write a letter; False when one of this id is there."""
    return await insert_once(work, MailRow, values)


async def find_mail(work: UnitOfWork, mail_id: str) -> MailRow | None:
    """The letter of this id."""
    return await work.session.get(MailRow, mail_id)


async def list_mails(work: UnitOfWork, *, most: int, to_address: str | None = None) -> Sequence[MailRow]:
    """Letters, the newest first; to one address, or to all."""
    query = sa.select(MailRow).order_by(MailRow.created_at.desc(), MailRow.id).limit(most)
    if to_address is not None:
        query = query.where(MailRow.to_address == to_address)
    return (await work.session.scalars(query)).all()


async def set_state(
    work: UnitOfWork, mail_id: str, state: MailState, *, at: dt.datetime | None = None, fault: str | None = None
) -> None:
    """Note what became of a letter; one that was sent stays sent."""
    await changed_rows(
        work,
        sa.update(MailRow)
        .where(MailRow.id == mail_id, MailRow.state != MailState.SENT)
        .values(state=state, sent_at=at, fault=fault),
    )


async def delete_older(work: UnitOfWork, *, before: dt.datetime) -> int:
    """Delete letters written before `before`; how many."""
    return await changed_rows(work, sa.delete(MailRow).where(MailRow.created_at < before))
