"""The credit resources on a clock, with two people who know nothing of each other."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter

from tests.domains.usage.rig import Rig
from tests.fakes.accounts import add_account
from tests.fakes.api import ApiClient, api_client
from tests.fakes.principals import KnownTokens, principal
from voice_engine.domains.usage.plans import PlanType
from voice_engine.domains.usage.settings import UsageSettings
from voice_engine.rest.limits import RateLimits
from voice_engine.rest.services import Services
from voice_engine.rest.v1.app import build_v1
from voice_engine.rest.v1.credits.routes import router as credits
from voice_engine.rest.v1.stripe.routes import router as stripe
from voice_engine.rest.v1.users.routes import router as users
from voice_engine.store.engine import Store

ROUTERS: tuple[APIRouter, ...] = (credits, users, stripe)
SCOPES = ("credits:read", "subscription:read")
PERIOD_START = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)


class Surface:
    """Ada's client and ledger, and Bob's; `guest` has no token."""

    def __init__(self, http: ApiClient, ada: Rig, bob: Rig) -> None:
        self.ada, self.bob = ada, bob
        self.guest = http
        self.api = http.acting_as("ada")
        self.bobs_api = http.acting_as("bob")
        self.poor = http.acting_as("poor")


@asynccontextmanager
async def open_surface(
    store: Store, *, plan: PlanType = PlanType.PRO, per_minute: int = 1000, more: tuple[APIRouter, ...] = ()
) -> AsyncIterator[Surface]:
    """Both on `plan`; Ada's clock, which moves by hand, is the server's. `poor` has a token with another scope."""
    people = [await add_account(store, name) for name in ("Ada", "Bob")]
    settings = UsageSettings(default_plan=plan)
    ada, bob = (Rig(store, person.organization_id, settings) for person in people)
    ada.now = bob.now = PERIOD_START
    tokens = {
        name: principal(name, *scopes, organization_id=rig.organization_id)
        for name, rig, scopes in (("ada", ada, SCOPES), ("bob", bob, SCOPES), ("poor", ada, ("calls:read",)))
    }
    services = Services(
        store=store,
        authenticator=KnownTokens(**tokens),
        limits=RateLimits(user_per_minute=per_minute, address_per_minute=per_minute, now=lambda: 0.0),
        now=lambda: ada.now,
        usage=ada.usage,
    )
    async with api_client(build_v1(services, routers=(*ROUTERS, *more))) as http:
        yield Surface(http, ada, bob)
