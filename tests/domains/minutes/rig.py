"""A business's minutes on a clock that tests move."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa

from tests.fakes.accounts import NOW
from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.states import CallState, EndedReason, Product
from voice_engine.domains.minutes.models import UsageEvent
from voice_engine.domains.minutes.organizations import BusinessAdministration, BusinessView, Change
from voice_engine.domains.minutes.service import CallHold, Measured, MinutesService
from voice_engine.domains.minutes.terms import CycleState
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork


class MinutesRig:
    """One business's ledger. `now` moves by hand."""

    def __init__(self, store: Store, organization_id: str, *, now: dt.datetime = NOW) -> None:
        self.store = store
        self.organization_id = organization_id
        self.now = now
        self.service = MinutesService(self.clock)
        self.administration = BusinessAdministration(self.service.accounts)

    def clock(self) -> dt.datetime:
        """The wall clock."""
        return self.now

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[UnitOfWork]:
        """A writing unit of work of the business."""
        async with self.store.begin(self.organization_id) as work:
            yield work

    async def reserve(self, call_id: str) -> CallHold:
        """Hold for a call."""
        async with self.unit() as work:
            return await self.service.reserve_call(work, call_id)

    async def settle(self, call_id: str, seconds: float, *, started_at: dt.datetime | None = None) -> Measured:
        """Measure a call that began now, or then."""
        async with self.unit() as work:
            return await self.service.settle_call(work, call_id, seconds, started_at=started_at or self.now)

    async def release(self, call_id: str) -> None:
        """Let a hold go."""
        async with self.unit() as work:
            await self.service.release_call(work, call_id)

    async def talk(self, *, seconds: float, started_at: dt.datetime | None = None) -> Measured:
        """A call that was held and measured."""
        call_id = new_id()
        await self.reserve(call_id)
        return await self.settle(call_id, seconds, started_at=started_at)

    async def set_overage(self, enabled: bool) -> None:
        """The business's own switch."""
        async with self.unit() as work:
            await self.service.set_overage(work, enabled=enabled)

    async def change(self, **given: object) -> BusinessView:
        """What an administrator sets."""
        change = Change(given=frozenset(given), **given)  # type: ignore[arg-type]  # the fields by their names
        async with self.unit() as work:
            return await self.administration.change(work, self.organization_id, change, actor="tests")

    async def cycle(self) -> CycleState:
        """The running cycle."""
        async with self.store.read(self.organization_id) as work:
            return (await self.service.read(work)).cycle

    async def unbilled(self) -> int:
        """Seconds of overage on no bill."""
        async with self.store.read(self.organization_id) as work:
            return (await self.service.read_bills(work)).overage.unbilled

    async def lines(self) -> list[UsageEvent]:
        """The ledger, oldest call first."""
        async with self.store.read(self.organization_id) as work:
            newest = sa.select(UsageEvent).order_by(UsageEvent.occurred_at, UsageEvent.source_id)
            return list(await work.session.scalars(newest))

    async def add_call(self, *, seconds: int, at: dt.datetime) -> str:
        """A call that came in then and is over; its row only."""
        call = Call(
            id=new_id(),
            product=Product.EPOCH,
            direction="inbound",
            from_number="+15559876543",
            to_number="+15551234567",
            status=CallState.COMPLETED,
            ended_reason=EndedReason.COMPLETED,
            created_at=at,
            started_at=at,
            answered_at=at,
            ended_at=at + dt.timedelta(seconds=seconds),
            duration_ms=seconds * 1000,
            timezone="America/New_York",
            language="en",
            app_language="en",
            max_seconds=900,
            summary="Asked for a cleaning on Tuesday.",
        )
        async with self.unit() as work:
            work.session.add(call)
        return call.id

    async def add_assistant(self, *, name: str) -> Assistant:
        """The primary assistant."""
        assistant = Assistant(
            id=new_id(), engine_id=new_id(), name=name, voice_id="v", voice_name="V", created_at=self.now
        )
        async with self.unit() as work:
            work.session.add(assistant)
            await work.session.flush()
            mine = sa.update(Organization).where(Organization.id == self.organization_id)
            await work.session.execute(mine.values(primary_assistant_id=assistant.id))
        return assistant
