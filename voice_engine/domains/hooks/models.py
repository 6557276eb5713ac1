"""Tables of outgoing webhooks: endpoints, what is owed to each, and every attempt."""

import datetime as dt
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.store.rows import ID_LENGTH, TenantRow, id_column, id_reference


class DeliveryState(StrEnum):
    """Where a message stands. `FAILED`: every attempt is used up, or the endpoint was switched off."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class HookEndpoint(TenantRow):
    """Where messages go. Secrets are encrypted (`store.secrets`); the previous one still signs until
    `previous_until`. `failing_since`: the first failure since something was taken. `disabled_reason`: `failing` or
    `gone`, when it was not a person who switched it off.
    """

    __tablename__ = "hook_endpoints"

    id: Mapped[str] = id_column()
    url: Mapped[str] = mapped_column(sa.String(500))
    description: Mapped[str] = mapped_column(sa.String(200), default="")
    events: Mapped[list[Any]]
    secret_sealed: Mapped[str] = mapped_column(sa.Text)
    previous_sealed: Mapped[str | None] = mapped_column(sa.Text)
    previous_until: Mapped[dt.datetime | None]
    is_enabled: Mapped[bool] = mapped_column(default=True)
    disabled_at: Mapped[dt.datetime | None]
    disabled_reason: Mapped[str | None] = mapped_column(sa.String(16))
    failing_since: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    created_by: Mapped[str | None] = mapped_column(sa.String(ID_LENGTH))


class HookDelivery(TenantRow):
    """One message owed to one endpoint. Its id is the message's id, the same in every attempt; so is `body`.

    `tries` counts the attempts of the schedule, `attempts` those by hand too. `next_at` None: none is due.
    """

    __tablename__ = "hook_deliveries"

    id: Mapped[str] = id_column()
    endpoint_id: Mapped[str] = id_reference("hook_endpoints.id", index=False)
    call_id: Mapped[str | None] = id_reference("calls.id", nullable=True)
    event: Mapped[str] = mapped_column(sa.String(32))
    body: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.String(12), default=DeliveryState.PENDING)
    tries: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    last_status: Mapped[int | None]
    last_code: Mapped[str | None] = mapped_column(sa.String(32))
    next_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(index=True)

    __table_args__ = (
        sa.Index("ix_hook_deliveries_newest", "endpoint_id", "created_at", "id"),
        sa.Index(
            "ix_hook_deliveries_pending",
            "next_at",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        ),
    )


class HookAttempt(TenantRow):
    """One request. `job_id`: the job that made it, so that a job that is run again writes it once."""

    __tablename__ = "hook_attempts"

    id: Mapped[str] = id_column()
    delivery_id: Mapped[str] = id_reference("hook_deliveries.id", index=False)
    number: Mapped[int]
    job_id: Mapped[str] = mapped_column(sa.String(ID_LENGTH), unique=True)
    is_manual: Mapped[bool] = mapped_column(default=False)
    url: Mapped[str] = mapped_column(sa.String(500))
    at: Mapped[dt.datetime]
    ms: Mapped[int]
    status: Mapped[int | None]
    code: Mapped[str | None] = mapped_column(sa.String(32))
    response: Mapped[str] = mapped_column(sa.Text)

    __table_args__ = (sa.UniqueConstraint("delivery_id", "number"),)
