"""Tokens for servers: long-lived, scoped, revocable, shown once and hashed at rest."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from voice_engine.domains.identity import repository
from voice_engine.domains.identity.caller import Caller, invalid_token, token_expired
from voice_engine.domains.identity.models import ApiTokenRow
from voice_engine.domains.identity.opaque import API, hash_token, new_token
from voice_engine.domains.identity.scopes import ALL_SCOPES, format_scope, parse_scope
from voice_engine.domains.identity.verified import VerifiedTokens
from voice_engine.errors import InvalidInput, NotFound
from voice_engine.store import audit
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

API_CLIENT = "api_token"
"""The client id of a caller with an API token."""
PREFIX_CHARACTERS = 9
"""What is kept in clear: `ve_` and six characters, by which a person tells tokens apart."""
USED_STEP = dt.timedelta(minutes=1)
"""How exact `last_used_at` is: a token in use writes once in so long."""
MOST_LABEL = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiToken:
    """What is asked for. `lifetime` None: until it is revoked."""

    user_id: str
    organization_id: str
    label: str
    scopes: frozenset[str] = ALL_SCOPES
    lifetime: dt.timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedApiToken:
    """The token in clear, this once, and its row."""

    token: str = field(repr=False)
    row: ApiTokenRow


def is_api_token(token: str) -> bool:
    """Whether a bearer looks like one of ours (an access token is a JWT and begins otherwise)."""
    return token.startswith(API)


async def create(work: UnitOfWork, wanted: NewApiToken, *, now: dt.datetime, actor: str) -> CreatedApiToken:
    """A new token. Raises InvalidInput `label_invalid`."""
    label = " ".join(wanted.label.split())
    if not 0 < len(label) <= MOST_LABEL:
        raise InvalidInput("label_invalid", f"give the token a label of 1 to {MOST_LABEL} characters")
    token = new_token(API)
    row = ApiTokenRow(
        id=new_id(),
        organization_id=wanted.organization_id,
        token_hash=hash_token(token),
        prefix=token[:PREFIX_CHARACTERS],
        label=label,
        user_id=wanted.user_id,
        scope=format_scope(wanted.scopes),
        created_at=now,
        expires_at=None if wanted.lifetime is None else now + wanted.lifetime,
        last_used_at=None,
        revoked_at=None,
    )
    work.session.add(row)
    audit.record(
        work,
        "api_token.created",
        actor=actor,
        at=now,
        subject=row.id,
        organization_id=wanted.organization_id,
        facts={"prefix": row.prefix, "scope": row.scope},
    )
    return CreatedApiToken(token=token, row=row)


async def list_tokens(work: UnitOfWork, *, user_id: str | None = None) -> Sequence[ApiTokenRow]:
    """Tokens in this unit's sight, newest first, revoked ones included."""
    return await repository.list_api_tokens(work, user_id=user_id)


async def revoke(work: UnitOfWork, token: ApiTokenRow, *, now: dt.datetime, actor: str) -> None:
    """End a token. A process that has just seen it may take it for `revocation_lag` more, unless it is told
    (`VerifiedTokens.forget`), as `Endings` does. Raises NotFound `token_not_found` when it ended before."""
    if not await repository.revoke_api_token(work, token.id, now=now):
        raise NotFound("token_not_found", "this token is revoked already")
    audit.record(
        work, "api_token.revoked", actor=actor, at=now, subject=token.id, organization_id=token.organization_id
    )


class ApiTokens:
    """Reads API tokens: one query each in `revocation_lag`, and one short write a minute."""

    def __init__(self, store: Store, verified: VerifiedTokens, *, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._verified = verified
        self._now = now

    async def verify(self, token: str) -> Caller:
        """Whoever the token stands for. Raises NotAllowed `invalid_token`, `token_expired`."""
        token_hash = hash_token(token)
        known = self._verified.find(token_hash)
        if known is not None:
            return known
        now, changes = self._now(), self._verified.changes
        async with self._store.system("an API token tells its tenant", writes=False) as work:
            row = await repository.find_api_token(work, token_hash)
            if row is None or row.revoked_at is not None:
                raise invalid_token()
            if row.expires_at is not None and now >= row.expires_at:
                raise token_expired()
            caller, used_at = _caller(row), row.last_used_at
        self._verified.keep(token_hash, caller, read_at=now, changes=changes)
        if used_at is None or now - used_at >= USED_STEP:
            async with self._store.begin(caller.organization_id) as work:
                await repository.touch_api_token(work, caller.token_id, now=now)
        return caller


def _caller(row: ApiTokenRow) -> Caller:
    return Caller(
        user_id=row.user_id,
        organization_id=row.organization_id,
        scopes=parse_scope(row.scope),
        client_id=API_CLIENT,
        token_id=row.id,
        expires_at=row.expires_at,
    )
