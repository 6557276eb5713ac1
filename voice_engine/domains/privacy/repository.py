"""The SQL of retention, export and erasure: it reads and empties rows of calls, inbound calls and contacts."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.bookings import repository as bookings
from voice_engine.domains.calls.listing.index import index_calls
from voice_engine.domains.calls.models import (
    Call,
    CallAttempt,
    CallCommand,
    CallEvent,
    CallTimeline,
    ToolInvocation,
    TranscriptEntry,
)
from voice_engine.domains.calls.peaks import peaks_key
from voice_engine.domains.calls.states import ENDS
from voice_engine.domains.contacts.models import Contact
from voice_engine.domains.hooks.models import HookDelivery
from voice_engine.domains.inbound.models import ActionItem, InboundCall, Voicemail
from voice_engine.domains.inbound.repository.rules import lock_all as lock_rules
from voice_engine.domains.numbers.models import CodeSend, NumberProof
from voice_engine.domains.privacy.words import TOMBSTONE
from voice_engine.domains.usage.models import CreditEntry, HoldRow
from voice_engine.domains.webhooks.models import WebhookEvent
from voice_engine.store.idempotency import IdempotencyRow
from voice_engine.store.rows import Row
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows

TALK = (TranscriptEntry, CallTimeline, CallEvent, ToolInvocation, CallCommand)
SAID = (*TALK, ActionItem, Voicemail, WebhookEvent, HookDelivery)
"""Rows that hold what was said or done in a call, by its id."""

NAMING = ("caller_numbers", "caller_prefixes")
"""Conditions of a routing rule that can name one number."""

EMPTY: dict[str, Any] = {
    "spec": None,
    "outcome": None,
    "summary": None,
    "agreed": None,
    "ics": None,
    "highlights": [],
    "next_steps": [],
    "recording_key": None,
    "recording_ms": None,
}
"""A call of which only that it took place is kept."""


async def list_retaining(work: UnitOfWork) -> Sequence[Organization]:
    """Organizations that do not keep everything; in a unit of the system."""
    statement = sa.select(Organization).where(Organization.retention_days.is_not(None)).order_by(Organization.id)
    return (await work.session.scalars(statement)).all()


async def set_retention(work: UnitOfWork, organization_id: str, days: int | None) -> None:
    """Keep so many days; None: until deleted by hand."""
    statement = sa.update(Organization).where(Organization.id == organization_id)
    await changed_rows(work, statement.values(retention_days=days))


async def list_expired(work: UnitOfWork, *, ended_before: dt.datetime, limit: int) -> Sequence[Call]:
    """Ended calls that old of which something is still kept, oldest first."""
    kept = sa.or_(
        Call.recording_key.is_not(None),
        Call.spec.is_not(None),
        Call.outcome.is_not(None),
        Call.summary.is_not(None),
        *(sa.exists().where(table.call_id == Call.id) for table in SAID),
    )
    expired = (Call.status.in_(ENDS), Call.ended_at < ended_before, kept)
    statement = sa.select(Call).where(*expired).order_by(Call.ended_at, Call.id).limit(limit)
    return (await work.session.scalars(statement)).all()


async def list_calls_with(work: UnitOfWork, number: str) -> Sequence[Call]:
    """The organization's calls with this number, either way, oldest first; a dial counts as one."""
    dialled = sa.select(CallAttempt.call_id).where(CallAttempt.to_number == number)
    inbound = sa.and_(Call.direction == "inbound", Call.from_number == number)
    outbound = sa.and_(Call.direction == "outbound", sa.or_(Call.to_number == number, Call.id.in_(dialled)))
    statement = sa.select(Call).where(sa.or_(inbound, outbound)).order_by(Call.created_at, Call.id)
    return (await work.session.scalars(statement)).all()


async def lock_ended(work: UnitOfWork, call_ids: Sequence[str]) -> Sequence[Call]:
    """Those of these calls that have ended, held until the unit ends."""
    statement = sa.select(Call).where(Call.id.in_(call_ids), Call.status.in_(ENDS)).with_for_update()
    return (await work.session.scalars(statement.execution_options(populate_existing=True))).all()


async def list_rows(work: UnitOfWork, table: type[Row], call_ids: Sequence[str]) -> Sequence[Any]:
    """A table's rows of these calls, in the order of their keys."""
    columns = sa.inspect(table).columns
    order = columns["position"] if "position" in columns else sa.inspect(table).primary_key[0]
    statement = sa.select(table).where(columns["call_id"].in_(call_ids)).order_by(columns["call_id"], order)
    return (await work.session.scalars(statement)).all()


async def blobs_of(work: UnitOfWork, calls: Iterable[Call]) -> list[str]:
    """Keys of recordings and voicemails of these calls."""
    held = list(calls)
    messages = await list_rows(work, Voicemail, [call.id for call in held])
    recordings = [call.recording_key for call in held if call.recording_key is not None]
    keys = [*recordings, *map(peaks_key, recordings), *(message.blob_key for message in messages)]
    return [key for key in keys if key is not None]


async def find_contact(work: UnitOfWork, number: str) -> Contact | None:
    """The organization's contact of this number."""
    found: Contact | None = await work.session.scalar(sa.select(Contact).where(Contact.phone_number == number))
    return found


async def empty_calls(work: UnitOfWork, call_ids: Sequence[str], *, now: dt.datetime) -> None:
    """Delete what was said in these calls, for good: their rows, numbers and times stay, and so does the ledger.

    A time that was booked in one stays taken: by nobody, as far as anyone can tell.
    """
    for table in SAID:
        await changed_rows(work, sa.delete(table).where(table.call_id.in_(call_ids)))
    await changed_rows(work, sa.delete(IdempotencyRow).where(IdempotencyRow.resource_id.in_(call_ids)))
    await changed_rows(work, sa.update(Call).where(Call.id.in_(call_ids)).values(**EMPTY, emptied_at=now))
    await bookings.forget_people(work, call_ids)
    await index_calls(work, call_ids)


async def erase_party(work: UnitOfWork, calls: Sequence[Call]) -> None:
    """Put tombstones where these calls name the other party. Amounts of the ledger stay, its words do not."""
    ids = [call.id for call in calls]
    inbound = (Call.id.in_(ids), Call.direction == "inbound")
    await changed_rows(work, sa.update(Call).where(*inbound).values(from_number=None))
    for call in calls:
        if call.direction == "outbound":
            values = {"to_number": TOMBSTONE, "task": erased_task(call.task), "session_id": None}
            await changed_rows(work, sa.update(Call).where(Call.id == call.id).values(**values))
    dials = sa.update(CallAttempt).where(CallAttempt.call_id.in_(ids))
    await changed_rows(work, dials.values(to_number=TOMBSTONE))
    about = {"caller_name": None, "contact_id": None, "intent": None}
    await changed_rows(work, sa.update(InboundCall).where(InboundCall.call_id.in_(ids)).values(**about))
    for table in (CreditEntry, HoldRow):
        lines = sa.update(table).where(table.resource_id.in_(ids))
        await changed_rows(work, lines.values(description=f"Phone call ({TOMBSTONE})"))
    await index_calls(work, ids)


async def erase_number(work: UnitOfWork, number: str) -> int:
    """Delete the contact and the codes of this number, whose its bookings are, and the rules' knowledge of it; how
    many contacts there were."""
    await bookings.forget_number(work, number)
    await _forget_in_rules(work, number)
    await changed_rows(work, sa.delete(NumberProof).where(NumberProof.e164 == number))
    await changed_rows(work, sa.delete(CodeSend).where(CodeSend.e164 == number))
    return await changed_rows(work, sa.delete(Contact).where(Contact.phone_number == number))


async def _forget_in_rules(work: UnitOfWork, number: str) -> None:
    """No rule names the number as a caller's any more. One that named no other is switched off: it takes nobody."""
    for rule in await lock_rules(work):
        named = {each: rule.conditions.get(each) or () for each in NAMING}
        left = {each: [one for one in ones if one != number] for each, ones in named.items() if number in ones}
        if left:
            rule.conditions = {**rule.conditions, **left}
            rule.is_active = rule.is_active and all(left.values())
    await work.session.flush()


def erased_task(task: dict[str, Any] | None) -> dict[str, Any] | None:
    """A submission without anybody in it: what kind of call it was stays."""
    if task is None:
        return None
    kept = {key: task[key] for key in ("task_category", "language", "call_language", "is_urgent")}
    words = {"task_description": TOMBSTONE, "respondent_phone": TOMBSTONE, "additional_instructions": []}
    return {**dict.fromkeys(task), **kept, **words}
