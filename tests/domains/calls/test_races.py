"""Two at once: one winner, one dial, one charge. On PostgreSQL these are real transactions in each other's way."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.fakes.calls import CallsRig, open_calls, report
from voice_engine.domains.calls import words
from voice_engine.domains.calls.models import Call, CallAttempt
from voice_engine.domains.usage.models import CreditEntry, EntryKind
from voice_engine.errors import Conflict
from voice_engine.ports.telephony import CallStatus
from voice_engine.store.engine import Store
from voice_engine.store.outbox import OutboxRow

RACES = 200
AT_ONCE = 8


async def _cancel(rig: CallsRig, call: Call) -> bool:
    try:
        async with rig.store.begin(call.organization_id) as work:
            await rig.service.cancel(work, call.id)
    except Conflict as refused:
        assert refused.code == "call_not_cancellable"
        return False
    return True


async def _race(rig: CallsRig, call: Call, row: OutboxRow, *, dial_first: bool) -> tuple[bool, bool]:
    """Cancel a call and dial it at the same moment; whether either was done."""
    cancelled: list[bool] = []

    async def cancel() -> None:
        cancelled.append(await _cancel(rig, call))

    racers = [cancel(), rig.run_job(row, attempt=1)]
    async with asyncio.TaskGroup() as both:
        for racer in reversed(racers) if dial_first else racers:
            both.create_task(racer)
    over = await rig.call(call.id)
    assert (over.status == "cancelled") == cancelled[0]
    return cancelled[0], over.attempts == 1


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_200_races_of_cancel_against_dial_have_one_winner_each(store: Store, tmp_path: Path) -> None:
    """Never both, never neither; no order leaves after a cancel, and every hold of a cancelled call is let go."""
    rig = await open_calls(store, tmp_path, lines=1000, lines_per_organization=1000)
    await rig.grant(1000)
    made = [await rig.ask() for _ in range(RACES)]
    rows = {row.payload["call_id"]: row for row in await rig.jobs.waiting(words.DIAL)}
    turns = asyncio.Semaphore(AT_ONCE)
    outcomes: list[tuple[bool, bool]] = []

    async def race(index: int, call: Call) -> None:
        async with turns:
            outcomes.append(await _race(rig, call, rows[call.id], dial_first=index % 2 == 0))

    async with asyncio.TaskGroup() as all_of_them:
        for index, call in enumerate(made):
            all_of_them.create_task(race(index, call))

    cancelled = sum(won for won, _ in outcomes)
    dialled = sum(dial for _, dial in outcomes)
    assert len(outcomes) == RACES
    assert cancelled > 0
    assert dialled > 0
    assert cancelled + dialled == RACES
    assert len(rig.telephony.orders) == dialled
    assert await rig.balance() == ("0.00", f"{dialled * 2.5:.2f}")


async def test_a_call_that_everybody_ends_at_once_is_billed_once(rig: CallsRig) -> None:
    """The report, three callbacks and a stop, all at the same moment."""
    call, dial = await rig.answered()

    async def stop() -> None:
        try:
            async with rig.store.begin(call.organization_id) as work:
                await rig.service.stop(work, call.id, requested_by=rig.account.user_id)
        except Conflict as refused:
            assert refused.code == "call_not_active"

    async with asyncio.TaskGroup() as everybody:
        everybody.create_task(rig.lifecycle.finish(call.id, report(call.id), None))
        everybody.create_task(rig.lifecycle.finish(call.id, report(call.id, seconds=300, credits="1.5"), None))
        for sequence in range(3):
            everybody.create_task(rig.says(dial, CallStatus.COMPLETED, sequence=sequence))
        everybody.create_task(stop())

    over = await rig.call(call.id)
    assert over.ended_at is not None
    assert await _charges(rig) == [over.credits_used]
    assert (await rig.balance())[1] == "0.00"


async def test_dials_at_once_do_not_take_the_last_line_twice(store: Store, tmp_path: Path) -> None:
    """Twelve jobs, three lines."""
    rig = await open_calls(store, tmp_path, lines=3)
    made = [await rig.ask() for _ in range(12)]
    rows = [await rig.dial_job(call.id) for call in made]

    async with asyncio.TaskGroup() as workers:
        for row in rows:
            workers.create_task(rig.run_job(row, attempt=1))

    assert len(rig.telephony.orders) == 3
    async with rig.store.system("tests", writes=False) as work:
        assert await work.session.scalar(sa.select(sa.func.count(CallAttempt.id))) == 3


async def _charges(rig: CallsRig) -> list[object]:
    """What was charged, line by line."""
    async with rig.store.system("tests", writes=False) as work:
        captures = sa.select(CreditEntry.credits).where(CreditEntry.kind == EntryKind.CAPTURE)
        return list(await work.session.scalars(captures))
