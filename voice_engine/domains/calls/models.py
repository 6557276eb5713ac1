"""Calls and all that hangs on one: dials, events, transcript, tools, orders to whoever holds it live."""

import datetime as dt
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.domains.calls.states import Channel
from voice_engine.store.rows import ID_LENGTH, Row, TenantRow, id_column, id_reference

SID_LENGTH = 64
"""The carrier's ids have 34 characters (CA and 32 hexadecimal digits)."""
EXTERNAL_LENGTH = 64
LISTED = ("organization_id", "created_at", "id", "direction", "status", "channel", "category", "task_outcome")
"""What lists are sorted and filtered by: in the index, so that no row, which is wide, is read for it."""
NUMBER_LENGTH = 64
"""E.164 has 16 characters; inbound callers may be a SIP address or a word for a withheld number."""


def _category(context: Any) -> str | None:  # SQLAlchemy's, of the row that is written
    """What a new call is about, from its submission; lists filter by it."""
    task = context.get_current_parameters().get("task") or {}
    return task.get("task_category")


class Call(TenantRow):
    """One call of either product and direction.

    What was asked: `task` is the submission as it is echoed (outbound), `category` its kind, `spec` a snapshot of
    what the engine got. `timezone` (IANA) is the zone of its dates, `zone_given` if the request named it.
    `scheduled_for` is when it may be dialled first, `queued_at` when it became due, `started_at` its dial,
    `answered_at` None while nobody picked up. `owner` is the media process that holds the call, seen last at
    `owner_seen_at`. `duration_ms` is connected time. `external_id`: another engine holds the call and knows it by
    this id; we only keep its record. `provider_sid` is the carrier's id of its leg; where the `channel` is a
    browser there is none, and nobody is dialled, looked for or hung up.
    `emptied_at`: what was said in it was deleted then, by retention or for the caller; nothing of it comes back.
    What it came to: `agreed`, `ics`, `highlights`, `next_steps`, `outcome` (the engine's report without its turns).
    """

    __tablename__ = "calls"

    id: Mapped[str] = id_column()
    user_id: Mapped[str | None] = id_reference("users.id", nullable=True, ondelete="SET NULL")
    assistant_id: Mapped[str | None] = mapped_column(sa.String(ID_LENGTH), index=True)
    product: Mapped[str] = mapped_column(sa.String(8))
    direction: Mapped[str] = mapped_column(sa.String(8))
    channel: Mapped[str] = mapped_column(sa.String(8), default=Channel.PSTN)
    external_id: Mapped[str | None] = mapped_column(sa.String(EXTERNAL_LENGTH), unique=True)
    provider_sid: Mapped[str | None] = mapped_column(sa.String(SID_LENGTH), unique=True)
    from_number: Mapped[str | None] = mapped_column(sa.String(NUMBER_LENGTH))
    to_number: Mapped[str | None] = mapped_column(sa.String(NUMBER_LENGTH))

    status: Mapped[str] = mapped_column(sa.String(16))
    ended_reason: Mapped[str | None] = mapped_column(sa.String(24))
    task_outcome: Mapped[str | None] = mapped_column(sa.String(16))
    created_at: Mapped[dt.datetime]
    scheduled_for: Mapped[dt.datetime | None]
    queued_at: Mapped[dt.datetime | None]
    started_at: Mapped[dt.datetime | None]
    answered_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    duration_ms: Mapped[int | None]
    attempts: Mapped[int] = mapped_column(default=0)
    is_urgent: Mapped[bool] = mapped_column(default=False)
    stop_requested_at: Mapped[dt.datetime | None]
    carrier_ended_at: Mapped[dt.datetime | None]
    carrier_seconds: Mapped[int | None]
    answered_by: Mapped[str | None] = mapped_column(sa.String(32))
    handled_by: Mapped[str | None] = mapped_column(sa.String(16))
    owner: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    owner_seen_at: Mapped[dt.datetime | None]

    timezone: Mapped[str] = mapped_column(sa.String(64))
    zone_given: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(sa.String(5))
    app_language: Mapped[str] = mapped_column(sa.String(5))
    session_id: Mapped[str | None] = mapped_column(sa.String(128))
    goal_id: Mapped[str | None] = mapped_column(sa.String(ID_LENGTH), index=True)
    task: Mapped[dict[str, Any] | None]
    category: Mapped[str | None] = mapped_column(sa.String(16), default=_category)
    spec: Mapped[dict[str, Any] | None]
    record: Mapped[bool] = mapped_column(default=True)
    max_seconds: Mapped[int]
    credits_used: Mapped[Decimal] = mapped_column(default=Decimal("0.00"))

    outcome: Mapped[dict[str, Any] | None]
    summary: Mapped[str | None] = mapped_column(sa.Text)
    highlights: Mapped[list[Any]] = mapped_column(default=list)
    next_steps: Mapped[list[Any]] = mapped_column(default=list)
    agreed: Mapped[dict[str, Any] | None]
    ics: Mapped[str | None] = mapped_column(sa.Text)
    recording_key: Mapped[str | None] = mapped_column(sa.String(512))
    recording_ms: Mapped[int | None]
    emptied_at: Mapped[dt.datetime | None]

    __table_args__ = (
        sa.Index("ix_calls_newest", "organization_id", "direction", "created_at", "id"),
        sa.Index("ix_calls_queue", "status", "is_urgent", "queued_at"),
        sa.Index("ix_calls_state", "organization_id", "status", "created_at", "id"),
        sa.Index("ix_calls_ended", "ended_at"),
        sa.Index("ix_calls_listed", *LISTED),
        sa.Index(
            "ix_calls_recorded",
            *LISTED,
            sqlite_where=sa.text("recording_key IS NOT NULL"),
            postgresql_where=sa.text("recording_key IS NOT NULL"),
        ),
        sa.Index(
            "ix_calls_unkept",
            "ended_at",
            sqlite_where=sa.text("recording_ms IS NOT NULL AND recording_key IS NULL"),
            postgresql_where=sa.text("recording_ms IS NOT NULL AND recording_key IS NULL"),
        ),
    )

    @property
    def engine_id(self) -> str:
        """The call's id in the engine that holds it: ours is the row's."""
        return self.external_id or self.id

    @property
    def is_external(self) -> bool:
        """Whether another engine holds the call: nothing of ours dials it, rings it or hangs it up."""
        return self.external_id is not None

    @property
    def number_of_other(self) -> str | None:
        """The other party's number."""
        return self.to_number if self.direction == "outbound" else self.from_number


class CallAttempt(TenantRow):
    """One dial, written before the carrier is asked, so that a lost answer can be looked for.

    `job_id` is the job that dialled: run again after a crash, it finds its own attempt. `sequence` is the highest
    SequenceNumber among the carrier's callbacks. `guessed`: `provider_sid` was found by numbers and time alone.
    """

    __tablename__ = "call_attempts"

    id: Mapped[str] = id_column()
    call_id: Mapped[str] = id_reference("calls.id")
    number: Mapped[int]
    job_id: Mapped[str] = mapped_column(sa.String(ID_LENGTH), unique=True)
    state: Mapped[str] = mapped_column(sa.String(16), index=True)
    to_number: Mapped[str] = mapped_column(sa.String(NUMBER_LENGTH))
    from_number: Mapped[str] = mapped_column(sa.String(NUMBER_LENGTH))
    provider_sid: Mapped[str | None] = mapped_column(sa.String(SID_LENGTH), unique=True)
    created_at: Mapped[dt.datetime]
    placed_at: Mapped[dt.datetime | None]
    answered_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    carrier_status: Mapped[str | None] = mapped_column(sa.String(16))
    answered_by: Mapped[str | None] = mapped_column(sa.String(32))
    guessed: Mapped[bool] = mapped_column(default=False)
    sequence: Mapped[int] = mapped_column(default=-1)
    error: Mapped[str | None] = mapped_column(sa.String(64))

    __table_args__ = (
        sa.UniqueConstraint("call_id", "number"),
        sa.Index("ix_call_attempts_pair", "to_number", "from_number"),
        sa.Index("ix_call_attempts_created", "created_at"),
    )


class EventSequence(Row):
    """The number of an organization's last event. Its lock makes events visible in the order of their numbers."""

    __tablename__ = "event_sequences"

    organization_id: Mapped[str] = mapped_column(
        sa.String(ID_LENGTH), sa.ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True
    )
    last: Mapped[int] = mapped_column(sa.BigInteger)


class CallEvent(TenantRow):
    """Something that happened in a call, at turn level. `sequence` counts over the organization, without gaps.

    `type` is a dotted word: `call.queued`, `call.ringing`, `call.answered`, `call.ended`, and the engine's
    (`ports.call.EngineEvent`).
    """

    __tablename__ = "call_events"

    id: Mapped[str] = id_column()
    call_id: Mapped[str] = id_reference("calls.id")
    sequence: Mapped[int] = mapped_column(sa.BigInteger)
    type: Mapped[str] = mapped_column(sa.String(32))
    payload: Mapped[dict[str, Any]]
    at: Mapped[dt.datetime]

    __table_args__ = (sa.UniqueConstraint("organization_id", "sequence"),)


class TranscriptEntry(TenantRow):
    """One line of a transcript. `heard_text` is what of an engine line was really heard. Times from answer.

    `latency`: where the time before an answer went, as `timeline.LATENCY_PARTS` has it.
    `agent`: a human of ours said it, who had taken the call over or to whom it was transferred; `speaker` is HUMAN.
    """

    __tablename__ = "transcript_entries"

    id: Mapped[str] = id_column()
    call_id: Mapped[str] = id_reference("calls.id", index=False)
    position: Mapped[int]
    speaker: Mapped[str] = mapped_column(sa.String(8))
    text: Mapped[str] = mapped_column(sa.Text)
    heard_text: Mapped[str | None] = mapped_column(sa.Text)
    interrupted: Mapped[bool] = mapped_column(default=False)
    agent: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    latency: Mapped[list[Any] | None]

    __table_args__ = (sa.UniqueConstraint("call_id", "position"),)


class CallTimeline(TenantRow):
    """When each side spoke in a call, and what was decided about whose turn it was (`timeline.Timeline`)."""

    __tablename__ = "call_timelines"

    id: Mapped[str] = id_column()
    call_id: Mapped[str] = mapped_column(sa.ForeignKey("calls.id", ondelete="CASCADE"), unique=True)
    body: Mapped[dict[str, Any]]


class ToolInvocation(TenantRow):
    """One use of a tool in a call; exactly one of `result` and `error` is set."""

    __tablename__ = "tool_invocations"

    id: Mapped[str] = id_column()
    call_id: Mapped[str] = id_reference("calls.id")
    tool_call_id: Mapped[str] = mapped_column(sa.String(64))
    name: Mapped[str] = mapped_column(sa.String(64))
    arguments: Mapped[dict[str, Any] | None]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None] = mapped_column(sa.String(200))
    at_ms: Mapped[int]

    __table_args__ = (sa.UniqueConstraint("call_id", "tool_call_id"),)


class CallCommand(TenantRow):
    """An order to whoever holds the call live. `owner` took it and has until `lease_until` to say how it went."""

    __tablename__ = "call_commands"

    id: Mapped[str] = id_column()
    call_id: Mapped[str] = id_reference("calls.id")
    kind: Mapped[str] = mapped_column(sa.String(16))
    arguments: Mapped[dict[str, Any]]
    requested_by: Mapped[str | None] = mapped_column(sa.String(ID_LENGTH))
    requested_at: Mapped[dt.datetime]
    owner: Mapped[str | None] = mapped_column(sa.String(64))
    lease_until: Mapped[dt.datetime | None]
    acknowledged_at: Mapped[dt.datetime | None]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None] = mapped_column(sa.String(64))

    __table_args__ = (sa.Index("ix_call_commands_open", "call_id", "acknowledged_at"),)


class MediaProcess(Row):
    """A process that holds calls, as it last said of itself at `seen_at`: a restart is another row.

    `places`: how many calls it can hold in all, those that it holds included. `draining`: it takes no further one.
    """

    __tablename__ = "media_processes"

    owner: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    worker: Mapped[str] = mapped_column(sa.String(64))
    places: Mapped[int]
    draining: Mapped[bool]
    started_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
