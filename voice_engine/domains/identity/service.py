"""Identity as one piece: its parts, made from store, box and settings, for routes, pages and the command line."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from joserfc.jwk import RSAKey

from voice_engine.domains.identity import repository
from voice_engine.domains.identity.access import AccessTokens
from voice_engine.domains.identity.api_tokens import ApiTokens, is_api_token
from voice_engine.domains.identity.bearers import Bearers
from voice_engine.domains.identity.caller import Caller
from voice_engine.domains.identity.clients import Clients, build_clients
from voice_engine.domains.identity.endings import Endings
from voice_engine.domains.identity.families import Families
from voice_engine.domains.identity.federation import IssuerClient, Outside
from voice_engine.domains.identity.issuer_sign_in import IssuerSignIn
from voice_engine.domains.identity.keys import KeyRing, generate_key
from voice_engine.domains.identity.oauth import Authorizations
from voice_engine.domains.identity.passwords import Passwords
from voice_engine.domains.identity.ratelimit import Attempts
from voice_engine.domains.identity.revocations import Revocations
from voice_engine.domains.identity.sessions import Sessions
from voice_engine.domains.identity.settings import IdentitySettings
from voice_engine.domains.identity.sign_in import SignIn
from voice_engine.domains.identity.tokens import Tokens
from voice_engine.domains.identity.verified import VerifiedTokens
from voice_engine.store.engine import Store
from voice_engine.store.secrets import SecretBox

EXPIRED_KEPT = dt.timedelta(days=7)
"""Rows stay so long after they expired, so that a token that comes late is told that it expired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The parts. Each opens its own units of work."""

    settings: IdentitySettings
    store: Store
    box: SecretBox
    now: Callable[[], dt.datetime]
    clients: Clients
    keys: KeyRing
    access: AccessTokens
    tokens: Tokens
    authorizations: Authorizations
    attempts: Attempts
    passwords: Passwords
    sign_in: SignIn
    issuers: IssuerSignIn
    endings: Endings
    sessions: Sessions
    api_tokens: ApiTokens
    bearers: Bearers

    async def verify_access_token(self, token: str) -> Caller:
        """Whoever a bearer token stands for: an access token or a server's API token.

        Raises:
            NotAllowed: `invalid_token`, `token_expired`.
        """
        if is_api_token(token):
            return await self.api_tokens.verify(token)
        return await self.access.verify(token)

    async def forget_expired(self) -> int:
        """Delete rows that are of no use any more; how many. For a daily job, and for each start."""
        now = self.now()
        async with self.store.system("expired tokens of every tenant") as work:
            await repository.forget_successors(work, used_before=now - self.settings.grace)
            return await repository.forget_expired(work, before=now - EXPIRED_KEPT)


def build_identity(
    *,
    store: Store,
    box: SecretBox,
    settings: IdentitySettings,
    now: Callable[[], dt.datetime],
    outside: Outside,
    generate: Callable[[], RSAKey] = generate_key,
) -> Identity:
    """Put the parts together. Nothing is read or written yet: keys are made when they are first needed.

    Raises:
        InvalidInput: a client's registration is wrong.
    """
    keys = KeyRing(store, box, settings, now=now, generate=generate)
    revocations = Revocations(store, settings, now=now)
    access = AccessTokens(keys, revocations, settings, now=now)
    families = Families(box, revocations, settings, now=now)
    verified = VerifiedTokens(settings.revocation_lag, now=now)
    endings = Endings(families, verified, now=now)
    tokens = Tokens(store, access, families, revocations, settings)
    attempts, passwords = Attempts(store, box, now=now), Passwords(settings.password_cost)
    return Identity(
        settings=settings,
        store=store,
        box=box,
        now=now,
        clients=build_clients(settings.clients),
        keys=keys,
        access=access,
        tokens=tokens,
        authorizations=Authorizations(store, tokens, families, settings, now=now),
        attempts=attempts,
        passwords=passwords,
        sign_in=SignIn(store, settings, passwords=passwords, attempts=attempts, now=now),
        issuers=IssuerSignIn(
            store,
            settings,
            endings=endings,
            issuers={issuer.name: IssuerClient(issuer, outside, now=now) for issuer in settings.issuers},
            now=now,
        ),
        endings=endings,
        sessions=Sessions(store, settings, now=now),
        api_tokens=ApiTokens(store, verified, now=now),
        bearers=Bearers(store, settings.revocation_lag, now=now),
    )
