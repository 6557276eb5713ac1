"""Minutes are held before a call, counted once after it, and never billed backwards."""

import asyncio
import datetime as dt

import pytest

from tests.domains.minutes.rig import MinutesRig
from tests.fakes.business import add_business
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.minutes.service import LONGEST_CALL_S
from voice_engine.errors import Conflict, InvalidInput, NotFound, QuotaExceeded
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id


@pytest.fixture
async def rig(store: Store) -> MinutesRig:
    """FREE: ten minutes."""
    return await open_rig(store)


async def open_rig(store: Store, tier: Tier = Tier.FREE) -> MinutesRig:
    return MinutesRig(store, (await add_business(store, tier)).organization_id)


async def test_a_call_holds_the_longest_or_what_is_left(store: Store) -> None:
    """Ten minutes are less than the longest call."""
    pro, free = await open_rig(store, Tier.PRO), await open_rig(store)

    assert (await pro.reserve("a")).max_seconds == LONGEST_CALL_S
    assert (await free.reserve("b")).max_seconds == 600


async def test_a_reservation_repeated_is_the_first(rig: MinutesRig) -> None:
    first = await rig.reserve("call")

    assert await rig.reserve("call") == first
    assert (await rig.cycle()).reserved == first.max_seconds


async def test_what_live_calls_hold_is_not_free(rig: MinutesRig) -> None:
    await rig.talk(seconds=100)
    await rig.reserve("live")

    with pytest.raises(QuotaExceeded) as refused:
        await rig.reserve("another")

    assert refused.value.code == "minutes_exhausted"
    assert refused.value.details["minutesUsed"] == 1.67
    assert refused.value.details["minutesReserved"] == 8.33


async def test_what_a_call_did_not_use_is_free_again(rig: MinutesRig) -> None:
    await rig.reserve("live")
    await rig.settle("live", 42.4)

    cycle = await rig.cycle()
    assert (cycle.used, cycle.reserved) == (42, 0)
    assert (await rig.reserve("next")).max_seconds == 558


async def test_the_last_second_can_be_talked(rig: MinutesRig) -> None:
    await rig.talk(seconds=599)

    assert (await rig.reserve("last")).max_seconds == 1
    await rig.settle("last", 1)
    with pytest.raises(QuotaExceeded):
        await rig.reserve("none")


async def test_a_released_hold_costs_nothing_and_stays_released(rig: MinutesRig) -> None:
    await rig.reserve("call")
    await rig.release("call")

    late = await rig.settle("call", 60)

    assert (late.seconds, late.repeated) == (0, True)
    assert await rig.lines() == []
    with pytest.raises(Conflict):
        await rig.reserve("call")


async def test_a_call_is_counted_once_whoever_comes_second(rig: MinutesRig) -> None:
    await rig.reserve("call")

    first = await rig.settle("call", 95.2)
    second = await rig.settle("call", 97)

    assert (first.seconds, first.repeated) == (95, False)
    assert (second.seconds, second.repeated) == (95, True)
    assert [line.seconds for line in await rig.lines()] == [95]


async def test_parallel_words_count_a_call_once(rig: MinutesRig) -> None:
    await rig.reserve("call")

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(rig.settle("call", 95)) for _ in range(8)]

    assert sorted(task.result().repeated for task in tasks) == [False] + [True] * 7
    assert (await rig.cycle()).used == 95


async def test_parallel_calls_never_hold_more_than_there_is(store: Store) -> None:
    rig = await open_rig(store, Tier.STARTER)  # 100 minutes: six calls of fifteen, one of ten

    async def ring() -> int:
        try:
            return (await rig.reserve(new_id())).max_seconds
        except QuotaExceeded:
            return 0

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ring()) for _ in range(9)]

    held = sorted(task.result() for task in tasks)
    assert held == [0, 0, 600, 900, 900, 900, 900, 900, 900]


async def test_a_call_without_a_hold_is_counted_too(rig: MinutesRig) -> None:
    """Another engine held it."""
    assert (await rig.settle("theirs", 30)).billable_seconds == 30


async def test_seconds_past_the_limit_are_kept_and_cost_nothing(rig: MinutesRig) -> None:
    await rig.reserve("call")

    measured = await rig.settle("call", 605)

    assert (measured.seconds, measured.billable_seconds) == (605, 600)
    assert (await rig.cycle()).used == 600
    assert await rig.unbilled() == 0


async def test_overage_lets_calls_go_on_and_is_owed(store: Store) -> None:
    rig = await open_rig(store, Tier.STARTER)
    await rig.set_overage(True)
    await rig.talk(seconds=6_000)

    assert (await rig.reserve("beyond")).max_seconds == LONGEST_CALL_S
    assert (await rig.settle("beyond", 90)).billable_seconds == 90
    assert await rig.unbilled() == 90


async def test_switching_overage_on_bills_nothing_backwards(store: Store) -> None:
    """Neither what was talked before, nor the rest of a call that began before."""
    rig = await open_rig(store, Tier.STARTER)
    await rig.talk(seconds=5_900)
    await rig.reserve("before")
    await rig.set_overage(True)

    measured = await rig.settle("before", 130)

    assert (measured.seconds, measured.billable_seconds) == (130, 100)
    assert await rig.unbilled() == 0


async def test_switching_overage_off_ends_it_for_calls_that_run(store: Store) -> None:
    rig = await open_rig(store, Tier.STARTER)
    await rig.set_overage(True)
    await rig.talk(seconds=5_900)
    await rig.reserve("live")
    await rig.set_overage(False)

    assert (await rig.settle("live", 130)).billable_seconds == 100
    with pytest.raises(QuotaExceeded):
        await rig.reserve("next")


async def test_what_is_owed_stays_owed_when_overage_is_off(store: Store) -> None:
    rig = await open_rig(store, Tier.STARTER)
    await rig.set_overage(True)
    await rig.talk(seconds=6_050)
    await rig.set_overage(False)

    assert await rig.unbilled() == 50


async def test_overage_of_earlier_cycles_is_open_until_it_is_billed(store: Store) -> None:
    rig = await open_rig(store, Tier.STARTER)
    await rig.set_overage(True)
    await rig.talk(seconds=6_050)
    rig.now += dt.timedelta(days=31)
    await rig.talk(seconds=6_010)

    assert ((await rig.cycle()).overage, await rig.unbilled()) == (10, 60)


async def test_a_plan_without_overage_has_no_switch(rig: MinutesRig) -> None:
    with pytest.raises(NotFound) as refused:
        await rig.set_overage(True)

    assert refused.value.code == "no_subscription"


async def test_a_call_belongs_to_the_cycle_it_began_in(store: Store) -> None:
    """However late it is measured; and its own cycle's limit decides what counts."""
    rig = await open_rig(store, Tier.FREE)
    start = rig.now
    await rig.talk(seconds=500)
    await rig.reserve("over midnight")
    rig.now += dt.timedelta(days=31)
    await rig.talk(seconds=60)

    measured = await rig.settle("over midnight", 300, started_at=start + dt.timedelta(minutes=1))

    assert measured.billable_seconds == 100
    assert (await rig.cycle()).used == 60
    rig.now = start
    assert (await rig.cycle()).used == 600


async def test_a_call_that_waited_for_its_cycle_counts_in_it(store: Store) -> None:
    """Held in February, dialled in March."""
    rig = await open_rig(store, Tier.FREE)
    await rig.reserve("scheduled")
    rig.now += dt.timedelta(days=31)

    await rig.settle("scheduled", 30)

    assert (await rig.cycle()).used == 30


async def test_an_upgrade_raises_the_running_limit(rig: MinutesRig) -> None:
    await rig.talk(seconds=600)
    with pytest.raises(QuotaExceeded):
        await rig.reserve("refused")

    await rig.change(plan=Tier.STARTER)

    assert (await rig.cycle()).limit == 6_000
    assert (await rig.reserve("accepted")).max_seconds == LONGEST_CALL_S


async def test_a_lowered_limit_makes_no_overage_of_what_was_talked(store: Store) -> None:
    rig = await open_rig(store, Tier.PRO)
    await rig.talk(seconds=1_000)
    await rig.change(plan=Tier.FREE)
    with pytest.raises(QuotaExceeded):
        await rig.reserve("refused")
    await rig.change(overage_enabled=True, rate_cents=30)

    await rig.talk(seconds=25)

    assert (await rig.cycle()).used == 1_025
    assert await rig.unbilled() == 25


async def test_an_order_of_nothing_is_refused(rig: MinutesRig) -> None:
    with pytest.raises(InvalidInput):
        await rig.change()


async def test_one_business_never_pays_for_another(store: Store) -> None:
    mine, theirs = await open_rig(store), await open_rig(store)
    await theirs.talk(seconds=600)

    assert (await mine.cycle()).used == 0
    assert (await mine.reserve("call")).max_seconds == 600
    assert await mine.lines() == []


async def test_an_administrator_and_the_ends_of_calls_wait_for_each_other(store: Store) -> None:
    """Both need the account and the organization's row, in another order."""
    rig = await open_rig(store, Tier.ENTERPRISE)

    async with asyncio.TaskGroup() as group:
        for rate in range(8):
            group.create_task(rig.change(rate_cents=rate))
            group.create_task(rig.talk(seconds=10))

    assert (await rig.cycle()).used == 80
