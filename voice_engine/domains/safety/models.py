"""The lists that stand between a number and its dial. They are the installation's: no tenant owns a refusal."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.store.rows import ID_LENGTH, Row

E164_LENGTH = 16


class BlockedNumber(Row):
    """A number on the operator's fraud list."""

    __tablename__ = "blocked_numbers"

    e164: Mapped[str] = mapped_column(sa.String(E164_LENGTH), primary_key=True)
    reason: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[dt.datetime]


class Suppression(Row):
    """A number whose owner wants no calls. `source`: "list" (the operator's import) or "call" (said to us there).

    A wish said in one organization's call holds for all: it was this service that rang.
    """

    __tablename__ = "suppressions"

    e164: Mapped[str] = mapped_column(sa.String(E164_LENGTH), primary_key=True)
    source: Mapped[str] = mapped_column(sa.String(8))
    call_id: Mapped[str | None] = mapped_column(sa.String(ID_LENGTH))
    created_at: Mapped[dt.datetime]
