"""The operations on numbers with two people who know nothing of each other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.domains.numbers.rig import NumbersRig, open_numbers
from tests.fakes.api import ApiClient, api_client
from tests.fakes.principals import KnownTokens, principal
from voice_engine.domains.usage.plans import PlanType
from voice_engine.rest.limits import RateLimits
from voice_engine.rest.services import Services
from voice_engine.rest.v1.app import build_v1
from voice_engine.rest.v1.phone_numbers.routes import router
from voice_engine.store.engine import Store

SCOPES = ("calls:read", "calls:write")


class Surface:
    """`api` is Ada's client, `bobs_api` Bob's; `guest` has no token, `poor` one with another scope."""

    def __init__(self, http: ApiClient, rig: NumbersRig) -> None:
        self.rig = rig
        self.guest = http
        self.api = http.acting_as("ada")
        self.bobs_api = http.acting_as("bob")
        self.poor = http.acting_as("poor")

    async def provision(self, **body: Any) -> dict[str, Any]:
        """A number of Ada's, as it is answered."""
        response = await self.api.post("/v1/phone-numbers/provision", json={"country": "US", **body})
        assert response.status_code == 201
        answer: dict[str, Any] = response.json()
        return answer


@asynccontextmanager
async def open_surface(store: Store, *, plan: PlanType = PlanType.PRO) -> AsyncIterator[Surface]:
    """Both on `plan`."""
    rig = await open_numbers(store, plan=plan)
    tokens = {
        name: principal(name, *scopes, user_id=who.user_id, organization_id=who.organization_id)
        for name, who, scopes in (
            ("ada", rig.ada, SCOPES),
            ("bob", rig.bob, SCOPES),
            ("poor", rig.ada, ("email:read",)),
        )
    }
    services = Services(
        store=store,
        authenticator=KnownTokens(**tokens),
        limits=RateLimits(user_per_minute=1000, address_per_minute=1000, now=lambda: 0.0),
        now=lambda: rig.now,
        numbers=rig.numbers,
    )
    async with api_client(build_v1(services, routers=(router,))) as http:
        yield Surface(http, rig)
