"""All SQL of the identity tables except rate limits'. Every change that can race is a compare-and-set."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from voice_engine.domains.identity.models import (
    ApiTokenRow,
    AuthorizationCodeRow,
    ClientConsentRow,
    IdentityRow,
    OneTimeTokenRow,
    RateHitRow,
    RefreshTokenRow,
    RevocationRow,
    SigningKeyRow,
    TokenFamilyRow,
    WebSessionRow,
)
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows, insert_once

# --- signing keys ------------------------------------------------------------------------------------------------


async def list_signing_keys(work: UnitOfWork, *, retired_after: dt.datetime) -> Sequence[SigningKeyRow]:
    """Keys that sign or still verify, newest first."""
    found = await work.session.scalars(
        sa.select(SigningKeyRow)
        .where(sa.or_(SigningKeyRow.retired_at.is_(None), SigningKeyRow.retired_at > retired_after))
        .order_by(SigningKeyRow.created_at.desc(), SigningKeyRow.kid)
    )
    return found.all()


async def retire_signing_keys(work: UnitOfWork, *, now: dt.datetime) -> None:
    """Let every key that signs sign no more."""
    await changed_rows(
        work, sa.update(SigningKeyRow).where(SigningKeyRow.retired_at.is_(None)).values(retired_at=now)
    )


# --- families and refresh tokens ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRefresh:
    """A refresh token with its family, as one query finds them."""

    token: RefreshTokenRow
    family: TokenFamilyRow


async def find_refresh(work: UnitOfWork, token_hash: str) -> KnownRefresh | None:
    """The token of this hash; its row and its family's are locked where the database locks rows."""
    found = await work.session.execute(
        sa.select(RefreshTokenRow, TokenFamilyRow)
        .join(TokenFamilyRow, RefreshTokenRow.family_id == TokenFamilyRow.id)
        .where(RefreshTokenRow.token_hash == token_hash)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = found.one_or_none()
    return None if row is None else KnownRefresh(token=row[0], family=row[1])


async def is_refresh_unused(work: UnitOfWork, token_hash: str) -> bool:
    """Whether the token of this hash waits for its use."""
    return bool(
        await work.session.scalar(
            sa.select(RefreshTokenRow.used_at.is_(None)).where(RefreshTokenRow.token_hash == token_hash)
        )
    )


async def revoke_family(work: UnitOfWork, family_id: str, *, reason: str, now: dt.datetime) -> bool:
    """End a family; whether it was alive."""
    ended = await changed_rows(
        work,
        sa.update(TokenFamilyRow)
        .where(TokenFamilyRow.id == family_id, TokenFamilyRow.revoked_at.is_(None))
        .values(revoked_at=now, revoked_for=reason),
    )
    return ended > 0


async def live_families(work: UnitOfWork, user_id: str, *, client_id: str | None = None) -> Sequence[str]:
    """Ids of the user's families that are not revoked; of one client, or of all."""
    query = sa.select(TokenFamilyRow.id).where(
        TokenFamilyRow.user_id == user_id, TokenFamilyRow.revoked_at.is_(None)
    )
    if client_id is not None:
        query = query.where(TokenFamilyRow.client_id == client_id)
    return (await work.session.scalars(query)).all()


# --- authorization codes -----------------------------------------------------------------------------------------


async def find_code(work: UnitOfWork, code_hash: str) -> AuthorizationCodeRow | None:
    """The code of this hash, locked."""
    found: AuthorizationCodeRow | None = await work.session.scalar(
        sa.select(AuthorizationCodeRow).where(AuthorizationCodeRow.code_hash == code_hash).with_for_update()
    )
    return found


async def use_code(work: UnitOfWork, code_hash: str, *, family_id: str | None, now: dt.datetime) -> bool:
    """Spend the code; False when it was spent already."""
    spent = await changed_rows(
        work,
        sa.update(AuthorizationCodeRow)
        .where(AuthorizationCodeRow.code_hash == code_hash, AuthorizationCodeRow.used_at.is_(None))
        .values(used_at=now, family_id=family_id),
    )
    return spent > 0


async def drop_codes(work: UnitOfWork, user_id: str) -> None:
    """Make a user's unspent codes worthless; spent ones stay, to be known when they come again."""
    waiting = (AuthorizationCodeRow.user_id == user_id, AuthorizationCodeRow.used_at.is_(None))
    await changed_rows(work, sa.delete(AuthorizationCodeRow).where(*waiting))


# --- revocations -------------------------------------------------------------------------------------------------


async def add_revocation(work: UnitOfWork, revoked_id: str, *, expires_at: dt.datetime) -> None:
    """Refuse this token or family id until `expires_at`."""
    await insert_once(work, RevocationRow, {"id": revoked_id, "expires_at": expires_at})


async def list_revocations(work: UnitOfWork, *, now: dt.datetime) -> Sequence[str]:
    """Ids that are refused at `now`."""
    return (await work.session.scalars(sa.select(RevocationRow.id).where(RevocationRow.expires_at > now))).all()


# --- consent -----------------------------------------------------------------------------------------------------


async def find_consent(work: UnitOfWork, user_id: str, client_id: str) -> ClientConsentRow | None:
    """What the user let the client do."""
    found: ClientConsentRow | None = await work.session.scalar(
        sa.select(ClientConsentRow).where(
            ClientConsentRow.user_id == user_id, ClientConsentRow.client_id == client_id
        )
    )
    return found


async def put_consent(work: UnitOfWork, row: ClientConsentRow) -> None:
    """Write or widen a consent."""
    values = {
        "id": new_id(),
        "organization_id": row.organization_id,
        "user_id": row.user_id,
        "client_id": row.client_id,
        "scope": row.scope,
        "granted_at": row.granted_at,
    }
    if not await insert_once(work, ClientConsentRow, values):
        await changed_rows(
            work,
            sa.update(ClientConsentRow)
            .where(ClientConsentRow.user_id == row.user_id, ClientConsentRow.client_id == row.client_id)
            .values(scope=row.scope, granted_at=row.granted_at),
        )


async def list_consents(work: UnitOfWork, user_id: str) -> Sequence[ClientConsentRow]:
    """Every client that the user let in."""
    return (
        await work.session.scalars(
            sa.select(ClientConsentRow)
            .where(ClientConsentRow.user_id == user_id)
            .order_by(ClientConsentRow.client_id)
        )
    ).all()


async def delete_consent(work: UnitOfWork, user_id: str, client_id: str) -> bool:
    """Forget a consent; whether there was one."""
    gone = await changed_rows(
        work,
        sa.delete(ClientConsentRow).where(
            ClientConsentRow.user_id == user_id, ClientConsentRow.client_id == client_id
        ),
    )
    return gone > 0


# --- identities at other issuers ---------------------------------------------------------------------------------


async def find_identity(work: UnitOfWork, issuer: str, subject: str) -> IdentityRow | None:
    """The identity of this subject at this issuer."""
    found: IdentityRow | None = await work.session.scalar(
        sa.select(IdentityRow).where(IdentityRow.issuer == issuer, IdentityRow.subject == subject)
    )
    return found


async def add_identity(work: UnitOfWork, *, user_id: str, issuer: str, subject: str, now: dt.datetime) -> bool:
    """Join a subject to a user; False when it is joined already."""
    values = {"id": new_id(), "user_id": user_id, "issuer": issuer, "subject": subject, "created_at": now}
    return await insert_once(work, IdentityRow, values)


async def drop_identities(work: UnitOfWork, user_id: str) -> None:
    """Take every subject of other issuers from a user."""
    await changed_rows(work, sa.delete(IdentityRow).where(IdentityRow.user_id == user_id))


# --- web sessions ------------------------------------------------------------------------------------------------


async def find_session(work: UnitOfWork, token_hash: str) -> WebSessionRow | None:
    """The browser session of this token's hash."""
    found: WebSessionRow | None = await work.session.scalar(
        sa.select(WebSessionRow).where(WebSessionRow.token_hash == token_hash)
    )
    return found


async def touch_session(work: UnitOfWork, session_id: str, *, now: dt.datetime, expires_at: dt.datetime) -> None:
    """Note that the session was seen, and until when it holds now."""
    seen = sa.update(WebSessionRow).where(WebSessionRow.id == session_id)
    await changed_rows(work, seen.values(seen_at=now, expires_at=expires_at))


async def move_session(work: UnitOfWork, session_id: str, organization_id: str) -> None:
    """Have the session look at another organization; in a unit of the system."""
    moved = sa.update(WebSessionRow).where(WebSessionRow.id == session_id, WebSessionRow.revoked_at.is_(None))
    await changed_rows(work, moved.values(organization_id=organization_id))


async def revoke_session(work: UnitOfWork, session_id: str, *, now: dt.datetime) -> bool:
    """End one session; whether it was alive."""
    return await _revoke_sessions(work, WebSessionRow.id == session_id, now=now) > 0


async def revoke_sessions(work: UnitOfWork, user_id: str, *, now: dt.datetime, but: str | None = None) -> int:
    """End a user's sessions, all but the one of id `but`; how many."""
    theirs = WebSessionRow.user_id == user_id
    return await _revoke_sessions(work, theirs if but is None else theirs & (WebSessionRow.id != but), now=now)


async def _revoke_sessions(work: UnitOfWork, which: sa.ColumnElement[bool], *, now: dt.datetime) -> int:
    return await changed_rows(
        work, sa.update(WebSessionRow).where(which, WebSessionRow.revoked_at.is_(None)).values(revoked_at=now)
    )


# --- API tokens --------------------------------------------------------------------------------------------------


async def find_api_token(work: UnitOfWork, token_hash: str) -> ApiTokenRow | None:
    """The API token of this hash."""
    found: ApiTokenRow | None = await work.session.scalar(
        sa.select(ApiTokenRow).where(ApiTokenRow.token_hash == token_hash)
    )
    return found


async def list_api_tokens(work: UnitOfWork, *, user_id: str | None = None) -> Sequence[ApiTokenRow]:
    """API tokens of one user or of everybody in the unit's sight, newest first."""
    query = sa.select(ApiTokenRow).order_by(ApiTokenRow.created_at.desc(), ApiTokenRow.id)
    if user_id is not None:
        query = query.where(ApiTokenRow.user_id == user_id)
    return (await work.session.scalars(query)).all()


async def touch_api_token(work: UnitOfWork, token_id: str, *, now: dt.datetime) -> None:
    """Note that the token was used."""
    await changed_rows(work, sa.update(ApiTokenRow).where(ApiTokenRow.id == token_id).values(last_used_at=now))


async def revoke_api_token(work: UnitOfWork, token_id: str, *, now: dt.datetime) -> bool:
    """End an API token; whether it was alive."""
    ended = await changed_rows(
        work,
        sa.update(ApiTokenRow)
        .where(ApiTokenRow.id == token_id, ApiTokenRow.revoked_at.is_(None))
        .values(revoked_at=now),
    )
    return ended > 0


# --- links that work once ----------------------------------------------------------------------------------------


async def find_link(work: UnitOfWork, token_hash: str, *, purpose: str) -> OneTimeTokenRow | None:
    """The one-time token of this hash and purpose."""
    found: OneTimeTokenRow | None = await work.session.scalar(
        sa.select(OneTimeTokenRow).where(
            OneTimeTokenRow.token_hash == token_hash, OneTimeTokenRow.purpose == purpose
        )
    )
    return found


async def use_link(work: UnitOfWork, token_hash: str, *, purpose: str, now: dt.datetime) -> bool:
    """Spend the link; False when it is unknown, of another purpose, spent or expired."""
    spent = await changed_rows(
        work,
        sa.update(OneTimeTokenRow)
        .where(
            OneTimeTokenRow.token_hash == token_hash,
            OneTimeTokenRow.purpose == purpose,
            OneTimeTokenRow.consumed_at.is_(None),
            OneTimeTokenRow.expires_at > now,
        )
        .values(consumed_at=now),
    )
    return spent > 0


async def drop_links(work: UnitOfWork, *, purpose: str, user_id: str | None) -> None:
    """Make earlier links of this purpose worthless."""
    same_user = OneTimeTokenRow.user_id.is_(None) if user_id is None else OneTimeTokenRow.user_id == user_id
    await changed_rows(work, sa.delete(OneTimeTokenRow).where(OneTimeTokenRow.purpose == purpose, same_user))


async def drop_all_links(work: UnitOfWork, user_id: str) -> None:
    """Make every link of a user worthless."""
    await changed_rows(work, sa.delete(OneTimeTokenRow).where(OneTimeTokenRow.user_id == user_id))


# --- forgetting --------------------------------------------------------------------------------------------------


async def forget_expired(work: UnitOfWork, *, before: dt.datetime) -> int:
    """Delete what expired before `before`: codes, tokens, revocations, sessions, counts; how many rows."""
    gone = 0
    tables = (AuthorizationCodeRow, RefreshTokenRow, RevocationRow, WebSessionRow, OneTimeTokenRow, RateHitRow)
    for table in tables:
        gone += await changed_rows(work, sa.delete(table).where(table.expires_at < before))
    return gone


async def forget_successors(work: UnitOfWork, *, used_before: dt.datetime) -> int:
    """Delete sealed successors whose time of grace is over."""
    return await changed_rows(
        work,
        sa.update(RefreshTokenRow)
        .where(RefreshTokenRow.successor_sealed.is_not(None), RefreshTokenRow.used_at < used_before)
        .values(successor_sealed=None),
    )
