"""The operations on inbound calls, with two people and the scopes that tokens can have."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp

from tests.fakes.accounts import Account, add_account
from tests.fakes.api import ApiClient, api_client
from tests.fakes.calls import PUBLIC_URL
from tests.fakes.inbound import InboundRig, open_inbound
from tests.fakes.principals import KnownTokens, principal
from voice_engine.blobs.signing import KEY_BYTES, MediaUrls
from voice_engine.domains.inbound.settings import InboundSettings
from voice_engine.rest.limits import RateLimits
from voice_engine.rest.security import Principal
from voice_engine.rest.services import Services
from voice_engine.rest.v1.app import build_v1
from voice_engine.rest.v1.inbound.streams import EventStreams
from voice_engine.rest.v1.inbound.surface import InboundSurface
from voice_engine.store.engine import Store

SCOPES = ("calls:read", "calls:write", "transcripts:read", "recordings:read")
NOBODYS = "5f0c1d7e-9f7f-4d0a-8f0e-2a4c4b1f9e11"
"""An id of nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """The rig behind the wire: `api` speaks as Ada, `other` as Bob."""

    rig: InboundRig
    app: ASGIApp
    api: ApiClient
    other: ApiClient
    bob: Account

    def all_but(self, scope: str) -> str:
        """Ada's token with every scope but this one."""
        return f"no_{scope.replace(':', '_')}"

    def streams(self, **settings: float) -> EventStreams:
        """Followers with settings of their own."""
        stated = InboundSettings(**settings)  # type: ignore[arg-type]  # numbers by name
        return EventStreams(self.rig.store, self.rig.domain.log, self.rig.calls.bus, stated)


def services(rig: InboundRig, tokens: KnownTokens) -> Services:
    """The application's services over the rig."""
    links = MediaUrls({"k1": b"k" * KEY_BYTES}, current="k1", now=rig.calls.clock)
    return Services(
        store=rig.store,
        authenticator=tokens,
        limits=RateLimits(user_per_minute=10_000, address_per_minute=10_000),
        now=rig.calls.clock,
        inbound=InboundSurface(
            domain=rig.domain,
            contacts=rig.contacts,
            imports=rig.imports,
            streams=EventStreams(rig.store, rig.domain.log, rig.calls.bus, rig.domain.settings),
            links=links,
            public_url=PUBLIC_URL,
        ),
    )


def _as(who: Account, name: str, *scopes: str) -> Principal:
    return principal(name, *scopes, user_id=who.user_id, organization_id=who.organization_id)


@pytest.fixture
async def surface(store: Store, tmp_path: Path) -> AsyncIterator[Surface]:
    """Two accounts; one has a number. Orders are waited for as long as a loaded machine may need."""
    async with _open(store, tmp_path, order_wait_s=20.0, takeover_wait_s=20.0, transfer_wait_s=20.0) as opened:
        yield opened


@pytest.fixture
async def impatient(store: Store, tmp_path: Path) -> AsyncIterator[Surface]:
    """The same, for orders that nobody takes."""
    async with _open(store, tmp_path, order_wait_s=0.05, takeover_wait_s=0.05, transfer_wait_s=0.05) as opened:
        yield opened


@asynccontextmanager
async def _open(store: Store, root: Path, **settings: Any) -> AsyncIterator[Surface]:
    rig = await open_inbound(store, root, streams_per_user=2, **settings)
    await rig.add_number()
    bob = await add_account(store, "Bob")
    known = KnownTokens(ada=_as(rig.account, "ada", *SCOPES), bob=_as(bob, "bob", *SCOPES))
    for scope in SCOPES:
        others = [other for other in SCOPES if other != scope]
        known.known[f"no_{scope.replace(':', '_')}"] = _as(rig.account, scope, *others)
    app = build_v1(services(rig, known))
    async with api_client(app, "ada") as api:
        yield Surface(rig=rig, app=app, api=api, other=api.acting_as("bob"), bob=bob)
