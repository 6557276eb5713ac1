"""Accounts and cycles: opened once, counted from an anchor, begun when somebody writes."""

import asyncio
import datetime as dt

import pytest
import sqlalchemy as sa

from tests.domains.minutes.rig import MinutesRig
from tests.fakes.accounts import NOW
from voice_engine.domains.accounts.models import Organization, OrganizationKind
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.minutes.service import MinutesService
from voice_engine.domains.usage.models import BillingAccount, Product, SubscriptionState, UsageCycle
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id


def day(month: int, date: int, *, year: int = 2026) -> dt.datetime:
    return dt.datetime(year, month, date, tzinfo=dt.UTC)


REGISTERED = day(1, 31) + dt.timedelta(hours=17, minutes=3)
"""A day that most months lack."""


@pytest.fixture
async def rig(store: Store) -> MinutesRig:
    return await registered(store)


async def registered(store: Store, *, plan: Tier | None = None) -> MinutesRig:
    """A business whose account was opened as registration does it: in a unit of the system."""
    organization = Organization(id=new_id(), kind=OrganizationKind.BUSINESS, name="Acme", created_at=REGISTERED)
    rig = MinutesRig(store, organization.id, now=REGISTERED)
    async with store.system("tests") as work:
        work.session.add(organization)
        await work.session.flush()
        await rig.service.open_account(work, organization.id, plan=plan)
    return rig


async def cycles(rig: MinutesRig) -> list[UsageCycle]:
    async with rig.store.read(rig.organization_id) as work:
        return list(await work.session.scalars(sa.select(UsageCycle).order_by(UsageCycle.starts_at)))


async def account_of(rig: MinutesRig) -> BillingAccount:
    async with rig.store.read(rig.organization_id) as work:
        return (await work.session.scalars(sa.select(BillingAccount))).one()


async def test_registration_opens_the_account_and_its_first_cycle(rig: MinutesRig) -> None:
    account, (first,) = await account_of(rig), await cycles(rig)

    assert (account.product, account.plan, account.status) == (Product.EPOCH, Tier.FREE, SubscriptionState.NONE)
    assert (first.starts_at, first.ends_at, first.included_seconds) == (day(1, 31), day(2, 28), 600)


async def test_an_account_is_opened_once(rig: MinutesRig, store: Store) -> None:
    async with store.system("tests") as work:
        again = await rig.service.open_account(work, rig.organization_id, plan=Tier.PRO)

    assert again.plan == Tier.FREE
    assert len(await cycles(rig)) == 1


async def test_a_plan_to_begin_with(store: Store) -> None:
    rig = await registered(store, plan=Tier.PRO)

    assert (await cycles(rig))[0].included_seconds == 30_000
    assert (await account_of(rig)).status == SubscriptionState.ACTIVE


@pytest.mark.parametrize(
    ("now", "starts_at", "ends_at"),
    [
        (REGISTERED, day(1, 31), day(2, 28)),
        (day(2, 28) - dt.timedelta(microseconds=1), day(1, 31), day(2, 28)),
        (day(2, 28), day(2, 28), day(3, 31)),
        (day(3, 31), day(3, 31), day(4, 30)),
        (day(8, 1), day(7, 31), day(8, 31)),
        (day(2, 29, year=2028), day(2, 29, year=2028), day(3, 31, year=2028)),
    ],
)
@pytest.mark.parametrize("written", [True, False])
async def test_cycles_follow_the_anchor_begun_or_not(
    rig: MinutesRig, now: dt.datetime, starts_at: dt.datetime, ends_at: dt.datetime, written: bool
) -> None:
    rig.now = now
    if written:
        await rig.reserve(new_id())

    cycle = await rig.cycle()

    assert (cycle.starts_at, cycle.ends_at, cycle.limit) == (starts_at, ends_at, 600)


async def test_reading_writes_nothing(rig: MinutesRig) -> None:
    rig.now = day(5, 5)
    await rig.cycle()
    await rig.unbilled()

    assert len(await cycles(rig)) == 1


async def test_a_cycle_that_ended_is_closed_by_the_next(rig: MinutesRig) -> None:
    """Months in which nobody wrote have no row."""
    rig.now = day(5, 5)
    await rig.talk(seconds=60)

    first, second = await cycles(rig)
    account = await account_of(rig)
    assert (first.closed_at, second.closed_at) == (rig.now, None)
    assert (account.period_start, account.period_end) == (second.starts_at, second.ends_at)


async def test_parallel_writers_begin_one_cycle(rig: MinutesRig) -> None:
    rig.now = day(3, 5)

    async with asyncio.TaskGroup() as group:
        for _ in range(6):
            group.create_task(rig.settle(new_id(), 10))

    assert len(await cycles(rig)) == 2
    assert (await rig.cycle()).used == 60


async def test_parallel_registrations_open_one_account(store: Store) -> None:
    """A business whose account is missing gets one from whoever needs it first."""
    organization = Organization(id=new_id(), kind=OrganizationKind.BUSINESS, name="Acme", created_at=NOW)
    async with store.system("tests") as work:
        work.session.add(organization)
    rig = MinutesRig(store, organization.id)

    async with asyncio.TaskGroup() as group:
        for _ in range(6):
            group.create_task(rig.settle(new_id(), 10))

    assert (await account_of(rig)).plan == Tier.FREE
    assert (await rig.cycle()).used == 60


async def test_the_default_plan_is_the_operators(store: Store) -> None:
    organization = Organization(id=new_id(), kind=OrganizationKind.BUSINESS, name="Acme", created_at=NOW)
    async with store.system("tests") as work:
        work.session.add(organization)
    rig = MinutesRig(store, organization.id)
    rig.service = MinutesService(rig.clock, default=Tier.ENTERPRISE)

    assert (await rig.cycle()).limit == 120_000
    await rig.talk(seconds=10)
    assert (await account_of(rig)).plan == Tier.ENTERPRISE


async def test_a_smaller_plan_begins_with_its_cycle(store: Store) -> None:
    rig = await registered(store, plan=Tier.PRO)
    async with rig.unit() as work:
        account = await rig.service.accounts.locked(work)
        account.pending_plan, account.pending_at = Tier.STARTER, account.period_end

    before = (await rig.cycle()).limit
    rig.now = day(2, 28)
    unwritten = (await rig.cycle()).limit
    await rig.talk(seconds=60)

    account = await account_of(rig)
    assert (before, unwritten, (await rig.cycle()).limit) == (30_000, 6_000, 6_000)
    assert (account.plan, account.pending_plan, account.pending_at) == (Tier.STARTER, None, None)


async def test_a_cancelled_plan_ends_where_it_was_to_end(store: Store) -> None:
    rig = await registered(store, plan=Tier.PRO)
    async with rig.unit() as work:
        account = await rig.service.accounts.locked(work)
        account.cancelled_at, account.effective_at = rig.now, account.period_end

    rig.now = day(2, 28)
    async with rig.store.read(rig.organization_id) as work:
        assert await rig.service.tier_of(work) is Tier.FREE
    await rig.talk(seconds=60)

    account = await account_of(rig)
    assert (account.plan, account.status) == (Tier.FREE, SubscriptionState.CANCELED)
