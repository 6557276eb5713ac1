"""Access tokens: RS256 JWTs of an hour (RFC 9068). Verifying one costs a signature check and no query.

Claims: `sub` (user id, 32 hexadecimal digits, as `user.id` shows it), `org`, `scope`, `client_id`, `jti`, `fam`
(the family, by whose end the token ends), `iss` and `aud` (this installation), `iat`, `exp`.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from voice_engine.domains.identity.caller import Caller, invalid_token, token_expired
from voice_engine.domains.identity.keys import KeyRing
from voice_engine.domains.identity.revocations import Revocations
from voice_engine.domains.identity.scopes import ALL_SCOPES, format_scope
from voice_engine.domains.identity.settings import IdentitySettings
from voice_engine.domains.identity.signed import Unverified, key_id, sign, verified_claims
from voice_engine.errors import NotAllowed

KIND = "at+jwt"
"""RFC 9068, 2.1."""
MOST_SKEW = dt.timedelta(seconds=60)
"""How far in our future another process of ours may have issued a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What an access token is made of. `family_id` None: a token that stands alone."""

    user_id: str
    organization_id: str
    client_id: str
    scopes: frozenset[str]
    family_id: str | None


class AccessTokens:
    """Mints and verifies access tokens."""

    def __init__(
        self,
        keys: KeyRing,
        revocations: Revocations,
        settings: IdentitySettings,
        *,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._keys = keys
        self._revocations = revocations
        self._settings = settings
        self._now = now

    async def mint(self, grant: Grant) -> str:
        """A signed token. Reads the database when the keys are not in memory: call it outside a unit of work."""
        key = await self._keys.signing_key()
        issued = int(self._now().timestamp())
        claims: dict[str, Any] = {
            "iss": self._settings.issuer,
            "aud": self._settings.issuer,
            "sub": short_id(grant.user_id),
            "org": short_id(grant.organization_id),
            "client_id": grant.client_id,
            "scope": format_scope(grant.scopes),
            "jti": uuid.uuid4().hex,
            "iat": issued,
            "exp": issued + int(self._settings.access_ttl.total_seconds()),
        }
        if grant.family_id is not None:
            claims["fam"] = short_id(grant.family_id)
        return sign(claims, key, kind=KIND)

    async def verify(self, token: str) -> Caller:
        """Whoever the token stands for.

        The list of revocations is at most `settings.revocation_lag` old; that is the only query, once in so long.

        Raises:
            NotAllowed: `invalid_token`, `token_expired`.
        """
        caller, family_id = await self._read(token)
        if await self._revocations.holds(caller.token_id, family_id):
            raise invalid_token()
        return caller

    async def read_revocable(self, token: str) -> Caller | None:
        """The token's bearer when it is one of ours that has not expired, for revoking it; else None."""
        try:
            return (await self._read(token))[0]
        except NotAllowed:
            return None

    async def _read(self, token: str) -> tuple[Caller, str | None]:
        try:
            key = await self._keys.find(key_id(token))
            if key is None:
                raise invalid_token()
            claims = verified_claims(token, key, kind=KIND)
            return self._caller(claims), _optional_id(claims, "fam")
        except (Unverified, KeyError, TypeError, ValueError, OverflowError) as error:
            raise invalid_token() from error

    def _caller(self, claims: Mapping[str, Any]) -> Caller:
        now = self._now()
        if claims["iss"] != self._settings.issuer or claims["aud"] != self._settings.issuer:
            raise invalid_token()
        expires_at = dt.datetime.fromtimestamp(claims["exp"], dt.UTC)
        if dt.datetime.fromtimestamp(claims["iat"], dt.UTC) > now + MOST_SKEW:
            raise invalid_token()
        if now >= expires_at:
            raise token_expired()
        return Caller(
            user_id=long_id(claims["sub"]),
            organization_id=long_id(claims["org"]),
            scopes=frozenset(str(claims["scope"]).split()) & ALL_SCOPES,
            client_id=str(claims["client_id"]),
            token_id=str(claims["jti"]),
            expires_at=expires_at,
        )


def short_id(stored: str) -> str:
    """A stored id as it goes over the wire where the contract wants letters and digits only."""
    return uuid.UUID(stored).hex


def long_id(shown: str) -> str:
    """The stored form of a `short_id`. Raises ValueError."""
    return str(uuid.UUID(hex=shown))


def _optional_id(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return None if value is None else long_id(value)
