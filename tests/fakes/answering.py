"""A business on the phone: its assistant, its number, its callers, and a signed-in client of both surfaces."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.fakes.accounts import Account
from tests.fakes.api import ApiClient, api_client
from tests.fakes.business import Business, add_business, business_api
from tests.fakes.calls import CALLER_ID, PUBLIC_URL, CallsRig, add_media
from tests.fakes.inbound import OURS, InboundRig
from tests.fakes.principals import KnownTokens, principal
from voice_engine.blobs.signing import KEY_BYTES, MediaUrls
from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.answering.calling import AssistantCalls
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.assistants.service import AssistantService
from voice_engine.domains.calls.settings import CallSettings
from voice_engine.domains.inbound.settings import InboundSettings
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.numbers.assembly import build_numbers
from voice_engine.domains.numbers.business import BusinessNumbers
from voice_engine.domains.numbers.settings import NumberSettings
from voice_engine.domains.prompts.business import BusinessSettings
from voice_engine.domains.prompts.service import PromptService
from voice_engine.domains.usage.settings import UsageSettings
from voice_engine.rest.api.calls.surface import BusinessCallSurface
from voice_engine.rest.limits import RateLimits
from voice_engine.rest.services import Services
from voice_engine.rest.v1.app import build_v1
from voice_engine.rest.v1.calls.surface import CallSurface
from voice_engine.rest.v1.inbound.streams import EventStreams
from voice_engine.rest.v1.inbound.surface import InboundSurface
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id

AUTHOR = "owner"
WORKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
HOURS = {
    **{
        day: {"open": "09:00", "close": "17:00"} for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
    },
    "saturday": {"closed": True},
    "sunday": {"closed": True},
}


class BusinessRig(InboundRig):
    """One business, its calls and its settings, on the inbound rig's carrier and clock."""

    def __init__(self, calls: CallsRig, business: Business) -> None:
        super().__init__(calls, InboundSettings())
        self.business = business
        self.prompts = PromptService(now=calls.clock)
        self.assistants = AssistantService(self.prompts, now=calls.clock)
        self.settings = BusinessSettings(self.prompts, self.assistants)
        domain = calls.domain
        self.outbound = AssistantCalls(domain.service, domain.checks, domain.answering, now=calls.clock)
        numbers = build_numbers(
            calls.store,
            calls.telephony,
            calls.usage,
            NumberSettings(public_url=PUBLIC_URL, common_caller_id=CALLER_ID),
            now=calls.clock,
        )
        self.numbers = BusinessNumbers(calls.store, numbers.purchases, numbers.stock)

    async def add_assistant(self, name: str = "Reception AI", *, plan: Tier = Tier.ENTERPRISE) -> Assistant:
        """Create one; the first is the primary one."""
        async with self.store.begin(self.business.organization_id) as work:
            view = await self.assistants.create(work, f"asst_{new_id()}", name, plan=plan, author=AUTHOR)
        return view.assistant

    async def describe(self, **columns: Any) -> None:
        """Set columns of the organization, as the settings would leave them."""
        async with self.store.begin(self.business.organization_id) as work:
            organization = await work.session.get(Organization, self.business.organization_id)
            assert organization is not None
            for column, value in columns.items():
                setattr(organization, column, value)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[ApiClient]:
        """The owner's browser."""
        surface = BusinessCallSurface(
            outbound=self.outbound,
            blobs=self.calls.blobs,
            mint=lambda identity: f"token of {identity}",
            media_url="wss://voice.example.com/media/browser",
        )
        async with business_api(
            self.store, self.business, now=self.calls.clock, calls=surface, numbers=self.numbers
        ) as client:
            yield client

    @asynccontextmanager
    async def client_of_v1(self, plan: Tier = Tier.ENTERPRISE) -> AsyncIterator[ApiClient]:
        """The same owner's program, with a token of the other surface; identity says that they are on this plan."""
        links = MediaUrls({"k1": b"k" * KEY_BYTES}, current="k1", now=self.calls.clock)
        scopes = ("calls:read", "calls:write", "transcripts:read", "recordings:read")
        owner = principal(
            "owner", *scopes, user_id=self.business.user_id, organization_id=self.business.organization_id
        )
        services = Services(
            store=self.store,
            authenticator=KnownTokens(owner=replace(owner, plan=plan)),
            limits=RateLimits(user_per_minute=10_000, address_per_minute=10_000),
            now=self.calls.clock,
            calls=CallSurface(
                service=self.calls.service,
                waits=self.calls.domain.waits,
                links=links,
                public_url=PUBLIC_URL,
                repeats_itself=lambda _client: False,
            ),
            inbound=InboundSurface(
                domain=self.domain,
                contacts=self.contacts,
                imports=self.imports,
                streams=EventStreams(self.store, self.domain.log, self.calls.bus, self.domain.settings),
                links=links,
                public_url=PUBLIC_URL,
            ),
        )
        async with api_client(build_v1(services), "owner") as client:
            yield client


async def open_business_line(
    store: Store,
    root: Path,
    plan: Tier = Tier.ENTERPRISE,
    *,
    number: str | None = OURS,
    assistant: bool = True,
    **calls: Any,
) -> BusinessRig:
    """A business on this plan, with an assistant and a number unless told otherwise; `calls`: `CallSettings`'."""
    business = await add_business(store, plan)
    account = Account(user_id=business.user_id, organization_id=business.organization_id)
    stated = CallSettings(**{"public_url": PUBLIC_URL, "caller_id": CALLER_ID, **calls})
    await add_media(store)
    rig = BusinessRig(CallsRig(store, account, stated, UsageSettings(), root), business)
    if assistant:
        await rig.add_assistant()
    if number is not None:
        await rig.add_number(number)
    return rig
