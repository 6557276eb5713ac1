"""A business's calls on the calls' rig: held, answered, and ended by whoever says so first."""

import datetime as dt
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.domains.minutes.rig import MinutesRig
from tests.fakes.accounts import Account
from tests.fakes.business import add_business
from tests.fakes.calls import CALLER_ID, OWNER, PUBLIC_URL, CallsRig, add_media
from voice_engine.domains.calls.callbacks import CarrierReport
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.settings import CallSettings
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.usage.settings import UsageSettings
from voice_engine.ports.telephony import CallStatus
from voice_engine.store.engine import Store


class BusinessCalls(CallsRig):
    """`minutes` reads the ledger; its clock is this one's."""

    minutes: MinutesRig

    async def rings(self) -> Call:
        """A call that comes in, its minutes held; nobody talks yet."""
        call = await self.inbound()
        async with self.store.begin(self.account.organization_id) as work:
            await self.domain.meter.reserve(work, call.id, description="Inbound call")
        return call

    async def talks(self) -> Call:
        """A call that came in and is up."""
        call = await self.rings()
        assert call.provider_sid is not None
        assert await self.lifecycle.answered(call.id, call.provider_sid, self.now, owner=OWNER)
        return await self.call(call.id)

    def carrier_ends(self, call: Call, seconds: int, *, began: dt.datetime) -> None:
        """The carrier's side of a call is over after `seconds`; nobody is told."""
        assert call.provider_sid is not None
        before, self.now = self.now, began + dt.timedelta(seconds=seconds)
        self.telephony.set_status(call.provider_sid, CallStatus.COMPLETED)
        self.now = before

    async def carrier_says(self, call: Call, seconds: int | None, **fields: Any) -> None:
        """The carrier calls back: the call is over."""
        assert call.provider_sid is not None
        report = CarrierReport(
            call_sid=call.provider_sid, status=CallStatus.COMPLETED, call_id=call.id, duration_s=seconds, **fields
        )
        await self.lifecycle.carrier_status(report)

    async def forget_at_carrier(self, call: Call) -> None:
        """The carrier has no such call."""
        async with self.store.begin(call.organization_id) as work:
            gone = sa.update(Call).where(Call.id == call.id).values(provider_sid="CA" + "0" * 32)
            await work.session.execute(gone)

    async def dies(self) -> None:
        """The media process is silent for longer than it may be, and the reaper comes."""
        self.now += dt.timedelta(seconds=60)
        await self.reap()


async def open_business_calls(store: Store, root: Path, *, plan: Tier = Tier.ENTERPRISE) -> BusinessCalls:
    """A rig for one new business, of the plan that calls out."""
    business = await add_business(store, plan)
    await add_media(store)
    account = Account(user_id=business.user_id, organization_id=business.organization_id)
    settings = CallSettings(public_url=PUBLIC_URL, caller_id=CALLER_ID, lines=1_000, lines_per_organization=1_000)
    rig = BusinessCalls(store, account, settings, UsageSettings(), root)
    rig.minutes = MinutesRig(store, business.organization_id, now=rig.now)
    rig.minutes.clock = rig.clock  # type: ignore[method-assign]  # one clock for both
    rig.minutes.service = rig.domain.minutes
    return rig
