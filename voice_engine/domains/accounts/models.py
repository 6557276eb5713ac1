"""Organizations and users. A person who signs up owns one personal organization; everything else hangs on that."""

import datetime as dt
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.store.rows import ID_LENGTH, Row, TenantRow, id_column, id_reference


class OrganizationKind(StrEnum):
    """Whom an organization stands for."""

    PERSONAL = "PERSONAL"
    BUSINESS = "BUSINESS"


class OrganizationStatus(StrEnum):
    """Where an organization stands. `SUSPENDED` by the operator; `DELETED`: purged, its ledger is kept."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    PENDING_DELETION = "PENDING_DELETION"
    DELETED = "DELETED"


class Organization(Row):
    """A tenant. `timezone` is an IANA name, the last resort for calling hours and appointments.

    `retention_days` None keeps recordings and transcripts until they are deleted by hand. What a business says of
    itself is None until it says it. `business_hours` maps English weekday names in lower case to
    `{"open": "09:00", "close": "17:00"}` or `{"closed": true}`, as the business surface sends them.
    """

    __tablename__ = "organizations"

    id: Mapped[str] = id_column()
    kind: Mapped[str] = mapped_column(sa.String(16))
    name: Mapped[str] = mapped_column(sa.String(200))
    timezone: Mapped[str] = mapped_column(sa.String(64), default="UTC")
    country: Mapped[str] = mapped_column(sa.String(2), default="US")
    locale: Mapped[str] = mapped_column(sa.String(5), default="en")
    retention_days: Mapped[int | None]
    status: Mapped[str] = mapped_column(
        sa.String(20), default=OrganizationStatus.ACTIVE, server_default=OrganizationStatus.ACTIVE
    )
    business_type: Mapped[str | None] = mapped_column(sa.String(64))
    business_description: Mapped[str | None] = mapped_column(sa.Text)
    website_url: Mapped[str | None] = mapped_column(sa.String(500))
    business_address: Mapped[str | None] = mapped_column(sa.String(1000))
    business_hours: Mapped[dict[str, Any] | None]
    transfer_number: Mapped[str | None] = mapped_column(sa.String(20))
    primary_assistant_id: Mapped[str | None] = mapped_column(sa.String(ID_LENGTH))
    onboarding_data: Mapped[dict[str, Any] | None]
    onboarding_completed_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]


class User(Row):
    """A person. `email` is folded (lower case); `consented_at` None: no consent to calls on their behalf.

    `email_verified_at` None: nobody has shown that the address is theirs; anyone may have signed up with it.
    """

    __tablename__ = "users"

    id: Mapped[str] = id_column()
    organization_id: Mapped[str] = id_reference("organizations.id")
    email: Mapped[str] = mapped_column(sa.String(320), unique=True)
    email_verified_at: Mapped[dt.datetime | None]
    name: Mapped[str] = mapped_column(sa.String(200))
    phone: Mapped[str | None] = mapped_column(sa.String(20))
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[str] = mapped_column(sa.String(5), default="en")
    is_operator: Mapped[bool] = mapped_column(default=False)
    consented_at: Mapped[dt.datetime | None]
    disabled_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]


class Membership(TenantRow):
    """A user's part in an organization."""

    __tablename__ = "memberships"

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = mapped_column(sa.String(ID_LENGTH), sa.ForeignKey("users.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(sa.String(16), default="OWNER")

    __table_args__ = (sa.UniqueConstraint("user_id", "organization_id"),)
