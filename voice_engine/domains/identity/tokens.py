"""Token pairs from sign-in to revocation. Each verb opens its own units of work: refusals must be committed too."""

from dataclasses import dataclass, field

from voice_engine.domains.identity import repository
from voice_engine.domains.identity.access import AccessTokens
from voice_engine.domains.identity.clients import Client
from voice_engine.domains.identity.families import Families, Issued, Refusal, refused
from voice_engine.domains.identity.opaque import REFRESH, hash_token
from voice_engine.domains.identity.revocations import Revocations
from voice_engine.domains.identity.settings import IdentitySettings
from voice_engine.errors import InvalidInput
from voice_engine.store.engine import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPair:
    """What a client gets. `expires_in` counts seconds of the access token."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    scopes: frozenset[str]


class Tokens:
    """Issues, refreshes and revokes."""

    def __init__(
        self,
        store: Store,
        access: AccessTokens,
        families: Families,
        revocations: Revocations,
        settings: IdentitySettings,
    ) -> None:
        self._store = store
        self._access = access
        self._families = families
        self._revocations = revocations
        self._settings = settings

    async def start(
        self, *, user_id: str, organization_id: str, client_id: str, scopes: frozenset[str]
    ) -> TokenPair:
        """The first pair of a sign-in."""
        async with self._store.begin(organization_id) as work:
            issued = await self._families.start(
                work, user_id=user_id, organization_id=organization_id, client_id=client_id, scopes=scopes
            )
        return await self.pair(issued)

    async def refresh(self, refresh_token: str) -> TokenPair:
        """The next pair, for whoever has the token (`/v1/auth/refresh`).

        Raises:
            NotAllowed: `invalid_token` (unknown, used, revoked), `token_expired`.
        """
        async with self._store.system("a refresh token tells its tenant") as work:
            answer = await self._families.rotate(work, refresh_token, client_id=None)
        if isinstance(answer, Refusal):
            raise refused(answer)
        return await self.pair(answer)

    async def refresh_for(self, client: Client, refresh_token: str, *, scope: str | None) -> TokenPair:
        """The next pair, for an authenticated client (grant_type=refresh_token).

        Raises:
            InvalidInput: `invalid_grant`, `invalid_scope`.
        """
        async with self._store.system("a refresh token tells its tenant") as work:
            answer = await self._families.rotate(work, refresh_token, client_id=client.id, scope=scope)
        if isinstance(answer, Refusal):
            raise InvalidInput("invalid_grant", "the refresh token is unknown, used, expired or another client's")
        return await self.pair(answer)

    async def revoke(self, token: str, *, client: Client | None) -> None:
        """End a refresh token with its family, or one access token (RFC 7009). A stranger's token changes nothing.

        `client` None: the bearer of the token is proof enough.
        """
        if token.startswith(REFRESH):
            await self._revoke_refresh(token, client)
            return
        known = await self._access.read_revocable(token)
        if known is None or (client is not None and known.client_id != client.id):
            return
        async with self._store.begin(known.organization_id) as work:
            await self._revocations.add(work, known.token_id)
            self._families.note_end(work, known.token_id, reason="revoked", actor=known.user_id)

    async def _revoke_refresh(self, token: str, client: Client | None) -> None:
        async with self._store.system("a refresh token tells its tenant") as work:
            known = await repository.find_refresh(work, hash_token(token))
            if known is None or (client is not None and known.family.client_id != client.id):
                return
            await self._families.end(work, known.family.id, reason="revoked", actor=known.family.user_id)

    async def pair(self, issued: Issued) -> TokenPair:
        """The pair of a refresh token that was just issued; outside any unit of work."""
        return TokenPair(
            access_token=await self._access.mint(issued.grant),
            refresh_token=issued.refresh_token,
            expires_in=int(self._settings.access_ttl.total_seconds()),
            scopes=issued.grant.scopes,
        )
