"""What an inbound call has beyond a call: who it was, which rule took it, what is to be done, what was left."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.domains.calls.models import NUMBER_LENGTH, SID_LENGTH
from voice_engine.store.rows import ID_LENGTH, TenantRow, id_column, id_reference

NAME_LENGTH = 200


class InboundCall(TenantRow):
    """The inbound half of a call's row, one to one. Names stay as they were when it rang.

    `number_id` is the called number and `rule_id` the rule that took the call; neither is a reference, since both
    may go while the record stays. `decision` is what was decided last: `{"action", "config"}`, the rule's words.
    """

    __tablename__ = "inbound_calls"

    call_id: Mapped[str] = mapped_column(
        sa.String(ID_LENGTH), sa.ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True
    )
    number_id: Mapped[str] = mapped_column(sa.String(ID_LENGTH))
    caller_name: Mapped[str | None] = mapped_column(sa.String(NAME_LENGTH))
    contact_id: Mapped[str | None] = id_reference("contacts.id", nullable=True, ondelete="SET NULL")
    is_vip: Mapped[bool] = mapped_column(default=False)
    rule_id: Mapped[str | None] = mapped_column(sa.String(ID_LENGTH))
    decision: Mapped[dict[str, Any]]
    intent: Mapped[str | None] = mapped_column(sa.String(32))
    transferred_to: Mapped[str | None] = mapped_column(sa.String(NUMBER_LENGTH))
    reject_reason: Mapped[str | None] = mapped_column(sa.String(64))


class RoutingRule(TenantRow):
    """Which calls are treated how. The higher `priority` is asked first, of equals the older one.

    `conditions` and `action_config` are the wire's, checked before they are written.
    """

    __tablename__ = "routing_rules"

    id: Mapped[str] = id_column()
    name: Mapped[str] = mapped_column(sa.String(100))
    priority: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    conditions: Mapped[dict[str, Any]]
    action: Mapped[str] = mapped_column(sa.String(16))
    action_config: Mapped[dict[str, Any]]
    match_count: Mapped[int] = mapped_column(default=0)
    last_matched_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    __table_args__ = (sa.Index("ix_routing_rules_order", "organization_id", "priority", "created_at"),)


class ActionItem(TenantRow):
    """Something to do after a call. `position` counts from 0 within the call and never changes."""

    __tablename__ = "action_items"

    id: Mapped[str] = id_column()
    call_id: Mapped[str] = id_reference("calls.id", index=False)
    position: Mapped[int]
    description: Mapped[str] = mapped_column(sa.Text)
    status: Mapped[str] = mapped_column(sa.String(16))
    due_date: Mapped[dt.date | None]
    updated_at: Mapped[dt.datetime]

    __table_args__ = (sa.UniqueConstraint("call_id", "position"),)


class Voicemail(TenantRow):
    """A message that a caller left. `recording_sid` is the carrier's, `blob_key` where we keep the audio.

    `transcript` None: not transcribed, or not yet. Caller and name are the call's, kept for lists.
    """

    __tablename__ = "voicemails"

    id: Mapped[str] = id_column()
    call_id: Mapped[str] = mapped_column(
        sa.String(ID_LENGTH), sa.ForeignKey("calls.id", ondelete="CASCADE"), unique=True
    )
    recording_sid: Mapped[str] = mapped_column(sa.String(SID_LENGTH), unique=True)
    blob_key: Mapped[str | None] = mapped_column(sa.String(512))
    caller_number: Mapped[str | None] = mapped_column(sa.String(NUMBER_LENGTH))
    caller_name: Mapped[str | None] = mapped_column(sa.String(NAME_LENGTH))
    duration_ms: Mapped[int]
    transcript: Mapped[str | None] = mapped_column(sa.Text)
    summary: Mapped[str | None] = mapped_column(sa.Text)
    is_read: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime]

    __table_args__ = (sa.Index("ix_voicemails_newest", "organization_id", "created_at", "id"),)


class ReceptionSettings(TenantRow):
    """How an organization's receptionist answers; without a row it has sensible defaults (`composing.py`).

    JSON: `services` names, `knowledge` `[{"key", "text"}]`, `hours` `{"monday": {"open", "close"}}` in local time,
    `transfer_targets` E.164 by id. With hours callers can book in them; without, nothing is booked.
    """

    __tablename__ = "reception_settings"

    organization_id: Mapped[str] = mapped_column(
        sa.String(ID_LENGTH), sa.ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True
    )
    assistant_name: Mapped[str | None] = mapped_column(sa.String(NAME_LENGTH))
    business_name: Mapped[str | None] = mapped_column(sa.String(NAME_LENGTH))
    business_type: Mapped[str] = mapped_column(sa.String(NAME_LENGTH), default="")
    address: Mapped[str] = mapped_column(sa.Text, default="")
    greeting: Mapped[str | None] = mapped_column(sa.Text)
    voicemail_greeting: Mapped[str | None] = mapped_column(sa.Text)
    language: Mapped[str | None] = mapped_column(sa.String(5))
    voice: Mapped[str | None] = mapped_column(sa.String(64))
    prompt: Mapped[str | None] = mapped_column(sa.Text)
    services: Mapped[list[Any]] = mapped_column(default=list)
    knowledge: Mapped[list[Any]] = mapped_column(default=list)
    hours: Mapped[dict[str, Any]] = mapped_column(default=dict)
    transfer_targets: Mapped[dict[str, Any]] = mapped_column(default=dict)
    slot_minutes: Mapped[int] = mapped_column(default=30)
    record: Mapped[bool] = mapped_column(default=True)
    updated_at: Mapped[dt.datetime]
