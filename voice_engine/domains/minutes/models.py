"""What a business talked: the ledger of seconds, what live calls hold of the limit, what overage was put on bills.

Accounts and cycles are the tables of `domains/usage` (product EPOCH); a cycle's `included_seconds` is its limit.
"""

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from voice_engine.domains.usage.models import SOURCE_LENGTH, HoldState
from voice_engine.store.rows import TenantRow, id_column, id_reference


class UsageKind(StrEnum):
    """What was used."""

    CALL = "CALL"


class RecordStatus(StrEnum):
    """Where a week's overage stands; the values are the wire's."""

    PENDING = "PENDING"
    PAID = "PAID"
    FAILED = "FAILED"
    UNCOLLECTIBLE = "UNCOLLECTIBLE"


class UsageEvent(TenantRow):
    """A line of the ledger: written once, never changed. `seconds` ran from answer to end.

    `billable_seconds` count against the limit and beyond it; the rest was talked past the limit while overage was
    off, and is nobody's debt. The line is in the cycle that `occurred_at`, the call's start, falls in.
    """

    __tablename__ = "usage_events"

    id: Mapped[str] = id_column()
    billing_account_id: Mapped[str] = id_reference("billing_accounts.id", index=False)
    cycle_id: Mapped[str] = id_reference("usage_cycles.id")
    kind: Mapped[str] = mapped_column(sa.String(16))
    source_id: Mapped[str] = mapped_column(sa.String(SOURCE_LENGTH))
    seconds: Mapped[int]
    billable_seconds: Mapped[int]
    occurred_at: Mapped[dt.datetime]

    __table_args__ = (
        sa.UniqueConstraint("kind", "source_id"),
        sa.Index("ix_usage_events_days", "organization_id", "occurred_at"),
        sa.CheckConstraint("0 <= billable_seconds AND billable_seconds <= seconds", name="billable"),
    )


class MinuteHold(TenantRow):
    """Seconds of the limit kept for one call, from before it is dialled or answered until it has been measured.

    `with_overage`: overage was on when it began, so that its seconds past the limit may be billed.
    """

    __tablename__ = "minute_holds"

    id: Mapped[str] = id_column()
    billing_account_id: Mapped[str] = id_reference("billing_accounts.id", index=False)
    cycle_id: Mapped[str] = id_reference("usage_cycles.id", index=False)
    source_id: Mapped[str] = mapped_column(sa.String(SOURCE_LENGTH), unique=True)
    state: Mapped[str] = mapped_column(sa.String(8), default=HoldState.HELD)
    seconds: Mapped[int]
    with_overage: Mapped[bool]
    held_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]

    __table_args__ = (sa.Index("ix_minute_holds_open", "cycle_id", "state"),)


class OverageRecord(TenantRow):
    """A week's overage on one bill. `week_end` is the Monday of the run, `week_start` six days before."""

    __tablename__ = "overage_records"

    id: Mapped[str] = id_column()
    billing_account_id: Mapped[str] = id_reference("billing_accounts.id", index=False)
    week_start: Mapped[dt.date]
    week_end: Mapped[dt.date]
    seconds: Mapped[int]
    amount_cents: Mapped[int]
    status: Mapped[str] = mapped_column(sa.String(16), default=RecordStatus.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_retry_at: Mapped[dt.datetime | None]
    invoice_ref: Mapped[str | None] = mapped_column(sa.String(SOURCE_LENGTH))
    created_at: Mapped[dt.datetime]

    __table_args__ = (
        sa.UniqueConstraint("billing_account_id", "week_start"),
        sa.CheckConstraint("seconds > 0", name="something"),
    )


class OverageLine(TenantRow):
    """The part of a bill that one cycle's overage makes."""

    __tablename__ = "overage_lines"

    id: Mapped[str] = id_column()
    record_id: Mapped[str] = id_reference("overage_records.id", index=False)
    cycle_id: Mapped[str] = id_reference("usage_cycles.id")
    seconds: Mapped[int]

    __table_args__ = (sa.UniqueConstraint("record_id", "cycle_id"),)


@event.listens_for(UsageEvent, "before_update")
@event.listens_for(UsageEvent, "before_delete")
def _append_only(_mapper: Mapper[UsageEvent], _connection: Connection, _event: UsageEvent) -> None:
    raise AssertionError("a line of what was talked is never changed or taken out")
