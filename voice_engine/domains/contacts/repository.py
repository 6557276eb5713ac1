"""All SQL of contacts."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from voice_engine.domains.contacts.models import Contact, ContactAccount
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows, insert_once


async def add(work: UnitOfWork, values: dict[str, Any]) -> bool:
    """Write a contact unless its number is known; whether it was written."""
    return await insert_once(work, Contact, values)


async def find(work: UnitOfWork, contact_id: str, *, lock: bool = False) -> Contact | None:
    """The contact of this id."""
    statement = sa.select(Contact).where(Contact.id == contact_id).execution_options(populate_existing=True)
    found: Contact | None = await work.session.scalar(statement.with_for_update() if lock else statement)
    return found


async def find_by_number(work: UnitOfWork, e164: str) -> Contact | None:
    """The contact of this number."""
    found: Contact | None = await work.session.scalar(sa.select(Contact).where(Contact.phone_number == e164))
    return found


async def list_by_numbers(
    work: UnitOfWork, numbers: Collection[str], *, lock: bool = True
) -> Mapping[str, Contact]:
    """The contacts of these numbers, locked unless somebody only looks."""
    statement = sa.select(Contact).where(Contact.phone_number.in_(list(numbers)))
    rows = await work.session.scalars(statement.with_for_update() if lock else statement)
    return {contact.phone_number: contact for contact in rows}


async def list_page(
    work: UnitOfWork, *, text: str | None, digits: str | None, vip_only: bool, limit: int, offset: int
) -> tuple[Sequence[Contact], int]:
    """A page by name, and how many there are. `text` is folded, as `folded_name` is; `digits` part of a number."""
    wanted: list[sa.ColumnElement[bool]] = []
    if vip_only:
        wanted.append(Contact.is_vip.is_(True))
    if text is not None:
        found = [Contact.folded_name.contains(text, autoescape=True)]
        if digits:
            found.append(Contact.phone_number.contains(digits, autoescape=True))
        wanted.append(sa.or_(*found))
    by_name = sa.select(Contact).where(*wanted).order_by(Contact.folded_name, Contact.id)
    rows = (await work.session.scalars(by_name.limit(limit).offset(offset))).all()
    total = await work.session.scalar(sa.select(sa.func.count(Contact.id)).where(*wanted))
    return rows, int(total or 0)


async def delete(work: UnitOfWork, contact_id: str) -> bool:
    """Delete a contact; whether there was one."""
    return await changed_rows(work, sa.delete(Contact).where(Contact.id == contact_id)) > 0


async def find_account(work: UnitOfWork, provider: str) -> ContactAccount | None:
    """The organization's account at a provider."""
    statement = sa.select(ContactAccount).where(ContactAccount.provider == provider)
    found: ContactAccount | None = await work.session.scalar(statement)
    return found


async def note_synced(work: UnitOfWork, account_id: str, *, sync_token: str | None, at: dt.datetime) -> None:
    """Note how far an account was read."""
    values = {"sync_token": sync_token, "synced_at": at}
    await changed_rows(work, sa.update(ContactAccount).where(ContactAccount.id == account_id).values(**values))
