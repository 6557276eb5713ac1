"""The desk's pages over real domains: a person's and a business's, with a carrier in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.accounts import Account
from tests.fakes.answering import BusinessRig, open_business_line
from tests.fakes.business import Business
from tests.fakes.calls import CALLER_ID, PUBLIC_URL
from tests.fakes.dashboard import Tab, dashboard
from tests.fakes.inbound import InboundRig, open_inbound
from tests.web.dashboard.calls.rig import call_surface
from voice_engine.blobs.signing import KEY_BYTES, MediaUrls
from voice_engine.domains.inbound.rules import count_for_number, unbind_number
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.numbers.assembly import NumbersDomain, build_numbers
from voice_engine.domains.numbers.business import BusinessNumbers
from voice_engine.domains.numbers.settings import NumberSettings
from voice_engine.domains.privacy.files import CallFiles
from voice_engine.domains.privacy.service import Privacy
from voice_engine.domains.usage.plans import PlanType
from voice_engine.rest.api.calls.surface import BusinessCallSurface
from voice_engine.rest.v1.inbound.streams import EventStreams
from voice_engine.rest.v1.inbound.surface import InboundSurface
from voice_engine.store.engine import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """An organization's calls and numbers, and who looks at them."""

    rig: InboundRig
    who: Account | Business
    numbers: NumbersDomain
    root: Path

    @property
    def store(self) -> Store:
        """The database."""
        return self.rig.store

    @asynccontextmanager
    async def tab(self, who: Account | Business | None = None) -> AsyncIterator[Tab]:
        """A browser tab of theirs, or of somebody else's."""
        rig = self.rig
        inbound = InboundSurface(
            domain=rig.domain,
            contacts=rig.contacts,
            imports=rig.imports,
            streams=EventStreams(rig.store, rig.domain.log, rig.calls.bus, rig.domain.settings),
            links=MediaUrls({"k1": b"k" * KEY_BYTES}, current="k1", now=rig.calls.clock),
            public_url=PUBLIC_URL,
        )
        placed: dict[str, Any] = {}
        if isinstance(rig, BusinessRig):
            placed["calls"] = BusinessCallSurface(
                outbound=rig.outbound, blobs=rig.calls.blobs, mint=str, media_url="wss://x"
            )
        files = CallFiles(calls=self.root / "calls", journal=self.root / "journal")
        async with dashboard(
            rig.store,
            who or self.who,
            extras={"desk": Privacy(rig.store, rig.calls.blobs, files, now=rig.calls.clock)},
            now=rig.calls.clock,
            services={"inbound": inbound, "numbers": self.numbers, "calls": call_surface(rig.calls)},
            numbers=BusinessNumbers(rig.store, self.numbers.purchases, self.numbers.stock),
            **placed,
        ) as tab:
            yield tab


def desk_of(rig: InboundRig, who: Account | Business, root: Path) -> Desk:
    """The pages over a rig; every plan has room for one number."""
    numbers = build_numbers(
        rig.store,
        rig.calls.telephony,
        rig.calls.usage,
        NumberSettings(
            public_url=PUBLIC_URL, common_caller_id=CALLER_ID, numbers_by_plan=dict.fromkeys(PlanType, 1)
        ),
        now=rig.calls.clock,
        unbind=(unbind_number,),
        count_rules=count_for_number,
    )
    return Desk(rig=rig, who=who, numbers=numbers, root=root)


@pytest.fixture
async def desk(store: Store, tmp_path: Path) -> Desk:
    """A person without a number."""
    rig = await open_inbound(store, tmp_path)
    return desk_of(rig, rig.account, tmp_path)


@pytest.fixture
async def line(desk: Desk) -> Desk:
    """A person with a number."""
    await desk.rig.add_number(provider_sid="PN1")
    return desk


@pytest.fixture
async def office(store: Store, tmp_path: Path) -> Desk:
    """A business on the largest plan, with an assistant and no number."""
    rig = await open_business_line(store, tmp_path, number=None)
    return desk_of(rig, rig.business, tmp_path)


@pytest.fixture
async def small_office(store: Store, tmp_path: Path) -> Desk:
    """A business on the smallest plan, with an assistant and a number."""
    rig = await open_business_line(store, tmp_path, Tier.FREE)
    return desk_of(rig, rig.business, tmp_path)
