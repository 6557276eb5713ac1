"""What goes wrong with calls between a carrier and a database in the field, one test a row, named by its number."""

import datetime as dt
import itertools
from pathlib import Path

import pytest

from tests.fakes.calls import OWNER, CallsRig, open_calls, report
from voice_engine.domains.calls.callbacks import read_report
from voice_engine.ports.call import Disposition, Status
from voice_engine.ports.telephony import CallStatus, MachineDetection
from voice_engine.store.engine import Store

SIGNALS = ("media", "callback", "watchdog")


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> CallsRig:
    """One account and its calls."""
    return await open_calls(store, tmp_path)


async def _give(rig: CallsRig, signal: str, call_id: str) -> None:
    match signal:
        case "media":
            await rig.lifecycle.finish(call_id, report(call_id), None)
        case "callback":
            await rig.says(await rig.attempt(call_id), CallStatus.COMPLETED, sequence=4, duration_s=96)
        case "watchdog":
            rig.now += dt.timedelta(seconds=100)
            await rig.reap()


@pytest.mark.parametrize("owners_end", ["stopped", "process died", "report missing"])
async def test_pain_07_no_leg_stays_open_at_the_carrier(rig: CallsRig, owners_end: str) -> None:
    """A closed socket is no hang-up: whatever ends a call that is up, the carrier is told by REST."""
    call, dial = await rig.answered()

    match owners_end:
        case "stopped":
            async with rig.store.begin(call.organization_id) as work:
                await rig.service.stop(work, call.id, requested_by=rig.account.user_id)
        case "process died":
            rig.now += dt.timedelta(seconds=31)
            await rig.reap()
        case _:
            await rig.lifecycle.abandon(OWNER)
    await rig.jobs.run_due()

    assert rig.telephony.steered.hung_up == [dial.provider_sid]
    assert (await rig.telephony.fetch_call(dial.provider_sid or "")).status.over


@pytest.mark.parametrize("told", [True, False])
async def test_pain_07_a_leg_that_outlives_its_conversation_is_hung_up(rig: CallsRig, told: bool) -> None:
    """The engine is done and the webhook that would have ended the line got lost. One that ended is left alone."""
    call, dial = await rig.answered()
    await rig.lifecycle.finish(call.id, report(call.id), None)
    if told:
        await rig.says(dial, CallStatus.COMPLETED, sequence=4)

    await rig.pass_s(15)

    assert rig.telephony.steered.hung_up == ([] if told else [dial.provider_sid])


@pytest.mark.parametrize(
    "signals",
    [order for size in (1, 2, 3) for order in itertools.permutations(SIGNALS, size)],
    ids="-".join,
)
async def test_pain_08_a_call_is_over_whichever_signals_get_lost(rig: CallsRig, signals: tuple[str, ...]) -> None:
    """Each signal dropped in turn, in every order: no call stays "in progress", each is billed once."""
    call, dial = await rig.answered()
    rig.telephony.set_status(dial.provider_sid or "", CallStatus.COMPLETED)

    for signal in signals:
        await _give(rig, signal, call.id)
    rig.now += dt.timedelta(seconds=100)
    await rig.reap()
    once = await rig.call(call.id)
    for signal in SIGNALS:
        await _give(rig, signal, call.id)

    over = await rig.call(call.id)
    heard_first = "media" in signals and "watchdog" not in signals[: signals.index("media")]
    assert over.status == once.status == ("success" if heard_first else "failed")
    assert over.ended_at == once.ended_at
    assert await rig.balance() == ("1.20" if heard_first else "0.00", "0.00")


async def test_pain_21_nobody_waits_for_the_machine_detection(rig: CallsRig) -> None:
    """It runs beside the call: what to talk about is answered before anything is known of who picked up."""
    call, dial = await rig.dialled()
    sid = dial.provider_sid or ""

    spec = await rig.lifecycle.find_outbound(call.id, dial.id, sid)

    assert spec is not None
    assert rig.telephony.orders[sid].amd is MachineDetection.ASYNC


@pytest.mark.parametrize("answered_by", ["machine_start", "machine_end_beep", "unknown", "human"])
async def test_pain_21_a_person_is_never_turned_into_a_machine(rig: CallsRig, answered_by: str) -> None:
    """Whatever the detection believes, a conversation that came to something was one."""
    call, _ = await rig.answered()

    await rig.lifecycle.amd(call.id, answered_by)
    await rig.lifecycle.finish(call.id, report(call.id), None)

    over = await rig.call(call.id)
    assert (over.status, over.task_outcome) == ("success", "achieved")
    assert rig.telephony.steered.hung_up == []


async def test_pain_25_a_deploy_does_not_hold_the_credits_of_its_calls(rig: CallsRig) -> None:
    """What the drain could not wait for ends uncharged, at once, and not when somebody notices."""
    calls = [(await rig.answered())[0] for _ in range(5)]

    await rig.lifecycle.abandon(OWNER)

    assert {(await rig.call(call.id)).ended_reason for call in calls} == {"engine_failed"}
    assert await rig.balance() == ("0.00", "0.00")


async def test_pain_25_a_forged_or_replayed_start_learns_nothing(rig: CallsRig) -> None:
    """Another call's sid, another dial, a call that is over: no spec, so nothing is opened."""
    call, dial = await rig.answered()
    sid = dial.provider_sid or ""

    forged = await rig.lifecycle.find_outbound(call.id, dial.id, "CA" + "0" * 32)
    mismatched = await rig.lifecycle.find_outbound(call.id, call.id, sid)
    await rig.lifecycle.finish(call.id, report(call.id), None)
    replayed = await rig.lifecycle.find_outbound(call.id, dial.id, sid)

    assert [forged, mismatched, replayed] == [None, None, None]


async def test_trap_18_a_late_callback_of_an_earlier_state_changes_nothing(rig: CallsRig) -> None:
    """Order is not guaranteed: the carrier's own number decides, and "answered" comes as in-progress."""
    call, dial = await rig.dialled()
    query = {"call_id": call.id, "attempt_id": dial.id}

    for word, number in (("in-progress", "2"), ("ringing", "1"), ("initiated", "0")):
        form = {"CallSid": dial.provider_sid or "", "CallStatus": word, "SequenceNumber": number}
        said = read_report(query, form)
        assert said is not None
        await rig.lifecycle.carrier_status(said)

    assert (await rig.attempt(call.id)).carrier_status == "in-progress"
    assert (await rig.call(call.id)).status == "in_progress"


async def test_trap_20_what_answered_is_acted_upon_by_rest(rig: CallsRig) -> None:
    """The result comes while the call's TwiML runs: only REST can still do something, and for a mailbox nothing
    needs to be done, since the engine hears it itself."""
    fax, dial = await rig.answered()
    mailbox, _ = await rig.answered()

    await rig.lifecycle.amd(fax.id, "fax")
    await rig.lifecycle.amd(mailbox.id, "machine_start")
    await rig.jobs.run_due()
    left = report(mailbox.id, status=Status.VOICEMAIL, disposition=Disposition.VOICEMAIL, task_outcome=None)
    await rig.lifecycle.finish(mailbox.id, left, None)

    assert rig.telephony.steered.hung_up == [dial.provider_sid]
    assert (await rig.call(mailbox.id)).status == "voicemail"
