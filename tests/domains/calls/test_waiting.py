"""Waiting for a call's end: what a client prefers, and who wakes whom."""

import asyncio

import pytest

from tests.fakes.calls import CallsRig, new_call, report
from voice_engine.domains.calls.waiting import read_preference


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        (None, None),
        ("", None),
        ("respond-async", 0.0),
        ("Respond-Async, wait=5", 0.0),
        ("wait=30", 30.0),
        ("return=minimal, wait=30", 30.0),
        ('wait = "7"; foo', 7.0),
        ("wait=-1", None),
        ("wait=1.5", None),
        ("wait=9999999999", None),
        ("handling=lenient", None),
    ],
)
def test_preferences(header: str | None, wait_s: float | None) -> None:
    """RFC 7240: what is not understood is ignored."""
    assert read_preference(header).wait_s == wait_s


async def test_the_end_wakes_who_waits(rig: CallsRig) -> None:
    """By the bus, well before the poll that stands in for a lost wake."""
    call, _ = await rig.answered()

    async with asyncio.timeout(0.9), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(rig.domain.waits.until_over(call, 30.0))
        await asyncio.sleep(0)
        tasks.create_task(rig.lifecycle.finish(call.id, report(call.id), None))

    assert waiting.result().status == "success"


async def test_a_lost_wake_is_made_up_for(rig: CallsRig) -> None:
    """The rows are the truth; who waits looks at them."""
    call, _ = await rig.answered()
    rig.store.announce = None
    await rig.lifecycle.finish(call.id, report(call.id), None)

    async with asyncio.timeout(3):
        over = await rig.domain.waits.until_over(call, 30.0)

    assert over.status == "success"


async def test_waiting_has_an_end(rig: CallsRig) -> None:
    """The call as it stands."""
    call, _ = await rig.answered()

    assert (await rig.domain.waits.until_over(call, 0.05)).status == "in_progress"


async def test_a_scheduled_call_is_not_waited_for(rig: CallsRig) -> None:
    """It may be days away."""
    call = await rig.ask(new_call(scheduled_at="2026-02-20T12:00:00-05:00"))

    async with asyncio.timeout(0.5):
        assert (await rig.domain.waits.until_over(call, 30.0)).status == "scheduled"
