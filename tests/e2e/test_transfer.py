"""A transfer over real sockets: the built-in carrier rings the target while the caller hears it ring."""

import asyncio
from pathlib import Path

import pytest

from tests.carrier.lines import tone_mulaw
from tests.e2e.test_takeover import (
    CALLER_HZ,
    COLLEAGUE,
    ENGINE_HZ,
    HUMAN_HZ,
    NOBODY,
    Place,
    place,
)
from tests.fakes.call_rig import clip
from voice_engine.audio import mulaw
from voice_engine.carrier.record import Answer
from voice_engine.ports.call import Disposition

pytestmark = [pytest.mark.slow, pytest.mark.timeout(60)]

RINGBACK_HZ = 440.0
ASKS = "Can I speak to the front desk please?"


async def _taken(one: Place) -> None:
    """The target hears the question and presses 1."""
    await one.until(lambda: one.human.power(ENGINE_HZ, 0.3) > 0.9)
    one.human.keys = "1"
    await asyncio.sleep(0.5)


@pytest.mark.acceptance
async def test_a_caller_who_asks_is_put_through_once_the_target_takes_the_call(tmp_path: Path) -> None:
    """Each hears the other; the target leaves, and the caller's call is over at the carrier too."""
    async with place(tmp_path, ASKS) as one:
        await one.until(lambda: one.caller.power(ENGINE_HZ, 0.5) < 0.1)
        one.caller.say(mulaw.encode_pcm(clip()))
        await one.until(lambda: "transfer.ringing" in one.desk.events)
        await _taken(one)
        one.human.say(tone_mulaw(1_000, HUMAN_HZ))
        one.caller.say(tone_mulaw(1_000, CALLER_HZ))
        await asyncio.sleep(0.9)
        crossed = one.caller.power(HUMAN_HZ, 0.5), one.human.power(CALLER_HZ, 0.5)

        one.human.leaving = True
        book = one.carrier.exchange.book
        await one.until(lambda: one.desk.reports)
        await one.until(lambda: all(call.status.over for call in book.all()))

    (report,) = one.desk.reports
    assert min(crossed) > 0.9
    assert (report.handled_by, report.outcome.disposition) == ("transfer", Disposition.TRANSFERRED)
    assert report.outcome.transferred_to == "front desk"
    assert report.duration_seconds > 3


@pytest.mark.acceptance
async def test_a_target_that_does_not_take_the_call_gives_the_caller_back(tmp_path: Path) -> None:
    """They hear ringback meanwhile, then the engine; another target is busy at once."""
    async with place(tmp_path) as one:
        one.carrier.parts.reach.put(NOBODY, lambda: None, Answer(how="busy"))  # type: ignore[attr-defined]
        async with asyncio.TaskGroup() as tasks:
            ordered = tasks.create_task(one.order("transfer", number=COLLEAGUE))
            await one.until(lambda: one.caller.power(RINGBACK_HZ, 0.3) > 0.3)
            await one.until(lambda: one.human.power(ENGINE_HZ, 0.3) > 0.9)
            one.human.keys = "2"
        await one.until(lambda: one.caller.power(ENGINE_HZ, 0.5) > 0.9)
        book = one.carrier.exchange.book
        await one.until(lambda: sum(not call.status.over for call in book.all()) == 1)

        assert ordered.result() == "declined"
        assert await one.order("transfer", number=NOBODY) == "busy"
        assert one.engine.live == 1


async def test_a_caller_who_leaves_while_it_rings_stops_the_ringing(tmp_path: Path) -> None:
    async with place(tmp_path) as one:
        one.carrier.parts.reach.put(NOBODY, lambda: None, Answer(how="no_answer", after_ms=8_000))  # type: ignore[attr-defined]
        async with asyncio.TaskGroup() as tasks:
            ordered = tasks.create_task(one.order("transfer", number=NOBODY))
            await asyncio.sleep(1.0)
            one.caller.leaving = True
        book = one.carrier.exchange.book
        await one.until(lambda: all(call.status.over for call in book.all()))

    assert ordered.result() == "call_not_active"
    assert one.desk.reports[0].handled_by == "ai"
