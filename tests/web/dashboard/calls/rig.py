"""People with calls, at the web app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.fakes.accounts import Account
from tests.fakes.answering import BusinessRig
from tests.fakes.calls import PUBLIC_URL, CallsRig
from tests.fakes.dashboard import Tab, dashboard
from voice_engine.blobs.signing import KEY_BYTES, MediaUrls
from voice_engine.rest.api.calls.surface import BusinessCallSurface
from voice_engine.rest.v1.calls.surface import CallSurface


def call_surface(rig: CallsRig) -> CallSurface:
    """The calls of a rig, as routes reach them."""
    return CallSurface(
        service=rig.service,
        waits=rig.domain.waits,
        links=MediaUrls({"k1": b"k" * KEY_BYTES}, current="k1", now=rig.clock),
        public_url=PUBLIC_URL,
        repeats_itself=lambda _client: False,
    )


@asynccontextmanager
async def person_tab(rig: CallsRig, who: Account | None = None) -> AsyncIterator[Tab]:
    """The tab of somebody with a personal account."""
    services = {"calls": call_surface(rig), "usage": rig.usage}
    async with dashboard(rig.store, who or rig.account, now=rig.clock, services=services) as tab:
        yield tab


@asynccontextmanager
async def business_tab(rig: BusinessRig) -> AsyncIterator[Tab]:
    """The tab of a business's owner."""
    outbound = BusinessCallSurface(outbound=rig.outbound, blobs=rig.calls.blobs, mint=str, media_url="wss://x")
    services = {"calls": call_surface(rig.calls), "usage": rig.calls.usage}
    async with dashboard(
        rig.store, rig.business, now=rig.calls.clock, services=services, calls=outbound, numbers=rig.numbers
    ) as tab:
        yield tab
