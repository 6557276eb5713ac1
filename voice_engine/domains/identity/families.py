"""Refresh tokens: single use, rotating in a family. A spent one that comes again ends the family.

Two kinds of answer may not raise inside the unit of work, because what they write must stay: they are returned as a
`Refusal`, and whoever opened the unit raises it after the commit.

A lost answer: the spent token's row keeps its successor for ten seconds, sealed. Only the bearer of the spent token
and the installation's key together open it; nothing that is stored alone gives a usable token.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from voice_engine.domains.identity import repository
from voice_engine.domains.identity.access import Grant
from voice_engine.domains.identity.models import RefreshTokenRow, TokenFamilyRow
from voice_engine.domains.identity.opaque import REFRESH, hash_token, new_token
from voice_engine.domains.identity.repository import KnownRefresh
from voice_engine.domains.identity.revocations import Revocations
from voice_engine.domains.identity.scopes import format_scope, narrow, parse_scope
from voice_engine.domains.identity.settings import IdentitySettings
from voice_engine.errors import NotAllowed
from voice_engine.store import audit
from voice_engine.store.rows import new_id
from voice_engine.store.secrets import SecretBox
from voice_engine.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A refresh token in clear, which exists nowhere else, and what its access token is made of."""

    refresh_token: str
    grant: Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An answer that is an error, with effects that must be committed. `expired`: it was good once."""

    reason: str
    expired: bool = False


class Families:
    """Starts, rotates and ends families, within the caller's unit of work."""

    def __init__(
        self,
        box: SecretBox,
        revocations: Revocations,
        settings: IdentitySettings,
        *,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._box = box
        self._revocations = revocations
        self._settings = settings
        self._now = now

    async def start(
        self, work: UnitOfWork, *, user_id: str, organization_id: str, client_id: str, scopes: frozenset[str]
    ) -> Issued:
        """The first pair of a sign-in."""
        family = TokenFamilyRow(
            id=new_id(),
            organization_id=organization_id,
            user_id=user_id,
            client_id=client_id,
            scope=format_scope(scopes),
            created_at=self._now(),
            revoked_at=None,
            revoked_for=None,
        )
        work.session.add(family)
        await work.session.flush()
        facts = {"client": client_id, "scope": family.scope}
        audit.record(
            work,
            "token.issued",
            actor=user_id,
            at=family.created_at,
            subject=family.id,
            organization_id=organization_id,
            facts=facts,
        )
        return self._issue(work, family, scopes)

    async def rotate(
        self, work: UnitOfWork, refresh_token: str, *, client_id: str | None, scope: str | None = None
    ) -> Issued | Refusal:
        """The pair that follows. `client_id` None: any client's token (the plain refresh endpoint).

        `scope` narrows the access token that comes of it, not the family.

        Raises:
            InvalidInput: `invalid_scope`: wider than granted; the token stays unused.
        """
        token_hash = hash_token(refresh_token)
        known = await repository.find_refresh(work, token_hash)
        if known is None or (client_id is not None and known.family.client_id != client_id):
            return Refusal(reason="unknown")
        if known.family.revoked_at is not None:
            return Refusal(reason="revoked")
        scopes = narrow(parse_scope(known.family.scope), scope)
        if known.token.used_at is not None:
            return await self._again(work, refresh_token, known, scopes)
        now = self._now()
        if now >= known.token.expires_at:
            return Refusal(reason="expired", expired=True)
        issued = self._issue(work, known.family, scopes)
        known.token.used_at = now
        known.token.successor_hash = hash_token(issued.refresh_token)
        known.token.successor_sealed = self._box.seal(issued.refresh_token, context=_context(refresh_token))
        return issued

    async def end(self, work: UnitOfWork, family_id: str, *, reason: str, actor: str) -> None:
        """Revoke the family: its refresh tokens, and its access tokens while they would hold."""
        now = self._now()
        if await repository.revoke_family(work, family_id, reason=reason, now=now):
            await self._revocations.add(work, family_id)
            self.note_end(work, family_id, reason=reason, actor=actor)

    def note_end(self, work: UnitOfWork, token_id: str, *, reason: str, actor: str) -> None:
        """The audit row of a revocation."""
        facts = {"reason": reason}
        audit.record(work, "token.revoked", actor=actor, at=self._now(), subject=token_id, facts=facts)

    async def end_all(self, work: UnitOfWork, user_id: str, *, reason: str, client_id: str | None = None) -> int:
        """Revoke every family of a user, or those of one client; how many."""
        families = await repository.live_families(work, user_id, client_id=client_id)
        for family_id in families:
            await self.end(work, family_id, reason=reason, actor=user_id)
        return len(families)

    async def _again(
        self, work: UnitOfWork, refresh_token: str, known: KnownRefresh, scopes: frozenset[str]
    ) -> Issued | Refusal:
        """A spent token: the same successor within the grace if that one is unused, else a theft."""
        spent = known.token
        assert spent.used_at is not None, "only spent tokens come here"
        if (
            self._now() - spent.used_at <= self._settings.grace
            and spent.successor_sealed is not None
            and spent.successor_hash is not None
            and await repository.is_refresh_unused(work, spent.successor_hash)
        ):
            successor = self._box.open(spent.successor_sealed, context=_context(refresh_token))
            return Issued(refresh_token=successor, grant=_grant(known.family, scopes))
        await self.end(work, known.family.id, reason="refresh_reuse", actor=known.family.client_id)
        return Refusal(reason="reused")

    def _issue(self, work: UnitOfWork, family: TokenFamilyRow, scopes: frozenset[str]) -> Issued:
        token = new_token(REFRESH)
        now = self._now()
        work.session.add(
            RefreshTokenRow(
                token_hash=hash_token(token),
                family_id=family.id,
                created_at=now,
                expires_at=now + self._settings.refresh_ttl,
                used_at=None,
                successor_hash=None,
                successor_sealed=None,
            )
        )
        return Issued(refresh_token=token, grant=_grant(family, scopes))


def refused(refusal: Refusal) -> NotAllowed:
    """The plain refresh endpoint's word for a refusal."""
    if refusal.expired:
        return NotAllowed("token_expired", "the refresh token has expired; sign in again")
    return NotAllowed("invalid_token", "the refresh token is unknown, used or revoked; sign in again")


def _context(refresh_token: str) -> str:
    """The seal is bound to the spent token itself, which is not stored."""
    return f"refresh_successor:{refresh_token}"


def _grant(family: TokenFamilyRow, scopes: frozenset[str]) -> Grant:
    return Grant(
        user_id=family.user_id,
        organization_id=family.organization_id,
        client_id=family.client_id,
        scopes=scopes,
        family_id=family.id,
    )
