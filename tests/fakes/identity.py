"""Identity for tests: real, with a ready key and cheap password hashes, on a clock that the test moves."""

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from joserfc.jwk import RSAKey

from tests.fakes.accounts import NOW, Account
from voice_engine.domains.identity.clients import Registration
from voice_engine.domains.identity.federation import Outside
from voice_engine.domains.identity.keys import generate_key
from voice_engine.domains.identity.scopes import ALL_SCOPES
from voice_engine.domains.identity.service import Identity, build_identity
from voice_engine.domains.identity.settings import IdentitySettings, PasswordCost
from voice_engine.store.engine import Store
from voice_engine.store.secrets import SecretBox

ISSUER = "http://api.test"
CHEAP = PasswordCost(passes=1, memory_kib=64, lanes=1)
PASSWORD = "correct horse battery"
WEB_APP = Registration(id="web-app", name="Web app", redirect_uris=("https://app.example/callback",))
GPT = Registration(
    id="gpt",
    name="ChatGPT",
    redirect_uris=("https://chat.example/oauth/callback",),
    secret="s3cret-of-the-gpt-client",
)


class Clock:
    """The wall clock of a test."""

    def __init__(self, now: dt.datetime = NOW) -> None:
        self.at = now

    def __call__(self) -> dt.datetime:
        return self.at

    def timestamp(self) -> float:
        """Seconds since 1970."""
        return self.at.timestamp()

    def advance(self, **span: float) -> None:
        """Move on: `advance(seconds=11)`."""
        self.at += dt.timedelta(**span)


class Nowhere:
    """No way out: asking another issuer is a fault of the test."""

    async def get_json(self, url: str, *, origin: str) -> Mapping[str, Any]:
        raise AssertionError(f"nothing should be fetched, and {url} is")

    async def post_form(self, url: str, form: Mapping[str, str], *, origin: str) -> tuple[int, Mapping[str, Any]]:
        raise AssertionError(f"nothing should be sent, and {url} is")


@functools.cache
def ready_key() -> RSAKey:
    """One key for all tests of a process: making one takes 0.1 s."""
    return generate_key()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Identity on a database, and the clock that it reads."""

    identity: Identity
    clock: Clock
    store: Store

    async def bearer(self, account: Account, *scopes: str, client_id: str = "cli") -> str:
        """A fresh access token of this account; all scopes when none are named."""
        pair = await self.identity.tokens.start(
            user_id=account.user_id,
            organization_id=account.organization_id,
            client_id=client_id,
            scopes=frozenset(scopes) or ALL_SCOPES,
        )
        return pair.access_token


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What differs from test to test."""

    settings: IdentitySettings = field(
        default_factory=lambda: IdentitySettings(
            issuer=ISSUER, open_sign_up=True, clients=(WEB_APP, GPT), password_cost=CHEAP
        )
    )
    outside: Outside = field(default_factory=Nowhere)
    clock: Clock = field(default_factory=Clock)
    key: bytes = bytes(range(32))

    def but(self, **changes: Any) -> "Setup":
        """The same with other settings."""
        return replace(self, settings=replace(self.settings, **changes))


def open_bench(store: Store, setup: Setup | None = None) -> Bench:
    """Identity over this store. Two benches on one store are two processes."""
    setup = setup or Setup()
    identity = build_identity(
        store=store,
        box=SecretBox(setup.key),
        settings=setup.settings,
        now=setup.clock,
        outside=setup.outside,
        generate=ready_key,
    )
    return Bench(identity=identity, clock=setup.clock, store=store)
