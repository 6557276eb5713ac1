"""The authorization-code flow (RFC 6749, 4.1) with PKCE: judging a request, giving a code, taking it back.

Two kinds of fault: those of client and redirect URI are told to the person, because nothing says where else they
could go; every other goes back to the client as `error=`.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.identity import pkce, repository
from voice_engine.domains.identity.clients import Client, Clients
from voice_engine.domains.identity.families import Families, Issued
from voice_engine.domains.identity.models import AuthorizationCodeRow, ClientConsentRow
from voice_engine.domains.identity.opaque import CODE, hash_token, new_token
from voice_engine.domains.identity.redirects import with_parameters
from voice_engine.domains.identity.scopes import format_scope, narrow, parse_scope
from voice_engine.domains.identity.settings import IdentitySettings
from voice_engine.domains.identity.tokens import TokenPair, Tokens
from voice_engine.errors import InvalidInput, NotAllowed
from voice_engine.store import audit
from voice_engine.store.engine import Store
from voice_engine.store.uow import UnitOfWork

MOST_STATE = 2_000
"""Bytes of a `state` that we carry."""


class Parameters:
    """A query's parameters as they were sent: bytes survive (`state` goes back unchanged), repeats are known."""

    def __init__(self, query: bytes) -> None:
        # latin-1 maps bytes to characters one to one, so nothing is lost whatever the client's encoding.
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
        self._values: dict[str, bytes] = {}
        self.repeated: set[str] = set()
        for name, value in pairs:
            if name in self._values:
                self.repeated.add(name)
            self._values[name] = value.encode("latin-1")

    @property
    def names(self) -> tuple[str, ...]:
        """What was sent, each name once."""
        return tuple(self._values)

    def raw(self, name: str) -> bytes | None:
        """The value's bytes, percent-decoded; None when it was not sent."""
        return self._values.get(name)

    def text(self, name: str) -> str | None:
        """The value as text; what is no UTF-8 becomes a sign that no valid value has."""
        raw = self._values.get(name)
        return None if raw is None else raw.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeRequest:
    """A request of a known client that may be granted. `state` is what the client sent, byte for byte."""

    client: Client
    redirect_uri: str
    scopes: frozenset[str]
    state: bytes | None
    challenge: str | None

    def failed(self, error: str) -> str:
        """Where the browser goes when nothing is granted."""
        return with_parameters(self.redirect_uri, [("error", error), ("state", self.state)])


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultyRequest:
    """A request of a known client that cannot be granted: the browser goes to `location`, which says why."""

    location: str


def read_authorize(parameters: Parameters, clients: Clients) -> AuthorizeRequest | FaultyRequest:
    """Judge an authorize request.

    Raises:
        InvalidInput: `invalid_request`, `invalid_redirect_uri`.
        NotAllowed: `invalid_client`.
    """
    client, redirect_uri = _destination(parameters, clients)
    state = parameters.raw("state")
    error = _fault(parameters, client)
    scopes = client.scopes
    if error is None:
        try:
            scopes = narrow(client.scopes, parameters.text("scope"))
        except InvalidInput as wrong:
            error = wrong.code
    if error is not None:
        return FaultyRequest(location=with_parameters(redirect_uri, [("error", error), ("state", state)]))
    return AuthorizeRequest(
        client=client,
        redirect_uri=redirect_uri,
        scopes=scopes,
        state=state,
        challenge=parameters.text("code_challenge"),
    )


def _destination(parameters: Parameters, clients: Clients) -> tuple[Client, str]:
    for name in ("client_id", "redirect_uri"):
        if parameters.raw(name) is None or name in parameters.repeated:
            raise InvalidInput("invalid_request", f"send {name} exactly once")
    client = clients.find(parameters.text("client_id") or "")
    if client is None or not client.may_authorize:
        raise NotAllowed("invalid_client", "no client of this id is registered here")
    redirect_uri = parameters.text("redirect_uri") or ""
    if redirect_uri not in client.redirect_uris:
        raise InvalidInput("invalid_redirect_uri", "redirect_uri is not one that this client registered")
    return client, redirect_uri


def _fault(parameters: Parameters, client: Client) -> str | None:
    """What is wrong with the rest of the request, as its OAuth error."""
    if parameters.repeated or len(parameters.raw("state") or b"") > MOST_STATE:
        return "invalid_request"
    kind = parameters.text("response_type")
    if kind != "code":
        return "invalid_request" if kind is None else "unsupported_response_type"
    challenge, method = parameters.text("code_challenge"), parameters.text("code_challenge_method")
    if challenge is None:
        # A client without a secret is only known by its proof.
        return None if client.is_confidential and method is None else "invalid_request"
    if method != pkce.METHOD or not pkce.is_challenge(challenge):  # without a method it would mean `plain`
        return "invalid_request"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeExchange:
    """The token request of a code."""

    code: str
    redirect_uri: str
    verifier: str | None


class Authorizations:
    """Codes and the consent behind them."""

    def __init__(
        self,
        store: Store,
        tokens: Tokens,
        families: Families,
        settings: IdentitySettings,
        *,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._tokens = tokens
        self._families = families
        self._settings = settings
        self._now = now

    async def has_consent(self, request: AuthorizeRequest, *, user_id: str, organization_id: str) -> bool:
        """Whether nothing has to be asked: the client is ours, or was let in for as much before."""
        if request.client.first_party:
            return True
        if not request.client.is_confidential and not request.redirect_uri.startswith("https://"):
            return False  # any program may listen there under this client's id (RFC 8252, 8.6)
        async with self._store.read(organization_id) as work:
            known = await repository.find_consent(work, user_id, request.client.id)
            return known is not None and request.scopes <= parse_scope(known.scope)

    async def grant(self, request: AuthorizeRequest, *, user_id: str, organization_id: str, remember: bool) -> str:
        """Give the client a code; where the browser goes with it. `remember`: the person consented just now."""
        code, now = new_token(CODE), self._now()
        async with self._store.begin(organization_id) as work:
            if remember:
                await self._remember(work, request, user_id)
            work.session.add(
                AuthorizationCodeRow(
                    code_hash=hash_token(code),
                    organization_id=organization_id,
                    user_id=user_id,
                    client_id=request.client.id,
                    redirect_uri=request.redirect_uri,
                    scope=format_scope(request.scopes),
                    challenge=request.challenge,
                    expires_at=now + self._settings.code_ttl,
                    used_at=None,
                    family_id=None,
                )
            )
            facts = {"client": request.client.id, "scope": format_scope(request.scopes)}
            audit.record(work, "authorization.granted", actor=user_id, at=now, facts=facts)
        return with_parameters(request.redirect_uri, [("code", code), ("state", request.state)])

    async def exchange(self, client: Client, exchange: CodeExchange) -> TokenPair:
        """The pair for a code. A code that comes twice ends what it gave the first time.

        Raises:
            InvalidInput: `invalid_grant`.
        """
        async with self._store.system("a code tells its tenant") as work:
            issued = await self._take(work, client, exchange)
        if issued is None:
            raise InvalidInput("invalid_grant", "the code is unknown, used, expired or bound to something else")
        return await self._tokens.pair(issued)

    async def connected(self, *, user_id: str, organization_id: str) -> list[tuple[str, tuple[str, ...]]]:
        """Clients that the person let in, with what each may do."""
        async with self._store.read(organization_id) as work:
            rows = await repository.list_consents(work, user_id)
            return [(row.client_id, tuple(row.scope.split())) for row in rows]

    async def disconnect(self, client_id: str, *, user_id: str, organization_id: str) -> None:
        """Take a client's access back: its tokens end, and it must ask again. A strange id changes nothing."""
        if not client_id.isprintable():
            return
        async with self._store.begin(organization_id) as work:
            await repository.delete_consent(work, user_id, client_id)
            await self._families.end_all(work, user_id, reason="disconnected", client_id=client_id)

    async def _take(self, work: UnitOfWork, client: Client, exchange: CodeExchange) -> Issued | None:
        code_hash, now = hash_token(exchange.code), self._now()
        code = await repository.find_code(work, code_hash)
        if code is None or code.client_id != client.id:
            return None
        if code.used_at is not None:
            if code.family_id is not None:
                await self._families.end(work, code.family_id, reason="code_reuse", actor=client.id)
            return None
        fits = exchange.redirect_uri == code.redirect_uri and pkce.proves(exchange.verifier, code.challenge)
        is_closed = (await accounts.get(work, code.user_id)).disabled_at is not None
        if now >= code.expires_at or not fits or is_closed:
            # The right client with a wrong proof has stolen the code or is broken: nobody gets a second try.
            await repository.use_code(work, code_hash, family_id=None, now=now)
            return None
        issued = await self._families.start(
            work,
            user_id=code.user_id,
            organization_id=code.organization_id,
            client_id=client.id,
            scopes=parse_scope(code.scope),
        )
        if not await repository.use_code(work, code_hash, family_id=issued.grant.family_id, now=now):
            raise InvalidInput("invalid_grant", "the code is being used at this moment")  # takes the family back
        return issued

    async def _remember(self, work: UnitOfWork, request: AuthorizeRequest, user_id: str) -> None:
        known = await repository.find_consent(work, user_id, request.client.id)
        scopes = request.scopes | (parse_scope(known.scope) if known else frozenset())
        await repository.put_consent(
            work,
            ClientConsentRow(
                organization_id=work.organization_id,
                user_id=user_id,
                client_id=request.client.id,
                scope=format_scope(scopes),
                granted_at=self._now(),
            ),
        )
