"""Sign-in with another issuer's id_token (OpenID Connect Core 1.0, 3.1.3.7): whose keys, which checks.

What is fetched goes through `Outside`; an adapter of it guards against documents that point inside our network.
"""

import asyncio
import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from voice_engine.domains.identity.signed import Unverified, key_id, verified_claims
from voice_engine.errors import InvalidInput, NotAllowed, UpstreamFailed

SKEW = dt.timedelta(seconds=60)
"""How far another issuer's clock may be off."""
KEYS_KEPT = dt.timedelta(hours=1)
"""After so long the issuer's keys are fetched again: a key that was withdrawn is then refused."""
KEYS_SURVIVE = dt.timedelta(hours=24)
"""Known keys hold so long when the issuer cannot be reached."""
REFETCH_AFTER = dt.timedelta(seconds=60)
"""An unknown key id makes us fetch at most once in so long: a forger cannot make us call the issuer."""
RETRY_AFTER = dt.timedelta(seconds=5)
"""A failed fetch is not repeated sooner."""
ID_TOKEN_MOST_AGE = dt.timedelta(hours=24)
"""An `iat` further back is refused, whatever `exp` says."""
MOST_SUBJECT = 255
"""ASCII characters (OpenID Connect Core 1.0, 2)."""
CLIENT_SECRET_TTL = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedSecret:
    """Apple's kind of client secret: a short ES256 token signed by the developer's key."""

    team_id: str
    key_id: str
    private_key_pem: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """An issuer whose id_tokens the operator trusts. `name` is "google" or "apple".

    `audiences`: our client ids there, those of mobile apps included. `client_id` is the one for the web flow; it
    may redeem codes with `client_secret`. The address is the operator's word, so it may be on this machine.
    """

    name: str
    url: str
    audiences: frozenset[str]
    client_id: str | None = None
    client_secret: str | SignedSecret | None = field(default=None, repr=False)
    redeems_code: bool = False
    """The mobile flow's code must be redeemed too (Apple)."""
    web_scope: str = "openid email profile"
    posts_back: bool = False
    """The web flow comes back by a form (Apple, when name or e-mail is asked for)."""

    @property
    def names(self) -> frozenset[str]:
        """What `iss` may say: the address, with or without its scheme (Google has used both)."""
        return frozenset({self.url, self.url.removeprefix("https://")})


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedIdentity:
    """Whom an issuer vouches for. `email` None: it did not say. `issuer` is the configured address."""

    issuer: str
    subject: str
    email: str | None
    email_verified: bool
    name: str | None


class Outside(Protocol):
    """The way out to issuers. `origin` is the configured issuer: addresses there are the operator's word, others
    come from a document and must be public.
    """

    async def get_json(self, url: str, *, origin: str) -> Mapping[str, Any]:
        """GET a JSON object. Raises UpstreamFailed."""
        ...

    async def post_form(self, url: str, form: Mapping[str, str], *, origin: str) -> tuple[int, Mapping[str, Any]]:
        """POST a form; status (200 or 4xx) and JSON object. Raises UpstreamFailed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keys:
    at: dt.datetime
    by_id: Mapping[str, RSAKey]


class IssuerClient:
    """One issuer: its document, its keys (cached by id), its token endpoint."""

    def __init__(self, issuer: Issuer, outside: Outside, *, now: Callable[[], dt.datetime]) -> None:
        self.issuer = issuer
        self._outside = outside
        self._now = now
        self._lock = asyncio.Lock()
        self._document: Mapping[str, Any] | None = None
        self._keys: _Keys | None = None
        self._failed_at: dt.datetime | None = None

    async def verify(self, token: str, *, nonce: str | None) -> VerifiedIdentity:
        """Whom the id_token vouches for.

        Raises:
            NotAllowed: `invalid_identity_token`.
            UpstreamFailed: `identity_provider_unavailable`: its keys could not be loaded.
        """
        try:
            kid = key_id(token)
            key = await self._key(kid) if kid is not None else None
            if key is None:
                raise Unverified("unknown key")
            return self._identity(verified_claims(token, key), nonce)
        except Unverified as error:
            raise invalid_identity_token() from error

    async def redeem(self, code: str, *, redirect_uri: str | None, verifier: str | None) -> str:
        """The id_token that the issuer gives for an authorization code.

        Raises:
            NotAllowed: `invalid_identity_token`: the issuer refuses the code.
            UpstreamFailed: `identity_provider_unavailable`.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self.issuer.client_id or "",
            "client_secret": self._client_secret(),
        }
        if redirect_uri is not None:
            form["redirect_uri"] = redirect_uri
        if verifier is not None:
            form["code_verifier"] = verifier
        status, answer = await self._outside.post_form(
            await self.endpoint("token_endpoint"), form, origin=self.issuer.url
        )
        token = answer.get("id_token")
        if status != 200 or not isinstance(token, str):
            raise invalid_identity_token()
        return token

    async def endpoint(self, name: str) -> str:
        """An address out of the issuer's document. Raises UpstreamFailed `identity_provider_unavailable`."""
        if self._document is None:
            document = await self._fetch(f"{self.issuer.url.rstrip('/')}/.well-known/openid-configuration")
            if document.get("issuer") not in self.issuer.names:
                raise _unavailable(self.issuer, "its document names another issuer")
            self._document = document
        address = self._document.get(name)
        if not isinstance(address, str):
            raise _unavailable(self.issuer, f"its document has no {name}")
        return address

    def _identity(self, claims: Mapping[str, Any], nonce: str | None) -> VerifiedIdentity:
        self._check_addressee(claims)
        self._check_times(claims)
        # Apple's SDK is given the nonce's SHA-256, so that the app can keep the nonce itself until now.
        if nonce is not None and claims.get("nonce") not in (nonce, hashlib.sha256(nonce.encode()).hexdigest()):
            raise Unverified("nonce")
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= MOST_SUBJECT or not _is_plain(subject):
            raise Unverified("sub")
        email, name = claims.get("email"), claims.get("name")
        return VerifiedIdentity(
            issuer=self.issuer.url,
            subject=subject,
            email=email if isinstance(email, str) else None,
            email_verified=claims.get("email_verified") in (True, "true"),  # Apple writes it as text
            name=name if isinstance(name, str) else None,
        )

    def _check_addressee(self, claims: Mapping[str, Any]) -> None:
        if claims.get("iss") not in self.issuer.names:
            raise Unverified("iss")
        audience = claims.get("aud")
        named = {audience} if isinstance(audience, str) else set(audience) if isinstance(audience, list) else set()
        if not named & self.issuer.audiences:
            raise Unverified("aud")
        if len(named) > 1 and claims.get("azp") not in self.issuer.audiences:
            raise Unverified("azp")

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now = self._now().timestamp()
        issued, expires = claims.get("iat"), claims.get("exp")
        if not _is_time(issued) or not _is_time(expires):
            raise Unverified("iat, exp")
        assert isinstance(issued, int | float) and isinstance(expires, int | float)  # _is_time says so
        skew = SKEW.total_seconds()
        if expires <= now - skew or not now - ID_TOKEN_MOST_AGE.total_seconds() <= issued <= now + skew:
            raise Unverified("expired, or of another time")

    async def _key(self, kid: str) -> RSAKey | None:
        keys = await self._keys_now(wanted=kid)
        return keys.by_id.get(kid)

    async def _keys_now(self, *, wanted: str) -> _Keys:
        async with self._lock:
            keys, now = self._keys, self._now()
            known = keys is not None and wanted in keys.by_id
            if keys is not None and now - keys.at < (KEYS_KEPT if known else REFETCH_AFTER):
                return keys
            try:
                self._keys = await self._fetch_keys(now)
            except UpstreamFailed:
                if keys is None or not known or now - keys.at >= KEYS_SURVIVE:
                    raise
                return keys
            return self._keys

    async def _fetch_keys(self, now: dt.datetime) -> _Keys:
        if self._failed_at is not None and now - self._failed_at < RETRY_AFTER:
            raise _unavailable(self.issuer, "its keys could not be fetched a moment ago")
        try:
            fetched = await self._fetch(await self.endpoint("jwks_uri"))
        except UpstreamFailed:
            self._failed_at = now
            raise
        self._failed_at = None
        return _Keys(at=now, by_id=_read_keys(fetched))

    async def _fetch(self, url: str) -> Mapping[str, Any]:
        return await self._outside.get_json(url, origin=self.issuer.url)

    def _client_secret(self) -> str:
        secret = self.issuer.client_secret
        if secret is None:
            raise _unavailable(self.issuer, "no client secret is configured")
        if isinstance(secret, str):
            return secret
        now = self._now()
        claims = {
            "iss": secret.team_id,
            "iat": int(now.timestamp()),
            "exp": int((now + CLIENT_SECRET_TTL).timestamp()),
            "aud": self.issuer.url,
            "sub": self.issuer.client_id or "",
        }
        try:
            key = ECKey.import_key(secret.private_key_pem)
            return jwt.encode({"alg": "ES256", "kid": secret.key_id}, claims, key, algorithms=["ES256"])
        except (JoseError, ValueError) as error:
            raise InvalidInput("client_key_invalid", "the private key for signing in is not an EC key") from error


def invalid_identity_token() -> NotAllowed:
    """The id_token, or the code beside it, does not hold."""
    return NotAllowed("invalid_identity_token", "the identity token is not valid here; sign in again")


def _unavailable(issuer: Issuer, reason: str) -> UpstreamFailed:
    return UpstreamFailed(
        "identity_provider_unavailable",
        f"signing in with {issuer.name} does not work now: {reason}; try again later",
        provider=issuer.name,
        retryable=True,
    )


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _read_keys(fetched: Mapping[str, Any]) -> dict[str, RSAKey]:
    """RS256 signature keys by id; keys of other kinds are passed over."""
    found: dict[str, RSAKey] = {}
    listed = fetched.get("keys")
    for entry in listed if isinstance(listed, list) else ():
        if not isinstance(entry, dict) or entry.get("kty") != "RSA" or entry.get("use", "sig") != "sig":
            continue
        kid = entry.get("kid")
        if not isinstance(kid, str) or entry.get("alg", "RS256") != "RS256":
            continue
        try:
            found[kid] = RSAKey.import_key({"kty": "RSA", "n": entry["n"], "e": entry["e"], "kid": kid})
        except (JoseError, KeyError, ValueError, TypeError):
            continue  # one unreadable key does not spoil the others
    return found
