"""People by number, and the outside accounts that they are read from."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.domains.safety.models import E164_LENGTH
from voice_engine.store.rows import TenantRow, id_column

MOST_NAME = 200
MOST_NOTES = 4_000
MOST_EMAIL = 320


class Contact(TenantRow):
    """A person, known by one number. `folded_name` is what lists are sorted and searched by, on either database.

    `source` is where it came from: manual, google, outlook, csv or vcard. `external_id` is the person's name there.
    """

    __tablename__ = "contacts"

    id: Mapped[str] = id_column()
    name: Mapped[str] = mapped_column(sa.String(MOST_NAME))
    folded_name: Mapped[str] = mapped_column(sa.String(2 * MOST_NAME))
    phone_number: Mapped[str] = mapped_column(sa.String(E164_LENGTH))
    is_vip: Mapped[bool] = mapped_column(default=False)
    notes: Mapped[str | None] = mapped_column(sa.Text)
    email: Mapped[str | None] = mapped_column(sa.String(MOST_EMAIL))
    source: Mapped[str] = mapped_column(sa.String(8), default="manual")
    external_id: Mapped[str | None] = mapped_column(sa.String(200))
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    __table_args__ = (
        sa.UniqueConstraint("organization_id", "phone_number"),
        sa.Index("ix_contacts_by_name", "organization_id", "folded_name", "id"),
    )


class ContactAccount(TenantRow):
    """An account of the organization at a provider of contacts. Tokens are sealed (`store.secrets`).

    `sync_token` is the provider's mark of what was read; None: the next import reads everything.
    """

    __tablename__ = "contact_accounts"

    id: Mapped[str] = id_column()
    provider: Mapped[str] = mapped_column(sa.String(8))
    refresh_token: Mapped[str] = mapped_column(sa.Text)
    sync_token: Mapped[str | None] = mapped_column(sa.Text)
    connected_at: Mapped[dt.datetime]
    synced_at: Mapped[dt.datetime | None]

    __table_args__ = (sa.UniqueConstraint("organization_id", "provider"),)
