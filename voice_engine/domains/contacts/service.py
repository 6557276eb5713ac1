"""Contacts: people that callers are recognised by, one number each."""

import datetime as dt
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import phonenumbers

from voice_engine.domains.contacts import repository
from voice_engine.domains.contacts.models import Contact
from voice_engine.errors import Conflict, InvalidInput, NotFound
from voice_engine.store.rows import is_id, new_id
from voice_engine.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContact:
    """A person as given. `phone_number` is judged here."""

    name: str
    phone_number: str
    is_vip: bool = False
    notes: str | None = None
    email: str | None = None
    source: str = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPage:
    """Some contacts, by name, and how many there are in all."""

    contacts: Sequence[Contact]
    total: int


class ContactService:
    """Methods run inside the organization's unit of work. `now` is the wall clock, in UTC."""

    def __init__(self, *, now: Callable[[], dt.datetime]) -> None:
        self._now = now

    async def list_page(
        self, work: UnitOfWork, *, text: str | None, vip_only: bool, limit: int, offset: int
    ) -> ContactPage:
        """A page, by name; `text` is part of a name or of a number, however it is written."""
        folded = fold(text) if text else None
        digits = "".join(each for each in text or "" if each.isascii() and each.isdigit())
        rows, total = await repository.list_page(
            work, text=folded or None, digits=digits, vip_only=vip_only, limit=limit, offset=offset
        )
        return ContactPage(contacts=rows, total=total)

    async def get(self, work: UnitOfWork, contact_id: str) -> Contact:
        """A contact. Raises NotFound `contact_not_found`, also for what is no id."""
        contact = await repository.find(work, contact_id) if is_id(contact_id) else None
        if contact is None:
            raise _not_found()
        return contact

    async def create(self, work: UnitOfWork, new: NewContact) -> Contact:
        """Keep a contact; the next call from the number is recognised.

        Raises:
            InvalidInput: `invalid_phone_number`.
            Conflict: `contact_exists`.
        """
        values = contact_values(new, to_e164(new.phone_number), now=self._now())
        if not await repository.add(work, values):
            raise _exists()
        kept = await repository.find(work, values["id"])
        assert kept is not None, "it was written"
        return kept

    async def update(self, work: UnitOfWork, contact_id: str, changes: Mapping[str, Any]) -> Contact:
        """Change the fields that are named; past calls keep the name that they had.

        Raises:
            NotFound: `contact_not_found`.
            Conflict: `contact_exists`.
            InvalidInput: `invalid_phone_number`.
        """
        contact = await repository.find(work, contact_id, lock=True) if is_id(contact_id) else None
        if contact is None:
            raise _not_found()
        if "phone_number" in changes:
            e164 = to_e164(changes["phone_number"])
            other = await repository.find_by_number(work, e164)
            if other is not None and other.id != contact.id:
                raise _exists()
            contact.phone_number = e164
        if "name" in changes:
            contact.name, contact.folded_name = changes["name"], fold(changes["name"])
        for column in ("is_vip", "notes", "email"):
            if column in changes:
                setattr(contact, column, changes[column])
        contact.updated_at = self._now()
        await work.session.flush()
        return contact

    async def delete(self, work: UnitOfWork, contact_id: str) -> None:
        """Forget a contact; past calls keep the name that they had. Raises NotFound `contact_not_found`."""
        if not is_id(contact_id) or not await repository.delete(work, contact_id):
            raise _not_found()


def contact_values(
    new: NewContact, e164: str, *, now: dt.datetime, external_id: str | None = None
) -> dict[str, Any]:
    """A new contact's row."""
    return {
        "id": new_id(),
        "name": new.name,
        "folded_name": fold(new.name),
        "phone_number": e164,
        "is_vip": new.is_vip,
        "notes": new.notes,
        "email": new.email,
        "source": new.source,
        "external_id": external_id,
        "created_at": now,
        "updated_at": now,
    }


def fold(name: str) -> str:
    """A name as it is sorted and searched, on either database: without case and without accents."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(each for each in plain if not unicodedata.combining(each)).split())[:400]


def to_e164(text: str, *, region: str | None = None) -> str:
    """A number as it is kept. `region` None: it must name its country.

    Raises:
        InvalidInput: `invalid_phone_number`.
    """
    refusal = InvalidInput(
        "invalid_phone_number",
        f"{text[:32]!r} is no phone number; write it with its country code, such as +14155551234",
    )
    try:
        number = phonenumbers.parse(text.removeprefix("tel:"), region)
    except phonenumbers.NumberParseException as error:
        raise refusal from error
    if not phonenumbers.is_possible_number(number) or any(each.isalpha() for each in text.removeprefix("tel:")):
        raise refusal
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _exists() -> Conflict:
    return Conflict("contact_exists", "there is a contact with this number already; change that one")


def _not_found() -> NotFound:
    return NotFound("contact_not_found", "there is no such contact")
