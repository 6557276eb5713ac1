"""Minutes once: whoever tells of an end, however often and in whatever order, the ledger is the truth."""

import asyncio
import datetime as dt
import random
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tests.domains.minutes.calls import BusinessCalls, open_business_calls
from tests.fakes.calls import report
from voice_engine.domains.calls.models import Call
from voice_engine.domains.minutes.plans import Tier
from voice_engine.store.engine import Store

OUTBOUND = UNANSWERED = 0.1
TOLD_AGAIN = 0.2
"""Shares of the calls."""
AT_ONCE = 8
"""Words told at the same time."""
LATER = dt.timedelta(minutes=10)
"""By then every process has been silent for long."""

Word = Callable[[], Awaitable[object]]
Truth = list[tuple[Call, int | None]]
"""Calls and how long they were; None: nobody answered."""


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize("count", [20, pytest.param(200, marks=pytest.mark.acceptance)])
async def test_ends_of_calls_in_any_order_and_any_number(store: Store, tmp_path: Path, count: int) -> None:
    """Engine, carrier and reaper tell of all calls at once: shuffled, doubled, some not at all."""
    chance = random.Random(20261122)  # a shuffle
    rig = await open_business_calls(store, tmp_path, plan=Tier.ENTERPRISE)
    await rig.minutes.change(minutes_limit=Decimal(10_000))
    truth = await _begin(rig, chance, count)
    rig.now += LATER

    await _tell([*_words(rig, truth, chance), *[rig.reap] * 3], chance)
    await rig.pass_s(3_600)
    once = await _ledger(rig)
    await _tell([*_words(rig, chance.sample(truth, round(count * TOLD_AGAIN)), chance), rig.reap], chance)
    await rig.pass_s(3_600)

    assert once == {call.id: seconds for call, seconds in truth if seconds is not None}
    assert await _ledger(rig) == once
    cycle = await rig.minutes.cycle()
    assert (cycle.used, cycle.reserved) == (sum(once.values()), 0)
    shown = {call.id: round(((await rig.call(call.id)).duration_ms or 0) / 1000) for call, _ in truth}
    assert shown == {call.id: seconds or 0 for call, seconds in truth}


async def _begin(rig: BusinessCalls, chance: random.Random, count: int) -> Truth:
    """All calls up, and over at the carrier at a length that only we know."""
    outbound, unanswered = round(count * OUTBOUND), round(count * UNANSWERED)
    up = [(await rig.answered())[0] for _ in range(outbound)]
    up += [await rig.talks() for _ in range(count - outbound - unanswered)]
    rung = [await rig.rings() for _ in range(unanswered)]
    truth: Truth = [(call, chance.randint(1, 500)) for call in up]
    for call, seconds in truth:
        assert seconds is not None
        rig.carrier_ends(call, seconds, began=rig.now)
    return [*truth, *[(call, None) for call in rung]]


def _words(rig: BusinessCalls, truth: Truth, chance: random.Random) -> list[Word]:
    """What is told of each call: nothing, or the word of the engine or carrier or both, each up to thrice."""

    def of_engine(call: Call, seconds: float) -> Word:
        return lambda: rig.lifecycle.finish(call.id, report(call.id, seconds=seconds), None)

    def of_carrier(call: Call, seconds: int | None) -> Word:
        return lambda: rig.carrier_says(call, seconds)

    told: list[Word] = []
    for call, seconds in truth:
        if seconds is not None:
            told += [of_engine(call, seconds)] * chance.choice([0, 1, 1, 2, 3])
        told += [of_carrier(call, seconds)] * chance.choice([0, 1, 1, 2, 3])
    return told


async def _tell(told: list[Word], chance: random.Random) -> None:
    waiting = list(told)
    chance.shuffle(waiting)

    async def worker() -> None:
        while waiting:
            await waiting.pop()()

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(worker())


async def _ledger(rig: BusinessCalls) -> dict[str, int]:
    lines = await rig.minutes.lines()
    assert len({line.source_id for line in lines}) == len(lines)
    assert all(line.billable_seconds == line.seconds for line in lines)
    return {line.source_id: line.seconds for line in lines}
