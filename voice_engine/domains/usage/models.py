"""Billing accounts, their periods, the append-only ledger and the holds that are open on it."""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from voice_engine.store.rows import ID_LENGTH, TenantRow, id_column, id_reference

SOURCE_LENGTH = 200


class Product(StrEnum):
    """Which surface an account pays for."""

    EPOCH = "EPOCH"
    KALLY = "KALLY"


class SubscriptionState(StrEnum):
    """Where a subscription stands; the values are the wire's."""

    NONE = "none"
    TRIALING = "trialing"
    ACTIVE = "active"
    PAST_DUE = "past_due"
    CANCELED = "canceled"
    EXPIRED = "expired"


class EntryKind(StrEnum):
    """What a ledger line does. A hold ends in a capture, a release, or one of each."""

    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    REFUND = "refund"
    PLAN_GRANT = "plan_grant"
    REFERRAL_BONUS = "referral_bonus"
    ADJUSTMENT = "adjustment"


class Direction(StrEnum):
    """Whether a line takes from the allotment or adds to it."""

    DEBIT = "debit"
    CREDIT = "credit"


class HoldState(StrEnum):
    """Where a reservation stands."""

    HELD = "HELD"
    SETTLED = "SETTLED"
    RELEASED = "RELEASED"


class BillingAccount(TenantRow):
    """An organization's subscription to one product.

    `anchor_at` is the day periods are counted from. `overage_enabled`, `spending_limit_cents` and
    `credits_allocated` override the plan's where they are set. `effective_at`: when a cancellation takes effect.
    `deletion_at`: when the account's rows are erased after that.
    """

    __tablename__ = "billing_accounts"

    id: Mapped[str] = id_column()
    product: Mapped[str] = mapped_column(sa.String(8), default=Product.KALLY)
    plan: Mapped[str] = mapped_column(sa.String(16))
    status: Mapped[str] = mapped_column(sa.String(16), default=SubscriptionState.ACTIVE)
    provider: Mapped[str] = mapped_column(sa.String(16), default="local")
    annual: Mapped[bool] = mapped_column(default=False)
    customer_ref: Mapped[str | None] = mapped_column(sa.String(SOURCE_LENGTH))
    subscription_ref: Mapped[str | None] = mapped_column(sa.String(SOURCE_LENGTH), index=True)
    anchor_at: Mapped[dt.datetime]
    period_start: Mapped[dt.datetime]
    period_end: Mapped[dt.datetime]
    cancelled_at: Mapped[dt.datetime | None]
    effective_at: Mapped[dt.datetime | None]
    deletion_at: Mapped[dt.datetime | None]
    pending_plan: Mapped[str | None] = mapped_column(sa.String(16))
    pending_annual: Mapped[bool] = mapped_column(default=False)
    pending_at: Mapped[dt.datetime | None]
    overage_enabled: Mapped[bool | None]
    spending_limit_cents: Mapped[int | None]
    rate_cents_per_min: Mapped[int | None]
    credits_allocated: Mapped[Decimal | None]
    overrides: Mapped[dict[str, Any]] = mapped_column(default=dict)

    __table_args__ = (sa.UniqueConstraint("organization_id", "product"),)


class UsageCycle(TenantRow):
    """One period of an account. `bonus_in`: bonus credits that the periods before left over.

    `included` is the plan's grant of the period, in credits. Its other sums are read from the ledger.
    Of a business's account: `included_seconds` is the limit, and `waived_seconds` were talked within a limit that
    was lowered since, which makes no overage of them.
    """

    __tablename__ = "usage_cycles"

    id: Mapped[str] = id_column()
    billing_account_id: Mapped[str] = id_reference("billing_accounts.id", index=False)
    plan: Mapped[str] = mapped_column(sa.String(16))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    included: Mapped[Decimal]
    bonus_in: Mapped[Decimal]
    included_seconds: Mapped[int] = mapped_column(default=0, server_default="0")
    waived_seconds: Mapped[int] = mapped_column(default=0, server_default="0")
    closed_at: Mapped[dt.datetime | None]

    __table_args__ = (sa.UniqueConstraint("billing_account_id", "starts_at"),)


class CreditEntry(TenantRow):
    """A line of the ledger: written once, never changed. `credits` is a magnitude; `direction` says which way.

    `cycle_id` is the period it counts in: for a capture, release or refund, that of the hold. `sequence` orders an
    account's lines; `balance_after` is what remained of the running period's allotment after this line. `seconds`
    is a call's connected time.
    """

    __tablename__ = "credit_entries"

    id: Mapped[str] = id_column()
    billing_account_id: Mapped[str] = id_reference("billing_accounts.id", index=False)
    cycle_id: Mapped[str] = id_reference("usage_cycles.id", index=False)
    sequence: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(16))
    source_id: Mapped[str] = mapped_column(sa.String(SOURCE_LENGTH))
    action: Mapped[str | None] = mapped_column(sa.String(16))
    direction: Mapped[str] = mapped_column(sa.String(6))
    credits: Mapped[Decimal]
    seconds: Mapped[Decimal | None]
    description: Mapped[str] = mapped_column(sa.String(300))
    goal_id: Mapped[str | None] = mapped_column(sa.String(ID_LENGTH), index=True)
    resource_id: Mapped[str | None] = mapped_column(sa.String(ID_LENGTH))
    occurred_at: Mapped[dt.datetime]
    balance_after: Mapped[Decimal]

    __table_args__ = (
        sa.UniqueConstraint("kind", "source_id"),
        sa.UniqueConstraint("billing_account_id", "sequence"),
        sa.Index("ix_credit_entries_sums", "cycle_id", "kind", "direction", "credits"),
        sa.Index("ix_credit_entries_newest", "organization_id", "occurred_at"),
        sa.Index("ix_credit_entries_occurred", "occurred_at"),
        sa.CheckConstraint("credits >= 0", name="magnitude"),
    )


class HoldRow(TenantRow):
    """Credits held for one piece of work: the open end of a hold, so that it is ended once."""

    __tablename__ = "reservations"

    id: Mapped[str] = id_column()
    billing_account_id: Mapped[str] = id_reference("billing_accounts.id")
    cycle_id: Mapped[str] = id_reference("usage_cycles.id", index=False)
    source_id: Mapped[str] = mapped_column(sa.String(SOURCE_LENGTH), unique=True)
    action: Mapped[str] = mapped_column(sa.String(16))
    state: Mapped[str] = mapped_column(sa.String(8), default=HoldState.HELD)
    held: Mapped[Decimal]
    charged: Mapped[Decimal | None]
    description: Mapped[str] = mapped_column(sa.String(300))
    goal_id: Mapped[str | None] = mapped_column(sa.String(ID_LENGTH))
    resource_id: Mapped[str | None] = mapped_column(sa.String(ID_LENGTH), index=True)
    held_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]

    __table_args__ = (sa.Index("ix_reservations_open", "state", "held_at"),)


@event.listens_for(CreditEntry, "before_update")
@event.listens_for(CreditEntry, "before_delete")
def _append_only(_mapper: Mapper[CreditEntry], _connection: Connection, _entry: CreditEntry) -> None:
    raise AssertionError("a ledger line is never changed or taken out; write the line that corrects it")
