"""The SQL of other engines' messages, and of finding whose call one is about."""

import datetime as dt
from typing import Any

import sqlalchemy as sa

from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.calls.models import Call, ToolInvocation, TranscriptEntry
from voice_engine.domains.numbers.models import NumberStatus, NumberType, PhoneNumber
from voice_engine.domains.webhooks.models import WebhookEvent
from voice_engine.store.rows import is_id
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows, insert_once


async def find_call(work: UnitOfWork, engine_id: str, *, lock: bool = False) -> Call | None:
    """The call that this id names: ours by the row's id, another engine's by its own."""
    which = sa.or_(Call.external_id == engine_id, Call.id == engine_id)
    statement = sa.select(Call).where(which if is_id(engine_id) else Call.external_id == engine_id)
    statement = statement.order_by(Call.external_id.is_(None)).limit(1).execution_options(populate_existing=True)
    found: Call | None = await work.session.scalar(statement.with_for_update() if lock else statement)
    return found


async def add_call(work: UnitOfWork, values: dict[str, Any]) -> bool:
    """Write a call that another engine holds, unless it is there."""
    return await insert_once(work, Call, values)


async def find_assistant(work: UnitOfWork, engine_id: str) -> Assistant | None:
    """The assistant that engines know by this id, of any organization in a unit of the system."""
    statement = sa.select(Assistant).where(Assistant.engine_id == engine_id, Assistant.deleted_at.is_(None))
    found: Assistant | None = await work.session.scalar(statement)
    return found


async def find_assistant_of(work: UnitOfWork, organization: Organization, number: PhoneNumber) -> Assistant | None:
    """Who answers this number: the assistant that it is bound to, else the organization's usual one."""
    for assistant_id in (number.assistant_id, organization.primary_assistant_id):
        statement = sa.select(Assistant).where(
            Assistant.id == assistant_id,
            Assistant.organization_id == organization.id,
            Assistant.deleted_at.is_(None),
        )
        found: Assistant | None = None if assistant_id is None else await work.session.scalar(statement)
        if found is not None:
            return found
    return None


async def find_number(work: UnitOfWork, *, number_id: str | None, e164: str | None) -> PhoneNumber | None:
    """The bought number of this id, or else of these digits, of any organization in a unit of the system."""
    for which in (
        None if number_id is None else PhoneNumber.id == number_id,
        None if e164 is None else PhoneNumber.e164 == e164,
    ):
        if which is None:
            continue
        live = (PhoneNumber.type == NumberType.PROVISIONED, PhoneNumber.status == NumberStatus.ACTIVE)
        found: PhoneNumber | None = await work.session.scalar(sa.select(PhoneNumber).where(which, *live))
        if found is not None:
            return found
    return None


async def find_organization(work: UnitOfWork, organization_id: str) -> Organization | None:
    """The organization."""
    return await work.session.get(Organization, organization_id)


async def take(work: UnitOfWork, event: dict[str, Any]) -> bool:
    """Note a message; False: it was taken before. One that came before its assistant was known counts as new."""
    if await insert_once(work, WebhookEvent, event):
        return True
    stranger = (
        WebhookEvent.provider == event["provider"],
        WebhookEvent.external_id == event["external_id"],
        WebhookEvent.organization_id.is_(None),
    )
    if event["organization_id"] is None:
        return False
    changed = {key: value for key, value in event.items() if key not in {"id", "provider", "external_id"}}
    return await changed_rows(work, sa.update(WebhookEvent).where(*stranger).values(**changed)) > 0


async def bind(work: UnitOfWork, provider: str, key: str, call_id: str, payload: dict[str, Any] | None) -> None:
    """Note which call a message was about: it goes with it, and so does what was said in it."""
    mine = (WebhookEvent.provider == provider, WebhookEvent.external_id == key)
    await changed_rows(work, sa.update(WebhookEvent).where(*mine).values(call_id=call_id, payload=payload))


async def forget(work: UnitOfWork, *, before: dt.datetime) -> int:
    """Delete what was received before then; how many."""
    return await changed_rows(work, sa.delete(WebhookEvent).where(WebhookEvent.received_at < before))


async def next_position(work: UnitOfWork, call_id: str) -> int:
    """Where the next line of a live transcript stands; the call is locked."""
    last = sa.select(sa.func.max(TranscriptEntry.position)).where(TranscriptEntry.call_id == call_id)
    found: int | None = await work.session.scalar(last)
    return 0 if found is None else found + 1


async def find_use(work: UnitOfWork, call_id: str, tool_call_id: str) -> ToolInvocation | None:
    """One use of a tool."""
    mine = (ToolInvocation.call_id == call_id, ToolInvocation.tool_call_id == tool_call_id)
    found: ToolInvocation | None = await work.session.scalar(sa.select(ToolInvocation).where(*mine))
    return found


async def add_use(work: UnitOfWork, use: dict[str, Any]) -> bool:
    """Write down a use of a tool; False: it was used so before."""
    return await insert_once(work, ToolInvocation, use)
