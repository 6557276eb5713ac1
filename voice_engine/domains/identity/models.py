"""Tables of identity. Secrets are hashed; what must be read again is sealed (`store.secrets`)."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.store.rows import Row, TenantRow, id_column, id_reference

HASH_LENGTH = 64
"""SHA-256 in hexadecimal."""
SCOPE_LENGTH = 500
CLIENT_LENGTH = 100


class SigningKeyRow(Row):
    """One RS256 key. `private_sealed` is its JWK; it signs until `retired_at`, and verifies a while longer."""

    __tablename__ = "signing_keys"

    kid: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    private_sealed: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[dt.datetime] = mapped_column(index=True)
    retired_at: Mapped[dt.datetime | None]


class IdentityRow(Row):
    """A user as another issuer knows them. (issuer, subject) never changes hands; an e-mail address may."""

    __tablename__ = "identities"

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = id_reference("users.id")
    issuer: Mapped[str] = mapped_column(sa.String(200))
    subject: Mapped[str] = mapped_column(sa.String(255))
    created_at: Mapped[dt.datetime]

    __table_args__ = (sa.UniqueConstraint("issuer", "subject"),)


class TokenFamilyRow(TenantRow):
    """One sign-in of one client: every access and refresh token that came of it lives and dies with it."""

    __tablename__ = "token_families"

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = id_reference("users.id")
    client_id: Mapped[str] = mapped_column(sa.String(CLIENT_LENGTH))
    scope: Mapped[str] = mapped_column(sa.String(SCOPE_LENGTH))
    created_at: Mapped[dt.datetime]
    revoked_at: Mapped[dt.datetime | None]
    revoked_for: Mapped[str | None] = mapped_column(sa.String(64))


class RefreshTokenRow(Row):
    """A refresh token. Once used, `successor_sealed` holds what was given for it, sealed under its own hash."""

    __tablename__ = "refresh_tokens"

    token_hash: Mapped[str] = mapped_column(sa.String(HASH_LENGTH), primary_key=True)
    family_id: Mapped[str] = id_reference("token_families.id")
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    used_at: Mapped[dt.datetime | None]
    successor_hash: Mapped[str | None] = mapped_column(sa.String(HASH_LENGTH))
    successor_sealed: Mapped[str | None] = mapped_column(sa.Text)


class AuthorizationCodeRow(TenantRow):
    """A single-use code bound to client, redirect URI, scope and challenge; `family_id` is what it gave."""

    __tablename__ = "authorization_codes"

    code_hash: Mapped[str] = mapped_column(sa.String(HASH_LENGTH), primary_key=True)
    user_id: Mapped[str] = id_reference("users.id")
    client_id: Mapped[str] = mapped_column(sa.String(CLIENT_LENGTH))
    redirect_uri: Mapped[str] = mapped_column(sa.Text)
    scope: Mapped[str] = mapped_column(sa.String(SCOPE_LENGTH))
    challenge: Mapped[str | None] = mapped_column(sa.String(43))
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    used_at: Mapped[dt.datetime | None]
    family_id: Mapped[str | None] = id_reference("token_families.id", nullable=True)


class RevocationRow(Row):
    """An access token's id or a family's, refused until `expires_at`, when no such token is valid any more."""

    __tablename__ = "revocations"

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)


class ClientConsentRow(TenantRow):
    """What a user let a client do; asked again only for more."""

    __tablename__ = "client_consents"

    id: Mapped[str] = id_column()
    user_id: Mapped[str] = id_reference("users.id")
    client_id: Mapped[str] = mapped_column(sa.String(CLIENT_LENGTH))
    scope: Mapped[str] = mapped_column(sa.String(SCOPE_LENGTH))
    granted_at: Mapped[dt.datetime]

    __table_args__ = (sa.UniqueConstraint("user_id", "client_id"),)


class WebSessionRow(TenantRow):
    """A browser that is signed in. `rolls`: each use moves its end on; else it ends by time and by idleness."""

    __tablename__ = "web_sessions"

    id: Mapped[str] = id_column()
    token_hash: Mapped[str] = mapped_column(sa.String(HASH_LENGTH), unique=True)
    user_id: Mapped[str] = id_reference("users.id")
    created_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    revoked_at: Mapped[dt.datetime | None]
    rolls: Mapped[bool] = mapped_column(default=False, server_default=sa.false())


class ApiTokenRow(TenantRow):
    """A server's token. `prefix` is its visible beginning, by which a person tells tokens apart."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = id_column()
    token_hash: Mapped[str] = mapped_column(sa.String(HASH_LENGTH), unique=True)
    prefix: Mapped[str] = mapped_column(sa.String(16))
    label: Mapped[str] = mapped_column(sa.String(100))
    user_id: Mapped[str] = id_reference("users.id")
    scope: Mapped[str] = mapped_column(sa.String(SCOPE_LENGTH))
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime | None]
    last_used_at: Mapped[dt.datetime | None]
    revoked_at: Mapped[dt.datetime | None]


class OneTimeTokenRow(Row):
    """A link that works once. `user_id` None: it makes the first account."""

    __tablename__ = "one_time_tokens"

    token_hash: Mapped[str] = mapped_column(sa.String(HASH_LENGTH), primary_key=True)
    purpose: Mapped[str] = mapped_column(sa.String(16))
    user_id: Mapped[str | None] = id_reference("users.id", nullable=True)
    expires_at: Mapped[dt.datetime]
    consumed_at: Mapped[dt.datetime | None]


class RateHitRow(Row):
    """One counted attempt. `bucket` is a hash: no address or account stands here in clear."""

    __tablename__ = "rate_hits"

    id: Mapped[str] = id_column()
    bucket: Mapped[str] = mapped_column(sa.String(HASH_LENGTH))
    at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)

    __table_args__ = (sa.Index("ix_rate_hits_bucket_at", "bucket", "at"),)
