"""Accounts and periods: opened once, rolled lazily, granted once."""

import asyncio
import datetime as dt
from decimal import Decimal

import pytest

from tests.domains.usage.rig import START, open_rig
from voice_engine.domains.usage.plans import PlanType
from voice_engine.store.engine import Store

DAY = dt.timedelta(days=1)


def noon(month: int, day: int) -> dt.datetime:
    return dt.datetime(2026, month, day, 12, 0, tzinfo=dt.UTC)


async def test_nothing_is_written_to_look_at_a_running_period(store: Store) -> None:
    rig = await open_rig(store)
    async with store.read(rig.organization_id) as work:
        assert await rig.accounts.find_running(work) is None
    await rig.running()

    async with store.read(rig.organization_id) as work:
        found = await rig.accounts.find_running(work)

    assert found is not None
    assert found.balance.allocated == 200


async def test_a_period_that_is_over_is_not_running(store: Store) -> None:
    rig = await open_rig(store)
    await rig.running()
    rig.now = noon(2, 28)

    async with store.read(rig.organization_id) as work:
        assert await rig.accounts.find_running(work) is None


@pytest.mark.parametrize(
    ("now", "starts_at", "ends_at"),
    [
        (START, START, noon(2, 28)),
        (noon(2, 28) - dt.timedelta(seconds=1), START, noon(2, 28)),
        (noon(2, 28), noon(2, 28), noon(3, 31)),
        (noon(3, 31), noon(3, 31), noon(4, 30)),
        (noon(8, 1), noon(7, 31), noon(8, 31)),
    ],
)
async def test_periods_follow_the_anniversary(
    store: Store, now: dt.datetime, starts_at: dt.datetime, ends_at: dt.datetime
) -> None:
    rig = await open_rig(store)
    await rig.running()
    rig.now = now

    running = await rig.running()

    assert (running.cycle.starts_at, running.cycle.ends_at) == (starts_at, ends_at)
    assert running.balance.allocated == 200


async def test_parallel_looks_open_one_account_and_grant_once(store: Store) -> None:
    rig = await open_rig(store)

    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(rig.running())
    rig.now = noon(2, 28)
    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(rig.running())

    assert [entry.kind for entry in await rig.entries()] == ["plan_grant", "plan_grant"]


async def test_a_new_plan_begins_a_full_period_now(store: Store) -> None:
    rig = await open_rig(store)
    await rig.running()
    rig.now = noon(2, 13)

    await rig.start(PlanType.PRO)

    running = await rig.running()
    assert (running.cycle.starts_at, running.cycle.ends_at) == (noon(2, 13), noon(3, 13))
    assert running.balance.allocated == 600


async def test_a_new_plan_in_the_same_instant_is_no_clash(store: Store) -> None:
    rig = await open_rig(store)

    await rig.start(PlanType.PRO)
    await rig.start(PlanType.POWER)

    assert (await rig.running()).balance.allocated == 1500


async def test_a_pending_change_takes_effect_at_the_periods_end_once(store: Store) -> None:
    rig = await open_rig(store, plan=PlanType.PRO)
    running = await rig.running()
    async with rig.unit() as work:
        account = (await rig.accounts.running(work)).account
        account.pending_plan, account.pending_at = PlanType.STARTER, running.account.period_end

    rig.now = running.account.period_end - DAY
    before = await rig.running()
    rig.now = running.account.period_end
    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(rig.running())

    after = await rig.running()
    assert (before.plan.type, after.plan.type) == (PlanType.PRO, PlanType.STARTER)
    assert after.balance.allocated == 200
    assert after.account.pending_plan is None
    assert len(await rig.entries()) == 2


async def test_a_trial_ends_after_a_week_and_brings_nothing_more(store: Store) -> None:
    rig = await open_rig(store, plan=PlanType.TRIAL)
    first = await rig.running()
    first_status, rig.now = first.account.status, START + 7 * DAY

    ended = await rig.running()

    assert (first_status, first.balance.allocated) == ("trialing", Decimal(30))
    assert (ended.account.status, ended.balance.allocated) == ("expired", Decimal(0))
    assert ended.cycle.starts_at == START + 7 * DAY


async def test_a_cancellation_takes_effect_at_the_periods_end(store: Store) -> None:
    rig = await open_rig(store)
    async with rig.unit() as work:
        account = (await rig.accounts.running(work)).account
        account.cancelled_at, account.effective_at = rig.now, account.period_end
    assert (await rig.running()).balance.allocated == 200

    rig.now = noon(2, 28)

    running = await rig.running()
    assert (running.account.status, running.balance.allocated) == ("canceled", Decimal(0))


async def test_the_operators_own_allotment_replaces_the_plans(store: Store) -> None:
    rig = await open_rig(store, plan=PlanType.BUSINESS, credits="100000")

    assert (await rig.running()).balance.allocated == Decimal(100_000)
