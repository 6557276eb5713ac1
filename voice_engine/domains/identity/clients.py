"""The programs that may ask for tokens: built-in ones and those that the operator's configuration registers."""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from voice_engine.domains.identity.redirects import check_registration
from voice_engine.domains.identity.scopes import ALL_SCOPES, parse_scope
from voice_engine.errors import InvalidInput, NotAllowed

CLI_CLIENT = "cli"
"""The command line's sign-in, which gets tokens by its localhost redirect only."""
APP_CLIENT = "app"
"""Sign-in with an issuer's id_token (Google's and Apple's SDKs)."""
WEB_CLIENT = "web"
"""The built-in pages and the dashboard, by cookie."""
GPT_CLIENT = "gpt"
"""The published GPT; it gets a secret and redirect URIs by configuration."""

GPT_SCOPES = "calls:read calls:write transcripts:read coordination:read coordination:write credits:read search:read"

LEAST_SECRET = 16
"""Characters of a client secret; shorter ones can be guessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A registered program.

    `secret_hash` None: a public client, which must use PKCE. `first_party` ones are ours: no consent is asked.
    `derives_idempotency`: its POSTs are deduplicated by their body when they carry no key (GPT clients retry).
    """

    id: str
    name: str
    redirect_uris: frozenset[str] = frozenset()
    scopes: frozenset[str] = ALL_SCOPES
    secret_hash: bytes | None = field(default=None, repr=False)
    first_party: bool = False
    derives_idempotency: bool = False
    may_authorize: bool = True

    @property
    def is_confidential(self) -> bool:
        """Whether the client can keep a secret, and must show it."""
        return self.secret_hash is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A client as the configuration gives it. `scope` is space-separated; None asks for all."""

    id: str
    name: str
    redirect_uris: tuple[str, ...]
    secret: str | None = field(default=None, repr=False)
    scope: str | None = None
    first_party: bool = False
    gpt: bool = False


def hash_secret(secret: str) -> bytes:
    """Client secrets are compared by hash: equal length whatever is sent, and no clear text in memory dumps."""
    return hashlib.sha256(secret.encode()).digest()


class Clients:
    """Every client of this server, by id."""

    def __init__(self, clients: Iterable[Client]) -> None:
        self._clients: Mapping[str, Client] = {client.id: client for client in clients}

    def find(self, client_id: str) -> Client | None:
        """The client, or None."""
        return self._clients.get(client_id)

    def authenticate(self, client_id: str, secret: str | None) -> Client:
        """The client that proves to be itself; a public one proves nothing and must send no secret.

        Takes as long for an unknown client as for a wrong secret.

        Raises:
            NotAllowed: `invalid_client`.
        """
        client = self._clients.get(client_id)
        expected = client.secret_hash if client else None
        given = hash_secret(secret or "")
        matches = hmac.compare_digest(given, expected if expected is not None else hash_secret("nobody's"))
        if client is None or not client.may_authorize:
            raise _invalid_client()
        if client.is_confidential != (secret is not None) or (client.is_confidential and not matches):
            raise _invalid_client()
        return client


def _invalid_client() -> NotAllowed:
    return NotAllowed("invalid_client", "the client is unknown or its secret is wrong")


def build_clients(registrations: Iterable[Registration] = ()) -> Clients:
    """The built-in clients and the registered ones. A registration of id `gpt` completes the built-in one.

    Raises:
        InvalidInput: `client_invalid`, `client_redirect_uri_invalid`, `invalid_scope`.
    """
    clients = {client.id: client for client in _seeds()}
    for registration in registrations:
        known = clients.get(registration.id)
        if known is not None and known.id != GPT_CLIENT:
            raise InvalidInput("client_invalid", f"client {registration.id!r} is registered twice or is built in")
        clients[registration.id] = _client(registration, known)
    return Clients(clients.values())


def _seeds() -> list[Client]:
    return [
        Client(id=CLI_CLIENT, name="Command line", first_party=True, may_authorize=False),
        Client(id=APP_CLIENT, name="Mobile app", first_party=True, may_authorize=False),
        Client(id=WEB_CLIENT, name="Web", first_party=True, may_authorize=False),
        Client(id=GPT_CLIENT, name="ChatGPT", scopes=parse_scope(GPT_SCOPES), derives_idempotency=True),
    ]


def _client(registration: Registration, built_in: Client | None) -> Client:
    if not registration.id.isascii() or not registration.id or not registration.redirect_uris:
        raise InvalidInput("client_invalid", "a client needs an id of plain characters and a redirect URI")
    if registration.secret is not None and len(registration.secret) < LEAST_SECRET:
        raise InvalidInput(
            "client_invalid", f"the secret of client {registration.id!r} needs {LEAST_SECRET} characters or more"
        )
    default = built_in.scopes if built_in else ALL_SCOPES
    return Client(
        id=registration.id,
        name=registration.name,
        redirect_uris=frozenset(check_registration(uri) for uri in registration.redirect_uris),
        scopes=default if registration.scope is None else parse_scope(registration.scope),
        secret_hash=None if registration.secret is None else hash_secret(registration.secret),
        first_party=registration.first_party,
        derives_idempotency=registration.gpt or built_in is not None,
    )
