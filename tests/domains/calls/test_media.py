"""Nobody is rung whom nobody could talk to: dialling goes by the places of the processes that hold calls."""

import asyncio
import datetime as dt
from pathlib import Path

import sqlalchemy as sa

from tests.fakes.calls import OWNER, CallsRig, open_calls, report
from voice_engine.domains.calls.media import Capacity
from voice_engine.domains.calls.models import Call, MediaProcess
from voice_engine.ports.telephony import CallStatus
from voice_engine.store.engine import Store


async def rung(rig: CallsRig, made: list[Call]) -> list[str]:
    """Where these calls stand, sorted, once everything that is due was done."""
    await rig.jobs.run_due()
    return sorted([(await rig.call(call.id)).status for call in made])


async def test_a_call_waits_for_a_place_and_is_dialled_when_there_is_one(rig: CallsRig) -> None:
    """A process that is full would have to hang up on whoever answers."""
    held, _ = await rig.answered()
    await rig.media_says(0, held=1)
    call = await rig.ask()

    full = await rung(rig, [call])
    await rig.reap()
    still = await rung(rig, [call])
    await rig.lifecycle.finish(held.id, report(held.id), None)

    assert full == still == ["queued"]
    assert await rung(rig, [call]) == ["in_progress"]


async def test_a_process_that_gets_room_again_has_the_queue_dialled(rig: CallsRig) -> None:
    """No call ended: the speech models are less busy."""
    await rig.media_says(0)
    made = [await rig.ask() for _ in range(2)]

    busy = await rung(rig, made)
    await rig.media_says(2)

    assert busy == ["queued", "queued"]
    assert await rung(rig, made) == ["in_progress", "in_progress"]


async def test_what_rings_has_its_place_already(rig: CallsRig) -> None:
    """Ten calls asked for at once are ten conversations a moment later."""
    await rig.media_says(2)
    made = [await rig.ask() for _ in range(3)]

    assert await rung(rig, made) == ["in_progress", "in_progress", "queued"]
    await rig.media_says(2)
    assert await rung(rig, made) == ["in_progress", "in_progress", "queued"]

    dials = [await rig.attempt(call.id) for call in made if (await rig.call(call.id)).status == "in_progress"]
    await rig.says(dials[0], CallStatus.BUSY)
    assert await rung(rig, made) == ["busy", "in_progress", "in_progress"]


async def test_calls_that_are_up_count_once_whatever_the_last_beat_said(rig: CallsRig) -> None:
    """Between two beats a dial becomes a call that is held: neither twice nor not at all."""
    await rig.media_says(2)
    held, _ = await rig.answered()
    made = [await rig.ask() for _ in range(2)]

    before = await rung(rig, made)
    await rig.media_says(0, held=2)
    after = await rung(rig, made)
    await rig.lifecycle.finish(held.id, report(held.id), None)

    assert before == after == ["in_progress", "queued"]
    assert await rung(rig, made) == ["in_progress", "in_progress"]


async def test_while_it_drains_nothing_is_dialled_and_the_next_process_dials_everything(rig: CallsRig) -> None:
    """One word of the new process is enough, however many wait."""
    await rig.media_says(0, held=1, draining=True)
    made = [await rig.ask() for _ in range(5)]

    draining = await rung(rig, made)
    await rig.reap()
    reaped = await rung(rig, made)
    await rig.media_says(8, owner="w1-later")

    assert draining == reaped == ["queued"] * 5
    assert await rung(rig, made) == ["in_progress"] * 5


async def test_a_call_that_falls_due_during_a_drain_stays_due(rig: CallsRig) -> None:
    await rig.media_says(0, draining=True)
    call = await rig.ask()

    waiting = await rung(rig, [call])
    rig.now += dt.timedelta(minutes=14)
    await rig.media_says(1, owner="w1-later")

    assert waiting == ["queued"]
    assert await rung(rig, [call]) == ["in_progress"]


async def test_without_a_process_that_was_heard_of_lately_nothing_is_dialled(rig: CallsRig) -> None:
    """None was ever there, or the last one died: whoever answered would hear nothing."""
    async with rig.store.system("tests") as work:
        await work.session.execute(sa.delete(MediaProcess))
    first = await rig.ask()
    never = await rung(rig, [first])
    await rig.media_says(9)
    rig.now += dt.timedelta(seconds=31)
    second = await rig.ask()
    dead = await rung(rig, [second])

    await rig.media_says(9)

    assert (never, dead) == (["queued"], ["queued"])
    assert await rung(rig, [first, second]) == ["in_progress", "in_progress"]


async def test_places_of_several_processes_are_added_up_without_those_that_drain(rig: CallsRig) -> None:
    """The calls of one that drains are its own: they take no place of the others."""
    held, _ = await rig.answered()
    assert held.owner == OWNER
    await rig.media_says(3, held=1, draining=True)
    await rig.media_says(1, owner="w2")
    await rig.media_says(1, owner="w3")

    made = [await rig.ask() for _ in range(3)]

    assert await rung(rig, made) == ["in_progress", "in_progress", "queued"]


async def test_a_process_that_starts_anew_takes_the_place_of_the_one_before(rig: CallsRig) -> None:
    """Killed and restarted within half a minute, it is not two."""
    for owner in ("w9-old", "w9-new"):
        await rig.domain.media.say(owner, "w9", Capacity(places=2, free=2))

    async with rig.store.system("tests", writes=False) as work:
        rows = sa.select(MediaProcess.owner).where(MediaProcess.worker == "w9")
        assert list(await work.session.scalars(rows)) == ["w9-new"]


async def test_a_process_hears_how_many_dials_it_may_have_to_answer(rig: CallsRig) -> None:
    """Its drain waits for them; what is answered, held by another, or over does not ring."""
    counts = [await rig.media_says(9)]
    _, first = await rig.dialled()
    await rig.dialled()
    await rig.inbound()
    counts.append(await rig.media_says(9))
    await rig.says(first, CallStatus.NO_ANSWER)
    counts.append(await rig.media_says(9))
    await rig.answered()
    counts.append(await rig.media_says(9))

    assert counts == [0, 2, 1, 1]


async def test_an_answered_call_without_room_fails_at_once_and_frees_its_hold(rig: CallsRig) -> None:
    """Its owner learns why; nothing is charged, and nobody is rung a second time."""
    call, dial = await rig.dialled()
    before = await rig.balance()
    sid = dial.provider_sid or ""

    ended = await rig.lifecycle.turn_away(call.id, dial.id, sid)
    await rig.says(dial, CallStatus.COMPLETED, duration_s=2)
    await rig.pass_s(3600)

    over = await rig.call(call.id)
    assert ended
    assert (over.status, over.ended_reason, over.ended_at) == ("failed", "engine_failed", call.started_at)
    assert "no room" in over.highlights[0]
    assert over.outcome == {"refused": "no_room"}
    assert before[1] != "0.00"
    assert await rig.balance() == ("0.00", "0.00")
    assert len(rig.telephony.orders) == 1


async def test_only_the_dial_that_was_answered_can_be_turned_away(rig: CallsRig) -> None:
    """A forged or late webhook ends nothing."""
    call, dial = await rig.answered()

    other_sid = await rig.lifecycle.turn_away(call.id, dial.id, "CA" + "9" * 32)
    no_dial = await rig.lifecycle.turn_away(call.id, "nobody", dial.provider_sid or "")
    await rig.lifecycle.finish(call.id, report(call.id), None)
    too_late = await rig.lifecycle.turn_away(call.id, dial.id, dial.provider_sid or "")

    assert (other_sid, no_dial, too_late) == (False, False, False)
    assert (await rig.call(call.id)).status == "success"


async def test_dials_at_once_do_not_take_the_last_place_twice(store: Store, tmp_path: Path) -> None:
    """Twelve jobs, three places."""
    rig = await open_calls(store, tmp_path)
    await rig.media_says(3)
    made = [await rig.ask() for _ in range(12)]
    rows = [await rig.dial_job(call.id) for call in made]

    async with asyncio.TaskGroup() as workers:
        for row in rows:
            workers.create_task(rig.run_job(row, attempt=1))

    assert len(rig.telephony.orders) == 3
