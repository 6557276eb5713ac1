"""What inbound calls look like on the wire of `/v1`."""

import datetime as dt
from typing import Any, Literal

import phonenumbers

from voice_engine.domains.calls.models import Call
from voice_engine.domains.inbound.models import ActionItem
from voice_engine.domains.inbound.repository.calls import Record
from voice_engine.domains.inbound.selection import shown_state
from voice_engine.domains.inbound.service import Details, Page
from voice_engine.rest.wire import Amount, RequestBody, ResponseBody, Timestamp

Status = Literal["active", "completed", "missed", "rejected"]


class ActionItemIn(RequestBody):
    """A follow-up's new state."""

    status: Literal["pending", "in_progress", "completed", "dismissed"]


class CallRowOut(ResponseBody):
    """An inbound call as lists show it."""

    id: str
    call_id: str
    caller_number: str | None
    caller_name: str | None
    contact_id: str | None
    is_vip: bool
    to_number: str
    status: str
    handled_by: str
    started_at: Timestamp
    answered_at: Timestamp | None
    ended_at: Timestamp | None
    duration_seconds: float | None
    summary: str | None
    matched_rule_id: str | None
    has_recording: bool
    has_transcript: bool
    action_item_count: int


class CallPageOut(ResponseBody):
    """A page of inbound calls, newest first."""

    calls: list[CallRowOut]
    total: int
    limit: int
    offset: int
    has_more: bool


class CallerOut(ResponseBody):
    """Who called. `notes` are the contact's, as they are now."""

    phone_number: str | None
    name: str | None
    is_vip: bool
    country: str | None
    notes: str | None
    previous_calls: int


class ActionItemOut(ResponseBody):
    """Something to do after a call."""

    index: int
    description: str
    status: str
    due_date: dt.date | None
    updated_at: Timestamp


class CallDetailsOut(CallRowOut):
    """An inbound call whole."""

    caller: CallerOut
    intent: str | None
    action_items: list[ActionItemOut]
    transferred_to: str | None
    reject_reason: str | None
    voicemail_id: str | None
    credits_used: Amount


def handler_of(call: Call) -> str:
    """Who dealt with a call: whom the row names, else the receptionist if anybody answered."""
    return call.handled_by or ("ai" if call.answered_at is not None else "none")


def row_fields(record: Record) -> dict[str, Any]:
    """The fields of a row."""
    call, inbound = record.call, record.inbound
    assert call.to_number is not None, "an inbound call has the number that was called"
    return {
        "id": call.id,
        "call_id": call.id,
        "caller_number": call.from_number,
        "caller_name": inbound.caller_name,
        "contact_id": inbound.contact_id,
        "is_vip": inbound.is_vip,
        "to_number": call.to_number,
        "status": shown_state(call.status),
        "handled_by": handler_of(call),
        "started_at": call.created_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "duration_seconds": None if call.duration_ms is None else call.duration_ms / 1000,
        "summary": call.summary,
        "matched_rule_id": inbound.rule_id,
        "has_recording": call.recording_key is not None,
        "has_transcript": record.has_transcript,
        "action_item_count": record.action_items,
    }


def page_out(page: Page, *, limit: int, offset: int) -> CallPageOut:
    """The wire's view of a page."""
    return CallPageOut(
        calls=[CallRowOut(**row_fields(record)) for record in page.records],
        total=page.total,
        limit=limit,
        offset=offset,
        has_more=offset + len(page.records) < page.total,
    )


def details_out(details: Details) -> CallDetailsOut:
    """The wire's view of a call whole."""
    record = details.record
    call, inbound = record.call, record.inbound
    return CallDetailsOut(
        **row_fields(record),
        caller=CallerOut(
            phone_number=call.from_number,
            name=inbound.caller_name,
            is_vip=inbound.is_vip,
            country=_country(call.from_number),
            notes=None if details.contact is None else details.contact.notes,
            previous_calls=details.previous_calls,
        ),
        intent=inbound.intent,
        action_items=[action_item_out(item) for item in details.action_items],
        transferred_to=inbound.transferred_to,
        reject_reason=inbound.reject_reason,
        voicemail_id=record.voicemail_id,
        credits_used=call.credits_used,
    )


def action_item_out(item: ActionItem) -> ActionItemOut:
    """The wire's view of a follow-up."""
    return ActionItemOut(
        index=item.position,
        description=item.description,
        status=item.status,
        due_date=item.due_date,
        updated_at=item.updated_at,
    )


def _country(number: str | None) -> str | None:
    if number is None:
        return None
    return phonenumbers.region_code_for_number(phonenumbers.parse(number))
