"""The outgoing mail."""

import datetime as dt
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.store.rows import ID_LENGTH, Row, id_column

SUBJECT_LENGTH = 200


class MailState(StrEnum):
    """Where a letter is. `KEPT`: it stays here, to be read here; no relay is configured."""

    QUEUED = "QUEUED"
    SENT = "SENT"
    KEPT = "KEPT"
    FAILED = "FAILED"


class MailRow(Row):
    """One letter. `text_sealed` is encrypted (`store.secrets`): letters hold links that sign people in.

    `organization_id` is whose letter it is, for when the organization is erased.
    """

    __tablename__ = "mails"

    id: Mapped[str] = id_column()
    organization_id: Mapped[str] = mapped_column(
        sa.String(ID_LENGTH), sa.ForeignKey("organizations.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(sa.String(32))
    to_address: Mapped[str] = mapped_column(sa.String(320))
    subject: Mapped[str] = mapped_column(sa.String(SUBJECT_LENGTH))
    text_sealed: Mapped[str] = mapped_column(sa.Text)
    state: Mapped[str] = mapped_column(sa.String(8), default=MailState.QUEUED)
    fault: Mapped[str | None] = mapped_column(sa.String(SUBJECT_LENGTH))
    created_at: Mapped[dt.datetime] = mapped_column(index=True)
    sent_at: Mapped[dt.datetime | None]
