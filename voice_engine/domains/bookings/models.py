"""What callers booked. The database itself refuses a time that is taken (docs/adr/0037-a-booking-is-a-row.md)."""

import datetime as dt
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.store.rows import TenantRow, id_column, id_reference

KEY_LENGTH = 160
REFERENCE_LENGTH = 64


class BookingState(StrEnum):
    """`BOOKED` takes its time; `CANCELLED` takes none and stays as a record."""

    BOOKED = "booked"
    CANCELLED = "cancelled"


_TAKES_TIME: dict[str, Any] = {
    "unique": True,
    "sqlite_where": sa.text("state = 'booked'"),
    "postgresql_where": sa.text("state = 'booked'"),
}


class Booking(TenantRow):
    """A time of a business that a caller booked, `[starts_at, ends_at)`: one booking at a time, however many come.

    `key` is the request's (`ports.calendar.BookingRequest`), `reference` what the caller was told. `call_id` is the
    call that booked it, None once its record is deleted. `service`, `name` and `phone` are the caller's words and
    go with what was said in that call; the time stays taken.
    """

    __tablename__ = "bookings"

    id: Mapped[str] = id_column()
    call_id: Mapped[str | None] = id_reference("calls.id", nullable=True, ondelete="SET NULL")
    key: Mapped[str] = mapped_column(sa.String(KEY_LENGTH))
    reference: Mapped[str] = mapped_column(sa.String(REFERENCE_LENGTH))
    state: Mapped[str] = mapped_column(sa.String(12))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    service: Mapped[str | None] = mapped_column(sa.Text)
    name: Mapped[str | None] = mapped_column(sa.Text)
    phone: Mapped[str | None] = mapped_column(sa.Text)
    booked_at: Mapped[dt.datetime]
    cancelled_at: Mapped[dt.datetime | None]

    __table_args__ = (
        sa.Index("ix_bookings_taken", "organization_id", "starts_at", **_TAKES_TIME),
        sa.Index("ix_bookings_reference", "organization_id", "reference", **_TAKES_TIME),
    )
