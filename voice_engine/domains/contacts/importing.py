"""Importing contacts: from a file's text, or from an account that is connected. Matched by number, E.164."""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from enum import StrEnum

import structlog

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.contacts import repository
from voice_engine.domains.contacts.models import MOST_EMAIL, MOST_NAME, MOST_NOTES, Contact, ContactAccount
from voice_engine.domains.contacts.service import NewContact, contact_values, fold, to_e164
from voice_engine.domains.contacts.table import read_table
from voice_engine.domains.contacts.vcard import Row, read_vcards
from voice_engine.errors import InvalidInput
from voice_engine.ports.contacts import AddressBook, Person
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id
from voice_engine.store.secrets import SecretBox
from voice_engine.store.uow import UnitOfWork

BATCH = 500
"""Numbers that are matched in one transaction."""
MOST_FAULTS = 100
MOST_ROWS = 25_000
"""Rows of one import; more take more than one."""

READERS = {"vcard": read_vcards, "csv": read_table}

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A row of a file that could not be taken, from 1."""

    row: int
    message: str


@dataclass(slots=True, kw_only=True)
class Tally:
    """What an import came to, in contacts; `skipped` people had no usable number."""

    source: str
    imported: int = 0
    updated: int = 0
    skipped: int = 0
    faults: list[Fault] = field(default_factory=list)


class Fate(StrEnum):
    """What an import would make of a person's number."""

    NEW = "new"
    CHANGED = "changed"
    """Somebody is known by it, and would get what the file says of them."""
    SAME = "same"
    REPEATED = "repeated"
    """It stands in the file again further down, and the last one counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewLine:
    """A person's number in a file. `known_as` is the name that the contact has now, if there is one."""

    name: str
    number: str
    fate: Fate
    known_as: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an import would do: a line for each number, and the rows that cannot be taken."""

    source: str
    lines: Sequence[PreviewLine]
    skipped: int
    faults: Sequence[Fault]

    def count(self, fate: Fate) -> int:
        """How many numbers would fare so."""
        return sum(line.fate is fate for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A person under one of their numbers."""

    e164: str
    person: Person


class ContactImport:
    """Opens its own units of work: files are parsed and accounts read between them. `now` is the wall clock.

    `books` are the providers that can be read, by name; `box` opens their sealed tokens.
    """

    def __init__(
        self, store: Store, box: SecretBox, books: Mapping[str, AddressBook], *, now: Callable[[], dt.datetime]
    ) -> None:
        self._store = store
        self._box = box
        self._books = books
        self._now = now

    async def connect(self, work: UnitOfWork, provider: str, refresh_token: str) -> None:
        """Note that the organization connected an account; one that was connected before is replaced."""
        known = await repository.find_account(work, provider)
        if known is not None:
            await work.session.delete(known)
            await work.session.flush()
        sealed = self._box.seal(refresh_token, context=_context(work.organization_id, provider))
        account = ContactAccount(
            id=new_id(), provider=provider, refresh_token=sealed, sync_token=None, connected_at=self._now()
        )
        work.session.add(account)

    async def from_text(self, organization_id: str, source: str, text: str) -> Tally:
        """Import a file's text; `source` is "vcard" or "csv".

        Raises:
            InvalidInput: `validation_error`: it is no such file, or too long.
        """
        tally = Tally(source=source)
        found = await self._read(organization_id, text, tally)
        await self._keep(organization_id, found, tally)
        return tally

    async def preview(self, organization_id: str, source: str, text: str) -> Preview:
        """What `from_text` would do now, by the same reading and matching; nothing is written.

        Raises:
            InvalidInput: as `from_text`.
        """
        tally = Tally(source=source)
        found = await self._read(organization_id, text, tally)
        last = {one.e164: place for place, one in enumerate(found)}
        lines: list[PreviewLine] = []
        async with self._store.read(organization_id) as work:
            for start in range(0, len(found), BATCH):
                batch = found[start : start + BATCH]
                known = await repository.list_by_numbers(work, [one.e164 for one in batch], lock=False)
                lines.extend(
                    _preview_line(one, known.get(one.e164), repeated=last[one.e164] != place)
                    for place, one in enumerate(batch, start=start)
                )
        return Preview(source=source, lines=lines, skipped=tally.skipped, faults=tally.faults)

    async def from_account(self, organization_id: str, provider: str) -> Tally:
        """Import what changed in a connected account since the last time; the first time, all of it.

        Raises:
            InvalidInput: `provider_not_connected`.
            UpstreamFailed: `service_unavailable`; what was read so far stays.
        """
        async with self._store.read(organization_id) as work:
            account = await repository.find_account(work, provider)
        book = self._books.get(provider)
        if account is None or book is None:
            raise InvalidInput(
                "provider_not_connected", f"connect a {provider.capitalize()} account first, or send a file"
            )
        tally, region, mark = Tally(source=provider), await self._region(organization_id), account.sync_token
        token = self._box.open(account.refresh_token, context=_context(organization_id, provider))
        async with aclosing(book.read(token, sync_token=mark)) as pages:
            async for page in pages:
                found = _numbers_of(page.persons, region, tally)
                await self._keep(organization_id, found, tally)
                mark = page.sync_token or mark
        async with self._store.begin(organization_id) as work:
            await repository.note_synced(work, account.id, sync_token=mark, at=self._now())
        _log.info("contacts.synced", provider=provider, imported=tally.imported, updated=tally.updated)
        return tally

    async def _read(self, organization_id: str, text: str, tally: Tally) -> list[_Found]:
        region = await self._region(organization_id)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, _read, tally.source, text, region, tally)

    async def _keep(self, organization_id: str, found: Sequence[_Found], tally: Tally) -> None:
        """Write people in batches; the same number twice in one import is its last one."""
        unique = list({one.e164: one for one in found}.values())
        for start in range(0, len(unique), BATCH):
            async with self._store.begin(organization_id) as work:
                await self._keep_batch(work, unique[start : start + BATCH], tally)

    async def _keep_batch(self, work: UnitOfWork, batch: Sequence[_Found], tally: Tally) -> None:
        known = await repository.list_by_numbers(work, [one.e164 for one in batch])
        now = self._now()
        for one in batch:
            contact = known.get(one.e164)
            if contact is not None:
                tally.updated += _refresh(contact, one.person, now)
                continue
            new = NewContact(
                name=_name_of(one),
                phone_number=one.e164,
                notes=_cut(one.person.notes, MOST_NOTES),
                email=_address(one.person.email),
                source=tally.source,
            )
            values = contact_values(new, one.e164, now=now, external_id=one.person.id[:200])
            tally.imported += await repository.add(work, values)
        await work.session.flush()

    async def _region(self, organization_id: str) -> str:
        async with self._store.read(organization_id) as work:
            return (await accounts.get_organization(work, organization_id)).country


def _read(source: str, text: str, region: str, tally: Tally) -> list[_Found]:
    """Parse a file and its numbers: work for a thread, since a long one takes seconds."""
    persons: list[Person] = []
    for row in READERS[source](text):
        if len(persons) + len(tally.faults) >= MOST_ROWS:
            raise _too_long()
        _sort_in(row, persons, tally)
    if not persons and not tally.faults:
        raise _empty(source)
    return _numbers_of(persons, region, tally)


def _sort_in(row: Row, persons: list[Person], tally: Tally) -> None:
    if row.person is not None:
        persons.append(row.person)
        return
    tally.skipped += 1
    if len(tally.faults) < MOST_FAULTS:
        tally.faults.append(Fault(row=row.number, message=row.fault or "cannot be read"))


def _numbers_of(persons: Sequence[Person], region: str, tally: Tally) -> list[_Found]:
    """People by every number of theirs that can be called back; who has none is skipped."""
    found: list[_Found] = []
    for person in persons:
        numbers = [e164 for text in person.numbers if (e164 := _usable(text, region)) is not None]
        found.extend(_Found(e164=e164, person=person) for e164 in dict.fromkeys(numbers))
        if not numbers:
            tally.skipped += 1
            if person.numbers and len(tally.faults) < MOST_FAULTS and person.id.isdecimal():
                tally.faults.append(Fault(row=int(person.id), message="has no usable phone number"))
    return found


def _usable(text: str, region: str) -> str | None:
    try:
        return to_e164(text[:64], region=region)
    except InvalidInput:
        return None


def _preview_line(one: _Found, known: Contact | None, *, repeated: bool) -> PreviewLine:
    if repeated:
        fate = Fate.REPEATED
    elif known is None:
        fate = Fate.NEW
    else:
        fate = Fate.CHANGED if _news_of(known, one.person) is not None else Fate.SAME
    return PreviewLine(name=_name_of(one), number=one.e164, fate=fate, known_as=known.name if known else None)


def _name_of(one: _Found) -> str:
    return _cut(one.person.name, MOST_NAME) or one.e164


def _news_of(contact: Contact, person: Person) -> tuple[str, str | None, str | None] | None:
    """A contact's name, address and notes brought up to date; None: nothing is new. What its owner wrote (notes,
    VIP) is theirs."""
    name = _cut(person.name, MOST_NAME) or contact.name
    email = _address(person.email) or contact.email
    notes = contact.notes or _cut(person.notes, MOST_NOTES)
    return None if (name, email, notes) == (contact.name, contact.email, contact.notes) else (name, email, notes)


def _refresh(contact: Contact, person: Person, now: dt.datetime) -> int:
    """Bring a contact up to date: 1 if that changed it."""
    news = _news_of(contact, person)
    if news is None:
        return 0
    contact.name, contact.email, contact.notes = news
    contact.folded_name, contact.updated_at = fold(contact.name), now
    return 1


def _cut(text: str | None, most: int) -> str | None:
    """What a column can keep of a text."""
    return (text or "").replace("\0", "").strip()[:most].strip() or None


def _address(text: str | None) -> str | None:
    """An e-mail address; what is none is left out."""
    address = _cut(text, MOST_EMAIL)
    return address if address is not None and "@" in address.strip("@") else None


def _context(organization_id: str, provider: str) -> str:
    return f"contacts:{provider}:{organization_id}"


def _empty(source: str) -> InvalidInput:
    message = f"holds no {'cards' if source == 'vcard' else 'rows'}"
    return InvalidInput(
        "validation_error", f"data {message}", details={"fields": [{"field": "data", "message": message}]}
    )


def _too_long() -> InvalidInput:
    message = f"has more than {MOST_ROWS} rows; send it in parts"
    return InvalidInput(
        "validation_error", f"data {message}", details={"fields": [{"field": "data", "message": message}]}
    )
