"""Calls come to their end when nobody else brings them there, and none before its time."""

import datetime as dt

import pytest

from tests.fakes.calls import OWNER, CallsRig, new_call
from voice_engine.domains.calls import words
from voice_engine.domains.calls.repository import calls
from voice_engine.domains.calls.states import LIVE
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.telephony import OUTCOME_UNKNOWN, CallStatus
from voice_engine.store.outbox import Job, enqueue

AWAY = UpstreamFailed("carrier_unavailable", "the carrier does not answer", provider="twilio", retryable=True)
REFUSED = UpstreamFailed("carrier_refused", "the carrier's keys are wrong", provider="twilio", retryable=False)
LOST = UpstreamFailed(OUTCOME_UNKNOWN, "the answer got lost", provider="twilio", retryable=False)


async def test_a_dead_process_loses_its_calls_and_their_holds(rig: CallsRig) -> None:
    """Killed in mid-call: after half a minute without a sign of life the call ends, uncharged, and is hung up."""
    call, dial = await rig.answered()
    rig.now += dt.timedelta(seconds=31)

    await rig.reap()

    over = await rig.call(call.id)
    assert (over.status, over.ended_reason, str(over.credits_used)) == ("failed", "engine_failed", "0.00")
    assert rig.telephony.steered.hung_up == [dial.provider_sid]
    assert await rig.balance() == ("0.00", "0.00")


async def test_a_process_that_shows_signs_of_life_keeps_its_calls(rig: CallsRig) -> None:
    """However long the call lasts."""
    call, _ = await rig.answered()
    for _ in range(10):
        rig.now += dt.timedelta(seconds=25)
        await rig.lifecycle.heartbeat(OWNER, [call.id])
        await rig.reap()

    assert (await rig.call(call.id)).status == "in_progress"


async def test_the_carrier_is_asked_how_an_unanswered_call_ended(rig: CallsRig) -> None:
    """Its callbacks never came: it was busy, and no engine fault."""
    call, dial = await rig.dialled()
    rig.telephony.set_status(dial.provider_sid or "", CallStatus.BUSY)
    rig.now += dt.timedelta(seconds=45 + 31)

    await rig.reap()

    over = await rig.call(call.id)
    assert (over.status, over.ended_reason) == ("busy", "busy")


async def test_a_call_that_nobody_took_is_given_up(rig: CallsRig) -> None:
    """Answered at the carrier, and its stream never reached us."""
    call, dial = await rig.dialled()
    rig.telephony.set_status(dial.provider_sid or "", CallStatus.IN_PROGRESS)
    rig.now += dt.timedelta(seconds=45 + 31)

    await rig.reap()

    assert (await rig.call(call.id)).ended_reason == "engine_failed"
    assert rig.telephony.steered.hung_up == [dial.provider_sid]


async def test_a_ringing_call_has_its_time(rig: CallsRig) -> None:
    """The reaper does not shorten the ring."""
    call, _ = await rig.dialled()
    rig.now += dt.timedelta(seconds=60)

    await rig.reap()

    assert (await rig.call(call.id)).status == "in_progress"


async def test_a_call_that_was_handed_over_goes_on_without_us(rig: CallsRig) -> None:
    """A transfer's leg is up at the carrier and no process holds it."""
    call = await rig.inbound()
    async with rig.store.begin(call.organization_id) as work:
        await calls.change(work, call.id, when=LIVE, handled_by="transfer")
    rig.now += dt.timedelta(minutes=10)
    await rig.reap()
    during = (await rig.call(call.id)).status

    rig.telephony.set_status(call.provider_sid or "", CallStatus.COMPLETED)
    await rig.reap()

    assert (during, (await rig.call(call.id)).status) == ("ringing", "missed")


async def test_a_call_whose_job_was_lost_is_dialled_late(rig: CallsRig) -> None:
    """A scheduled call and a queued one, both without their jobs."""
    planned = await rig.ask(new_call(scheduled_at="2026-02-13T11:00:00-05:00"))
    queued = await rig.ask()
    for row in await rig.jobs.waiting(words.DIAL):
        await rig.forget_job(row)
    await rig.reap()
    first = [(await rig.call(call.id)).status for call in (planned, queued)]
    rig.now += dt.timedelta(minutes=31)

    await rig.reap()

    assert first == ["scheduled", "in_progress"]
    assert (await rig.call(planned.id)).status == "in_progress"


async def test_a_report_that_never_comes_is_not_waited_for_ever(rig: CallsRig) -> None:
    """The carrier said that the call is over; a minute later it is, on our account."""
    call, dial = await rig.answered()
    await rig.says(dial, CallStatus.COMPLETED, sequence=4, duration_s=50)
    await rig.pass_s(59)
    waiting = (await rig.call(call.id)).status

    await rig.pass_s(2)

    over = await rig.call(call.id)
    assert (waiting, over.status, over.carrier_seconds) == ("in_progress", "failed", 50)
    assert await rig.balance() == ("0.00", "0.00")


async def test_hanging_up_learns_the_end_from_the_carrier(rig: CallsRig) -> None:
    """No callback is needed for a call that was stopped while it rang."""
    call, _ = await rig.dialled()
    async with rig.store.begin(rig.account.organization_id) as work:
        await rig.service.stop(work, call.id, requested_by=rig.account.user_id)

    await rig.jobs.run_due()

    over = await rig.call(call.id)
    assert (over.status, over.ended_reason) == ("cancelled", "stopped_by_user")


async def test_hanging_up_what_is_gone_is_no_error(rig: CallsRig) -> None:
    """An unknown call, one that was never placed, an id that the carrier does not know."""
    waiting = await rig.ask(new_call(scheduled_at="2026-02-20T12:00:00-05:00"))
    async with rig.store.system("tests") as work:
        await enqueue(work, Job(kind=words.HANG_UP, payload={"call_id": "nothing"}))
        await enqueue(work, Job(kind=words.HANG_UP, payload={"call_id": waiting.id}))
        await enqueue(work, Job(kind=words.HANG_UP, payload={"call_id": waiting.id, "call_sid": "CA9"}))
        await enqueue(work, Job(kind=words.SETTLE, payload={"call_id": "nothing"}))

    ran = await rig.jobs.run_due()

    assert [job.error for job in ran] == [None] * 4
    assert (await rig.call(waiting.id)).status == "scheduled"


async def test_a_call_that_comes_back_while_others_are_reaped_lives(rig: CallsRig) -> None:
    """The carrier is slow about the one before; by then the second's process is heard of again."""
    before, dial = await rig.dialled()
    rig.now += dt.timedelta(seconds=1)
    call, _ = await rig.answered()
    rig.telephony.set_status(dial.provider_sid or "", CallStatus.IN_PROGRESS)
    rig.now += dt.timedelta(seconds=45 + 31)

    async def heartbeat() -> None:
        await rig.lifecycle.heartbeat(OWNER, [call.id])

    rig.telephony.meanwhile = heartbeat
    await rig.reap()

    assert [(await rig.call(one.id)).status for one in (before, call)] == ["failed", "in_progress"]


async def test_a_call_that_is_answered_while_the_carrier_is_asked_lives(rig: CallsRig) -> None:
    """Its stream was late, and came in the very moment."""
    call, dial = await rig.dialled()
    sid = dial.provider_sid or ""
    rig.telephony.set_status(sid, CallStatus.IN_PROGRESS)
    rig.now += dt.timedelta(seconds=45 + 31)

    async def answered() -> None:
        assert await rig.lifecycle.answered(call.id, sid, rig.now, owner=OWNER)

    rig.telephony.meanwhile = answered
    await rig.reap()

    assert (await rig.call(call.id)).status == "in_progress"
    assert rig.telephony.steered.hung_up == []


async def test_no_call_is_judged_by_the_silence_of_an_outage(rig: CallsRig) -> None:
    """The database was away for a minute, and the reaper is back before the heartbeat. A process that is still
    silent half a minute later is dead."""
    alive, _ = await rig.answered()
    dead, _ = await rig.answered()
    for _ in range(4):
        rig.now += dt.timedelta(seconds=15)
        await rig.lifecycle.heartbeat(OWNER, [alive.id, dead.id])
        await rig.reap_by_calendar()
    rig.now += dt.timedelta(seconds=60)

    await rig.reap_by_calendar()
    first = [(await rig.call(one.id)).status for one in (alive, dead)]
    for _ in range(2):
        await rig.lifecycle.heartbeat(OWNER, [alive.id])
        rig.now += dt.timedelta(seconds=15)
        await rig.reap_by_calendar()

    assert first == ["in_progress", "in_progress"]
    assert [(await rig.call(one.id)).status for one in (alive, dead)] == ["in_progress", "failed"]


async def test_a_carrier_that_does_not_answer_about_one_call_keeps_no_other(rig: CallsRig) -> None:
    """The next one is reaped in the same round, the first in the next."""
    first, dial = await rig.dialled()
    rig.now += dt.timedelta(seconds=1)
    second, other = await rig.dialled()
    for one in (dial, other):
        rig.telephony.set_status(one.provider_sid or "", CallStatus.BUSY)
    rig.now += dt.timedelta(seconds=45 + 31)
    rig.telephony.fail_next(AWAY)

    await rig.reap()
    during = [(await rig.call(one.id)).status for one in (first, second)]
    await rig.reap()

    assert during == ["in_progress", "busy"]
    assert (await rig.call(first.id)).status == "busy"


async def test_a_call_of_which_the_carrier_never_tells_ends_all_the_same(rig: CallsRig) -> None:
    """Its access was withdrawn: after the longest leg there is nothing to ask about any more."""
    call, _ = await rig.dialled()
    rig.now += dt.timedelta(minutes=30)
    rig.telephony.fail_next(REFUSED)
    await rig.reap()
    during = (await rig.call(call.id)).status

    rig.now += dt.timedelta(minutes=2)
    rig.telephony.fail_next(REFUSED)
    await rig.reap()

    assert (during, (await rig.call(call.id)).status) == ("in_progress", "failed")
    assert await rig.balance() == ("0.00", "0.00")


@pytest.mark.parametrize("fault", ["away", "refused"])
async def test_a_lost_dial_is_looked_for_again_when_its_search_died(rig: CallsRig, fault: str) -> None:
    """The answer got lost and the carrier stays away until the job is dead: it is found in the end."""
    call, dial = await rig.dialled_without_answer()
    rig.telephony.fail_always(AWAY if fault == "away" else REFUSED)
    await rig.pass_s(2)
    rig.telephony.fail_always(None)
    dead = (await rig.attempt(call.id)).state

    rig.now += dt.timedelta(minutes=5)
    await rig.reap()
    await rig.pass_s(2)

    assert (dead, (await rig.attempt(call.id)).state) == ("unknown", "placed")
    assert (await rig.attempt(call.id)).provider_sid == next(iter(rig.telephony.orders))
    assert dial.state == "unknown"


async def test_each_search_for_a_lost_dial_has_all_its_looks(rig: CallsRig) -> None:
    """The first died at its third look; the second goes to its end, and the call is dialled anew."""
    rig.telephony.fail_next(LOST)
    call = await rig.ask()
    await rig.jobs.run_due()
    await rig.pass_s(1)
    await rig.pass_s(3)
    rig.telephony.fail_next(REFUSED)
    await rig.pass_s(8)
    rig.now += dt.timedelta(minutes=5)

    await rig.reap()
    for pause_s in (1, 3, 8, 20):
        await rig.pass_s(pause_s)

    assert (await rig.attempt(call.id)).state == "lost"
    assert (await rig.call(call.id)).status == "queued"


async def test_a_dial_that_nobody_finds_ends_with_the_longest_leg(rig: CallsRig) -> None:
    """The carrier stays away: half an hour later the call has failed, and its hold and its line are free, once."""
    call, _ = await rig.dialled_without_answer()
    held = await rig.balance()
    rig.telephony.fail_always(REFUSED)
    for _ in range(7):
        await rig.reap()
        await rig.pass_s(300)
    during = (await rig.call(call.id)).status
    for _ in range(2):
        await rig.reap()

    over = await rig.call(call.id)
    assert (during, over.status, over.ended_reason) == ("in_progress", "failed", "carrier_failed")
    assert held != ("0.00", "0.00")
    assert await rig.balance() == ("0.00", "0.00")
