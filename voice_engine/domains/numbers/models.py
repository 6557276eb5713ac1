"""Numbers of an organization, phones it forwards to, purchases under way, proofs that a phone is somebody's."""

import datetime as dt
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.domains.safety.models import E164_LENGTH
from voice_engine.store.rows import ID_LENGTH, TenantRow, id_column, id_reference

SID_LENGTH = 64
"""The carrier's ids have 34 characters (PN and 32 hexadecimal digits)."""
LABEL_LENGTH = 60


class NumberType(StrEnum):
    """Where a number comes from; the values are the wire's. `VERIFIED` ones are phones of the owner's own."""

    PROVISIONED = "provisioned"
    VERIFIED = "verified"


class NumberStatus(StrEnum):
    """Where a number stands; the values are the wire's. `RELEASED` is final."""

    ACTIVE = "active"
    PENDING_VERIFICATION = "pending_verification"
    RELEASED = "released"


class PurchaseState(StrEnum):
    """Where a purchase stands. `OPEN`: the carrier may have been asked; the others do not change any more."""

    OPEN = "open"
    BOUGHT = "bought"
    FAILED = "failed"


class ProofState(StrEnum):
    """Where a verification stands. `PENDING`: a code is on its way; the others do not change any more."""

    PENDING = "pending"
    APPROVED = "approved"
    LOCKED = "locked"
    GONE = "gone"


def _live_number(*columns: str) -> sa.TextClause:
    """A condition both databases know, for an index over numbers that are somebody's now."""
    return sa.text(" AND ".join(("status <> 'released'", *columns)))


class PhoneNumber(TenantRow):
    """A number of an organization: bought at the carrier (`PROVISIONED`) or its own phone (`VERIFIED`).

    `kind` is "local", "mobile" or "toll_free", None where that is unknown. `capabilities` has booleans voice, sms
    and mms. `forwarding_number` None: the engine answers. `caller_id_name` is shown by its calls where the network
    carries names. `assistant_id` answers on it (None: the organization's usual one). `monthly_cents` is US cents.
    A bought number is one organization's at a time; several may have proven that a phone of their own is theirs.
    """

    __tablename__ = "phone_numbers"

    id: Mapped[str] = id_column()
    user_id: Mapped[str | None] = id_reference("users.id", nullable=True, ondelete="SET NULL")
    e164: Mapped[str] = mapped_column(sa.String(E164_LENGTH), index=True)
    type: Mapped[str] = mapped_column(sa.String(16))
    status: Mapped[str] = mapped_column(sa.String(24))
    provider: Mapped[str] = mapped_column(sa.String(8))
    provider_sid: Mapped[str | None] = mapped_column(sa.String(SID_LENGTH))
    country: Mapped[str] = mapped_column(sa.String(2))
    area_code: Mapped[str | None] = mapped_column(sa.String(8))
    kind: Mapped[str | None] = mapped_column(sa.String(16))
    label: Mapped[str | None] = mapped_column(sa.String(LABEL_LENGTH))
    capabilities: Mapped[dict[str, Any]]
    assistant_id: Mapped[str | None] = mapped_column(sa.String(ID_LENGTH), index=True)
    caller_id_name: Mapped[str | None] = mapped_column(sa.String(15))
    forwarding_number: Mapped[str | None] = mapped_column(sa.String(E164_LENGTH))
    is_default_outbound: Mapped[bool] = mapped_column(default=False)
    monthly_cents: Mapped[int | None]
    verified_at: Mapped[dt.datetime | None]
    released_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]

    __table_args__ = (
        sa.Index(
            "uq_phone_numbers_bought",
            "e164",
            unique=True,
            sqlite_where=_live_number("type = 'provisioned'"),
            postgresql_where=_live_number("type = 'provisioned'"),
        ),
        sa.Index(
            "uq_phone_numbers_own",
            "organization_id",
            "e164",
            unique=True,
            sqlite_where=_live_number(),
            postgresql_where=_live_number(),
        ),
    )

    @property
    def is_own(self) -> bool:
        """Whether it is a phone of the owner's own, not bought at the carrier."""
        return self.type == NumberType.VERIFIED

    @property
    def is_verified(self) -> bool:
        """Whether it is shown to be the organization's; bought numbers are so from the start."""
        return self.verified_at is not None


class ForwardingTarget(TenantRow):
    """A phone that calls may be handed to. At most one of an organization is the default.

    Whether it is verified is told by the organization's `PhoneNumber` of the same number.
    """

    __tablename__ = "forwarding_targets"

    id: Mapped[str] = id_column()
    e164: Mapped[str] = mapped_column(sa.String(E164_LENGTH))
    label: Mapped[str | None] = mapped_column(sa.String(LABEL_LENGTH))
    is_default: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime]

    __table_args__ = (sa.UniqueConstraint("organization_id", "e164"),)


class NumberPurchase(TenantRow):
    """One attempt to buy, written before the carrier is asked, so that a lost answer can be looked for.

    `e164` None: no number was picked yet. While it is open, nobody else can pick the same number. `country` and
    `area_code` are what was asked for. `number_id` is what came of it.
    """

    __tablename__ = "number_purchases"

    id: Mapped[str] = id_column()
    user_id: Mapped[str | None] = id_reference("users.id", nullable=True, ondelete="SET NULL")
    state: Mapped[str] = mapped_column(sa.String(8))
    country: Mapped[str] = mapped_column(sa.String(2))
    area_code: Mapped[str | None] = mapped_column(sa.String(8))
    e164: Mapped[str | None] = mapped_column(sa.String(E164_LENGTH))
    found: Mapped[dict[str, Any] | None]
    number_id: Mapped[str | None] = mapped_column(sa.String(ID_LENGTH))
    error: Mapped[str | None] = mapped_column(sa.String(64))
    created_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]

    __table_args__ = (
        sa.Index(
            "uq_number_purchases_open",
            "e164",
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
    )


class NumberProof(TenantRow):
    """A code that was sent or spoken to a number. The code itself is the carrier's; we count the tries.

    `provider_sid` is the carrier's verification; asked for again while that runs, it is the same one.
    """

    __tablename__ = "number_proofs"

    id: Mapped[str] = id_column()
    user_id: Mapped[str | None] = id_reference("users.id", nullable=True, ondelete="SET NULL")
    e164: Mapped[str] = mapped_column(sa.String(E164_LENGTH))
    channel: Mapped[str] = mapped_column(sa.String(4))
    provider_sid: Mapped[str] = mapped_column(sa.String(SID_LENGTH))
    state: Mapped[str] = mapped_column(sa.String(8))
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]

    __table_args__ = (sa.Index("ix_number_proofs_newest", "organization_id", "e164", "created_at"),)


class CodeSend(TenantRow):
    """One code that the carrier was asked to send, for the caps: each costs money and may be a nuisance."""

    __tablename__ = "code_sends"

    id: Mapped[str] = id_column()
    e164: Mapped[str] = mapped_column(sa.String(E164_LENGTH))
    channel: Mapped[str] = mapped_column(sa.String(4))
    sent_at: Mapped[dt.datetime]

    __table_args__ = (
        sa.Index("ix_code_sends_destination", "e164", "sent_at"),
        sa.Index("ix_code_sends_organization", "organization_id", "sent_at"),
    )
