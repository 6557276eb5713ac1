"""Ending what a user's credentials opened: after a new password, a closed account, a proven address."""

import datetime as dt
from collections.abc import Callable
from functools import partial

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.identity import api_tokens, repository
from voice_engine.domains.identity.families import Families
from voice_engine.domains.identity.models import ApiTokenRow
from voice_engine.domains.identity.verified import VerifiedTokens
from voice_engine.store.uow import UnitOfWork


class Endings:
    """Ends within the caller's unit of work."""

    def __init__(self, families: Families, verified: VerifiedTokens, *, now: Callable[[], dt.datetime]) -> None:
        self._families = families
        self._verified = verified
        self._now = now

    async def end_logins(
        self, work: UnitOfWork, user_id: str, *, reason: str, but_session: str | None = None
    ) -> None:
        """End every browser session (but the one of this id), token family, unspent code and link of a user; API
        tokens stay."""
        # First: a code that is being spent at this moment is waited for, and what it gave ends with the rest.
        await repository.drop_codes(work, user_id)
        await self._families.end_all(work, user_id, reason=reason)
        await repository.revoke_sessions(work, user_id, now=self._now(), but=but_session)
        await repository.drop_all_links(work, user_id)

    async def end_api_token(self, work: UnitOfWork, token: ApiTokenRow, *, actor: str) -> None:
        """End one API token; this process takes it no more once the unit is kept. Raises NotFound
        `token_not_found` when it ended before."""
        await api_tokens.revoke(work, token, now=self._now(), actor=actor)
        work.after_commit(partial(self._verified.forget, token.id))

    async def end_everything(self, work: UnitOfWork, user_id: str, *, reason: str) -> None:
        """End every session, token family and API token of a user."""
        await self.end_logins(work, user_id, reason=reason)
        for token in await api_tokens.list_tokens(work, user_id=user_id):
            if token.revoked_at is None:
                await self.end_api_token(work, token, actor=user_id)

    async def prove_address(self, work: UnitOfWork, user_id: str, *, keep_password: bool) -> None:
        """Note that whoever acts has the account's mailbox. If nobody had shown that before, anyone may have made
        the account in wait for its owner: all that opens it goes.

        These are sessions, tokens of every kind, codes, links, identities at other issuers (of an unproven address
        they are all unverified) and, unless `keep_password`, the password.
        """
        user = await accounts.get_locked(work, user_id)
        if user.email_verified_at is not None:
            return
        await accounts.set_email_verified(work, user_id, now=self._now(), keep_password=keep_password)
        await repository.drop_identities(work, user_id)
        await self.end_everything(work, user_id, reason="email_verified")
