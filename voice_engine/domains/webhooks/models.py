"""Messages of other engines that were taken in: the memory by which a repeated one is known."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.store.rows import Row, id_column, id_reference

KEY_LENGTH = 200
TYPE_LENGTH = 64


class WebhookEvent(Row):
    """One message. `external_id` is its key at the provider (`messages.Message.key`).

    `organization_id` None: it named an assistant that nobody here has. `payload` is its skeleton while no call is
    known to which it belongs, with which it would be erased; None: all of it is in the call's own rows.
    `ignored` is the wire's word, None: it had its effect.
    Rows are forgotten after `settings.KEPT`; by then nobody repeats.
    """

    __tablename__ = "webhook_events"

    id: Mapped[str] = id_column()
    provider: Mapped[str] = mapped_column(sa.String(16))
    external_id: Mapped[str] = mapped_column(sa.String(KEY_LENGTH))
    organization_id: Mapped[str | None] = id_reference("organizations.id", nullable=True)
    call_id: Mapped[str | None] = id_reference("calls.id", nullable=True)
    type: Mapped[str] = mapped_column(sa.String(TYPE_LENGTH))
    ignored: Mapped[str | None] = mapped_column(sa.String(20))
    payload: Mapped[dict[str, Any] | None]
    received_at: Mapped[dt.datetime] = mapped_column(index=True)

    __table_args__ = (sa.UniqueConstraint("provider", "external_id"),)
