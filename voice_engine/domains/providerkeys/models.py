"""The table of organizations' own provider accounts."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.store.rows import ID_LENGTH, TenantRow, id_column

TAIL = 4
"""Characters of a key that are shown, so that a person tells keys apart."""


class ProviderKey(TenantRow):
    """One account, one a kind. `key_sealed` is encrypted (`store.secrets`); None: the endpoint asks for no key.

    `version` counts changes of what calls use. `tested_at` and what follows: the last test of this version;
    `test_code` None: it went well.
    """

    __tablename__ = "provider_keys"

    id: Mapped[str] = id_column()
    kind: Mapped[str] = mapped_column(sa.String(8))
    base_url: Mapped[str | None] = mapped_column(sa.String(500))
    model: Mapped[str] = mapped_column(sa.String(100))
    voice: Mapped[str | None] = mapped_column(sa.String(100))
    key_sealed: Mapped[str | None] = mapped_column(sa.Text)
    key_tail: Mapped[str | None] = mapped_column(sa.String(TAIL))
    is_enabled: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]
    updated_by: Mapped[str | None] = mapped_column(sa.String(ID_LENGTH))
    tested_at: Mapped[dt.datetime | None]
    test_code: Mapped[str | None] = mapped_column(sa.String(64))
    test_detail: Mapped[str | None] = mapped_column(sa.String(300))
    test_ms: Mapped[int | None]

    __table_args__ = (sa.UniqueConstraint("organization_id", "kind"),)
