"""Inbound calls as their owner sees them: listed, read, followed up. Deleting is `forgetting.py`'s."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.calls.ending import Endings
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.repository import journal
from voice_engine.domains.calls.repository.journal import Happening
from voice_engine.domains.calls.service import Transcript
from voice_engine.domains.contacts import repository as contacts
from voice_engine.domains.contacts.models import Contact
from voice_engine.domains.inbound import words
from voice_engine.domains.inbound.models import ActionItem
from voice_engine.domains.inbound.repository import calls
from voice_engine.domains.inbound.repository.calls import Record
from voice_engine.domains.inbound.selection import Selection, since, stated, until
from voice_engine.errors import NotFound
from voice_engine.store.rows import is_id
from voice_engine.store.uow import UnitOfWork

MOST_POSITION = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a list is asked for, in the wire's words. Dates are days of the account's zone, or timestamps."""

    status: str | None = None
    vip_only: bool = False
    date_from: str | None = None
    date_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some inbound calls, newest first, and how many there are in all."""

    records: Sequence[Record]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """One inbound call with its follow-ups and its caller. `contact` None: not known, or no longer."""

    record: Record
    action_items: Sequence[ActionItem]
    contact: Contact | None
    previous_calls: int


class InboundService:
    """Methods run inside the organization's unit of work. `now` is the wall clock, in UTC."""

    def __init__(self, endings: Endings, *, now: Callable[[], dt.datetime]) -> None:
        self._endings = endings
        self._now = now

    async def list_page(self, work: UnitOfWork, filters: Filters, *, limit: int, offset: int) -> Page:
        """A page. Raises InvalidInput `validation_error` for a date that is none."""
        zone = await zone_of(work)
        selection = Selection(
            states=None if filters.status is None else stated([filters.status]),
            vip_only=filters.vip_only,
            since=since(filters.date_from, zone),
            until=until(filters.date_to, zone),
        )
        records, total = await calls.list_page(work, selection, limit=limit, offset=offset)
        return Page(records=records, total=total)

    async def get(self, work: UnitOfWork, call_id: str, *, lock: bool = False) -> Record:
        """An inbound call. Raises NotFound `call_not_found`, also for what is no id."""
        record = await calls.find(work, call_id, lock=lock) if is_id(call_id) else None
        if record is None:
            raise NotFound("call_not_found", "there is no such inbound call")
        return record

    async def details(self, work: UnitOfWork, call_id: str) -> Details:
        """A call with all that belongs to it. Raises NotFound `call_not_found`."""
        record = await self.get(work, call_id)
        number, contact_id = record.call.from_number, record.inbound.contact_id
        before = record.call.created_at
        return Details(
            record=record,
            action_items=await calls.list_action_items(work, call_id),
            contact=None if contact_id is None else await contacts.find(work, contact_id),
            previous_calls=0 if number is None else await calls.count_from(work, number, before=before),
        )

    async def transcript(self, work: UnitOfWork, call_id: str) -> Transcript:
        """What was said. Raises NotFound `call_not_found`, `transcript_not_found` when nothing was."""
        record = await self.get(work, call_id)
        entries = await journal.list_transcript(work, call_id)
        if not entries:
            raise NotFound("transcript_not_found", "nothing was said in this call")
        return Transcript(call=record.call, entries=entries)

    async def recorded(self, work: UnitOfWork, call_id: str) -> Call:
        """The call, its recording kept. Raises NotFound `call_not_found`, `recording_not_found`."""
        call = (await self.get(work, call_id)).call
        if call.recording_key is None or call.recording_ms is None:
            raise NotFound("recording_not_found", "there is no recording: none was made, or the caller declined it")
        return call

    async def update_action_item(self, work: UnitOfWork, call_id: str, index: int, status: str) -> ActionItem:
        """Set a follow-up's state, and tell it. Raises NotFound `call_not_found`, `action_item_not_found`."""
        record = await self.get(work, call_id)
        item = await calls.find_action_item(work, call_id, index) if index <= MOST_POSITION else None
        if item is None:
            raise NotFound("action_item_not_found", "this call has no such action item")
        item.status, item.updated_at = status, self._now()
        await work.session.flush()
        payload = {"index": item.position, "status": status, "description": item.description}
        told = Happening(type=words.ACTION_ITEM_UPDATED, at=item.updated_at, payload=payload)
        await self._endings.tell(work, record.call, told)
        return item


async def zone_of(work: UnitOfWork) -> ZoneInfo:
    """The zone of the account's days."""
    return ZoneInfo((await accounts.get_organization(work, work.organization_id)).timezone)
