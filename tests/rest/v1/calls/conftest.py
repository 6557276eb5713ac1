"""The operations on calls, with two people and the scopes that tokens can have."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.fakes.accounts import Account, add_account
from tests.fakes.api import ApiClient, api_client
from tests.fakes.calls import PUBLIC_URL, CallsRig, open_calls
from tests.fakes.principals import KnownTokens, principal
from voice_engine.blobs.signing import KEY_BYTES, MediaUrls
from voice_engine.rest.limits import RateLimits
from voice_engine.rest.security import Principal
from voice_engine.rest.services import Services
from voice_engine.rest.v1.app import build_v1
from voice_engine.rest.v1.calls.surface import CallSurface
from voice_engine.store.engine import Store

SCOPES = ("calls:read", "calls:write", "transcripts:read", "recordings:read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """The rig behind the wire: `api` speaks as Ada, `other` as Bob, `gpt` as Ada through a GPT."""

    rig: CallsRig
    api: ApiClient
    other: ApiClient
    gpt: ApiClient


def services(rig: CallsRig, tokens: KnownTokens) -> Services:
    """The application's services over the rig."""
    links = MediaUrls({"k1": b"k" * KEY_BYTES}, current="k1", now=rig.clock)
    return Services(
        store=rig.store,
        authenticator=tokens,
        limits=RateLimits(user_per_minute=10_000, address_per_minute=10_000),
        now=rig.clock,
        calls=CallSurface(
            service=rig.service,
            waits=rig.domain.waits,
            links=links,
            public_url=PUBLIC_URL,
            repeats_itself=lambda client: client == "gpt",
        ),
    )


def _token(who: Account, name: str, *scopes: str, client: str = "test") -> dict[str, Principal]:
    made = principal(name, *scopes, user_id=who.user_id, organization_id=who.organization_id)
    return {name: replace(made, client_id=client)}


@pytest.fixture
async def surface(store: Store, tmp_path: Path) -> AsyncIterator[Surface]:
    """Two accounts; nobody waits for a call's end unless a test says so."""
    rig = await open_calls(store, tmp_path, sync_wait_s=0.0, gpt_wait_s=0.0, stop_wait_s=0.0)
    bob = await add_account(store, "Bob")
    known = KnownTokens(
        **_token(rig.account, "ada", *SCOPES),
        **_token(rig.account, "gpt", *SCOPES, client="gpt"),
        **_token(bob, "bob", *SCOPES),
        **{name: _token(rig.account, name, scope)[name] for scope in SCOPES for name in [scope.replace(":", "_")]},
    )
    async with api_client(build_v1(services(rig, known)), "ada") as api:
        yield Surface(rig=rig, api=api, other=api.acting_as("bob"), gpt=api.acting_as("gpt"))
