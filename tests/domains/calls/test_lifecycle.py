"""A call is found, answered, noted and ended once, whoever tells it and in whatever order."""

import datetime as dt
import itertools
import wave
from pathlib import Path

import pytest

from tests.fakes.calls import CALLEE, OWNER, CallsRig, new_call, report
from voice_engine.domains.calls.callbacks import CarrierReport
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.repository import calls, journal
from voice_engine.domains.calls.states import LIVE, CommandKind
from voice_engine.errors import NotAllowed
from voice_engine.ports.call import Category, Disposition, EngineEvent, Status
from voice_engine.ports.telephony import CallStatus


async def _events(rig: CallsRig) -> list[str]:
    async with rig.store.read(rig.account.organization_id) as work:
        return [event.type for event in await journal.list_events(work, after=0)]


async def test_a_call_goes_from_request_to_bill(rig: CallsRig) -> None:
    """The whole way, with the price of the contract's own sample."""
    call, _ = await rig.answered()
    held = await rig.balance()

    ended = await rig.lifecycle.finish(call.id, report(call.id), None)

    over = await rig.call(call.id)
    assert held == ("0.00", "2.50")
    assert ended
    assert (over.status, over.ended_reason, over.task_outcome) == ("success", "completed", "achieved")
    assert (over.duration_ms, str(over.credits_used)) == (95_200, "1.20")
    assert await rig.balance() == ("1.20", "0.00")
    assert (await rig.attempt(call.id)).state == "over"
    assert await _events(rig) == ["call.queued", "call.dialling", "call.answered", "call.ended"]


async def test_the_engine_is_told_what_the_call_is_about(rig: CallsRig) -> None:
    """Its clock is the callee's, its language the call's, its length what the hold pays."""
    call, dial = await rig.dialled(new_call(language="en", call_language="es"))
    assert dial.provider_sid is not None

    spec = await rig.lifecycle.find_outbound(call.id, dial.id, dial.provider_sid)

    assert spec is not None and spec.submission is not None
    assert (spec.language, spec.app_language, spec.limits.max_seconds) == ("es", "en", 900)
    assert spec.submission.task_category is Category.RESTAURANT
    assert spec.submission.appointment_date == dt.date(2026, 2, 14)
    assert spec.answered_at.isoformat() == "2026-02-13T10:30:00-05:00"
    assert str(spec.answered_at.tzinfo) == "America/New_York"
    stored = (await rig.call(call.id)).spec
    assert stored is not None and stored["submission"]["respondent_phone"] == CALLEE


async def test_a_stream_of_another_dial_is_refused(rig: CallsRig) -> None:
    """Another call's dial, another carrier id, an unknown one: none of them is told what a call is about."""
    call, dial = await rig.dialled()
    other, others_dial = await rig.dialled()
    assert dial.provider_sid is not None and others_dial.provider_sid is not None

    wrong = [
        await rig.lifecycle.find_outbound(call.id, others_dial.id, others_dial.provider_sid),
        await rig.lifecycle.find_outbound(call.id, dial.id, "CA" + "f" * 32),
        await rig.lifecycle.find_outbound(call.id, other.id, dial.provider_sid),
        await rig.lifecycle.find_outbound(other.id, dial.id, dial.provider_sid),
        await rig.lifecycle.find_outbound("nothing", dial.id, dial.provider_sid),
    ]

    assert wrong == [None] * 5


async def test_a_repeated_webhook_gets_the_same_call(rig: CallsRig) -> None:
    """The carrier repeats a webhook whose answer it did not get."""
    call, dial = await rig.dialled()
    assert dial.provider_sid is not None

    first = await rig.lifecycle.find_outbound(call.id, dial.id, dial.provider_sid)
    second = await rig.lifecycle.find_outbound(call.id, dial.id, dial.provider_sid)

    assert first == second


ENDINGS = ("report", "completed", "settle", "reap")


@pytest.mark.parametrize("order", list(itertools.permutations(ENDINGS)), ids="-".join)
async def test_a_call_ends_once_whatever_comes_first(rig: CallsRig, order: tuple[str, ...]) -> None:
    """The engine's report, the carrier's last word, the watchdog, the reaper: any order, one end, one bill."""
    call, dial = await rig.answered()
    rig.telephony.set_status(dial.provider_sid or "", CallStatus.COMPLETED)
    ends = []

    for signal in order:
        match signal:
            case "report":
                await rig.lifecycle.finish(call.id, report(call.id), None)
            case "completed":
                await rig.says(dial, CallStatus.COMPLETED, sequence=4, duration_s=96)
            case "settle":
                await rig.pass_s(61)
            case "reap":
                await rig.reap()
        ends.append((await rig.call(call.id)).status)

    over = await rig.call(call.id)
    reached = [status for status in ends if status != "in_progress"]
    assert set(reached) == {over.status}
    assert (await _events(rig)).count("call.ended") == 1
    assert await rig.balance() == (str(over.credits_used), "0.00")
    assert (over.status == "success") == (order.index("report") < _first_watchdog(order))


def _first_watchdog(order: tuple[str, ...]) -> int:
    """When a watchdog ends the call: the settling job needs the carrier's word and time, the reaper time alone."""
    settled = max(order.index("completed"), order.index("settle")) if "settle" in order else 99
    if order.index("settle") < order.index("completed"):
        settled = 99  # no later step lets a minute pass
    reaped = order.index("reap") if order.index("settle") < order.index("reap") else 99
    return min(settled, reaped)


@pytest.mark.parametrize(
    ("carrier", "status", "reason"),
    [
        (CallStatus.BUSY, "busy", "busy"),
        (CallStatus.NO_ANSWER, "no_answer", "no_answer"),
        (CallStatus.FAILED, "failed", "carrier_failed"),
        (CallStatus.CANCELED, "no_answer", "no_answer"),
    ],
)
async def test_a_call_that_nobody_takes_is_free(
    rig: CallsRig, carrier: CallStatus, status: str, reason: str
) -> None:
    """Busy, rung out, failed: told apart, no transcript, no charge, the hold let go."""
    call, dial = await rig.dialled()

    await rig.says(dial, CallStatus.RINGING, sequence=1)
    await rig.says(dial, carrier, sequence=2)
    await rig.says(dial, carrier, sequence=2)

    over = await rig.call(call.id)
    assert (over.status, over.ended_reason, over.answered_at) == (status, reason, None)
    assert await rig.balance() == ("0.00", "0.00")
    assert (await _events(rig))[-2:] == ["call.ringing", "call.ended"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
async def test_callbacks_in_any_order_come_to_the_same(rig: CallsRig, order: tuple[int, ...]) -> None:
    """The carrier does not promise an order; the last state by its own count decides."""
    call, dial = await rig.dialled()
    said = (
        (CallStatus.INITIATED, 0),
        (CallStatus.RINGING, 1),
        (CallStatus.NO_ANSWER, 2),
        (CallStatus.NO_ANSWER, 2),
    )

    for index in order:
        await rig.says(dial, said[index][0], sequence=said[index][1])

    assert (await rig.call(call.id)).status == "no_answer"
    assert await rig.balance() == ("0.00", "0.00")
    assert (await _events(rig)).count("call.ended") == 1


async def test_a_callback_that_comes_before_the_orders_answer_binds_the_dial(rig: CallsRig) -> None:
    """It can overtake the answer to the order; the dial learns its id by it."""
    call, dial = await rig.dialled_without_answer()

    await rig.says(dial, CallStatus.RINGING, call_sid="CA" + "1" * 32, sequence=1)

    bound = await rig.attempt(call.id)
    assert (bound.state, bound.provider_sid) == ("placed", "CA" + "1" * 32)
    assert (await rig.call(call.id)).provider_sid == "CA" + "1" * 32


async def test_a_callback_of_a_stranger_changes_nothing(rig: CallsRig) -> None:
    """Another carrier id under our dial's URL, a call that is not ours."""
    call, dial = await rig.dialled()

    await rig.says(dial, CallStatus.FAILED, call_sid="CA" + "f" * 32)
    await rig.lifecycle.carrier_status(CarrierReport(call_sid="CA" + "e" * 32, status=CallStatus.FAILED))
    await rig.lifecycle.carrier_status(
        CarrierReport(call_sid="x", status=CallStatus.FAILED, call_id="nothing", attempt_id=dial.id)
    )

    assert (await rig.call(call.id)).status == "in_progress"


async def test_an_engine_fault_costs_nothing(rig: CallsRig) -> None:
    """The engine reports no credits where it failed."""
    call, _ = await rig.answered()

    failed = report(
        call.id, credits="0.0", status=Status.FAILED, disposition=Disposition.ENGINE_FAILED, task_outcome=None
    )
    await rig.lifecycle.finish(call.id, failed, None)

    over = await rig.call(call.id)
    assert (over.status, over.ended_reason, str(over.credits_used)) == ("failed", "engine_failed", "0.00")
    assert over.duration_ms == 95_200
    assert await rig.balance() == ("0.00", "0.00")


async def test_a_stopped_call_is_told_as_its_owners_doing(rig: CallsRig) -> None:
    """The minutes talked are charged; the engine may report what it likes."""
    call, _ = await rig.answered()
    async with rig.store.begin(rig.account.organization_id) as work:
        await rig.service.stop(work, call.id, requested_by=rig.account.user_id)

    await rig.lifecycle.finish(call.id, report(call.id, seconds=41.0, credits="1.1"), None)

    over = await rig.call(call.id)
    assert (over.status, over.ended_reason, str(over.credits_used)) == ("cancelled", "stopped_by_user", "1.10")


async def test_who_wants_no_calls_gets_none_any_more(rig: CallsRig) -> None:
    """Said in the call, held to from then on."""
    call, _ = await rig.answered()

    opted_out = report(call.id, disposition=Disposition.OPTED_OUT, do_not_call=True)
    await rig.lifecycle.finish(call.id, opted_out, None)

    with pytest.raises(NotAllowed) as refused:
        await rig.ask()
    assert refused.value.code == "suppression_violation"


async def test_a_machine_that_only_the_carrier_heard_is_a_mailbox(rig: CallsRig) -> None:
    """The engine spoke to nobody; the carrier's word decides."""
    call, _ = await rig.answered()
    await rig.lifecycle.amd(call.id, "machine_end_silence")

    silent = report(call.id, status=Status.FAILED, disposition=Disposition.SILENCE, task_outcome=None)
    await rig.lifecycle.finish(call.id, silent, None)

    over = await rig.call(call.id)
    assert (over.status, over.ended_reason, over.answered_by) == ("voicemail", "voicemail", "machine_end_silence")
    assert str(over.credits_used) == "1.20"


async def test_a_person_whom_the_carrier_took_for_a_machine_counts_as_one(rig: CallsRig) -> None:
    """Machine detection is wrong often enough: what the conversation came to stands."""
    call, _ = await rig.answered()
    await rig.lifecycle.amd(call.id, "machine_start")
    told = await rig.lifecycle.commands_for(OWNER, [call.id])
    await rig.lifecycle.amd(call.id, "machine_end_beep")

    assert [order.kind for order in told] == ["machine"], "the engine is told, once"
    assert not await rig.lifecycle.commands_for(OWNER, [call.id])
    await rig.lifecycle.finish(call.id, report(call.id), None)

    assert (await rig.call(call.id)).status == "success"


async def test_a_fax_is_hung_up_on(rig: CallsRig) -> None:
    """Nobody can be talked to there."""
    call, dial = await rig.answered()

    await rig.lifecycle.amd(call.id, "fax")
    await rig.lifecycle.amd(call.id, "human")
    await rig.jobs.run_due()

    assert rig.telephony.steered.hung_up == [dial.provider_sid]
    assert (await rig.call(call.id)).answered_by == "fax"


async def test_the_transcript_grows_while_the_call_is_live(rig: CallsRig) -> None:
    """A line that was withdrawn is replaced, and the report has the last word."""
    call, _ = await rig.answered()
    heard = EngineEvent(
        sequence=1,
        at_ms=5000,
        type="turn.human",
        facts={"turn": 0, "pii_text": "Nobu?", "start_ms": 4000, "end_ms": 4600},
    )
    again = EngineEvent(
        sequence=2,
        at_ms=6000,
        type="turn.human",
        facts={"turn": 0, "pii_text": "Nobu, good evening.", "start_ms": 4000, "end_ms": 5600},
    )
    interim = EngineEvent(sequence=3, at_ms=6100, type="transcript.interim", facts={"pii_text": "Nob"})

    await rig.lifecycle.note_events(call.id, [heard])
    await rig.lifecycle.note_events(call.id, [again, interim])
    live = await _lines(rig, call)
    await rig.lifecycle.finish(call.id, report(call.id), None)
    final = await _lines(rig, call)

    assert live == [("HUMAN", "Nobu, good evening.")]
    assert final == [("AI", "Hello, this is an AI."), ("HUMAN", "Nobu, good evening.")]
    assert (await _events(rig))[-3:] == ["turn.human", "turn.human", "call.ended"]


async def test_nothing_is_noted_after_the_end(rig: CallsRig) -> None:
    """A straggler of the media process cannot add to a call that is over."""
    call, _ = await rig.answered()
    await rig.lifecycle.finish(call.id, report(call.id), None)
    before = await _events(rig)

    late = EngineEvent(
        sequence=9, at_ms=1, type="turn.human", facts={"turn": 7, "pii_text": "x", "start_ms": 0, "end_ms": 1}
    )
    await rig.lifecycle.note_events(call.id, [late])
    again = await rig.lifecycle.finish(call.id, report(call.id, credits="2.5"), None)

    assert not again
    assert await _events(rig) == before
    assert len(await _lines(rig, call)) == 2


async def test_a_declined_recording_is_deleted(rig: CallsRig, tmp_path: Path) -> None:
    """Nothing of it is kept, on disk or in a blob."""
    call, _ = await rig.answered()
    file = _wav(tmp_path / "recording.wav")

    await rig.lifecycle.finish(call.id, report(call.id, recording_declined=True), file)
    await rig.jobs.run_due()

    assert not file.exists()
    assert (await rig.call(call.id)).recording_key is None


async def test_a_recording_is_kept_and_its_length_known(rig: CallsRig, tmp_path: Path) -> None:
    """It is uploaded by a job; the media process's copy goes."""
    call, _ = await rig.answered()
    file = _wav(tmp_path / "recording.wav")
    written = file.read_bytes()

    await rig.lifecycle.finish(call.id, report(call.id), file)
    await rig.jobs.run_due()

    over = await rig.call(call.id)
    assert over.recording_key == f"{over.organization_id}/recordings/{over.id}.wav"
    assert over.recording_ms == 1500
    assert b"".join([part async for part in rig.blobs.read(over.recording_key)]) == written
    assert not file.exists()


async def test_orders_reach_the_process_that_holds_the_call(rig: CallsRig) -> None:
    """Once, until its lease is over; and what came of them is kept."""
    call, dial = await rig.answered()
    async with rig.store.begin(rig.account.organization_id) as work:
        order_id = await rig.service.order(work, call, CommandKind.TRANSFER, arguments={"target": "front-desk"})

    orders = await rig.lifecycle.commands_for(OWNER, [call.id])
    meanwhile = await rig.lifecycle.commands_for("w2", [call.id])
    rig.now += dt.timedelta(seconds=11)
    after_lease = await rig.lifecycle.commands_for("w2", [call.id])
    await rig.lifecycle.acknowledge(order_id, result={"transferred": True})
    await rig.lifecycle.acknowledge(order_id, error="late")
    rig.now += dt.timedelta(seconds=11)

    assert [(order.id, order.kind, order.call_sid) for order in orders] == [
        (order_id, CommandKind.TRANSFER, dial.provider_sid)
    ]
    assert orders[0].arguments == {"target": "front-desk"}
    assert meanwhile == []
    assert [order.id for order in after_lease] == [order_id]
    assert await rig.lifecycle.commands_for("w2", [call.id]) == []
    command = await rig.command(order_id)
    assert (command.result, command.error) == ({"transferred": True}, None)


async def test_an_open_order_ends_with_its_call(rig: CallsRig) -> None:
    """Whoever waits for it learns that it cannot be done any more."""
    call, _ = await rig.answered()
    async with rig.store.begin(rig.account.organization_id) as work:
        order_id = await rig.service.order(work, call, CommandKind.TAKEOVER)

    await rig.lifecycle.finish(call.id, report(call.id), None)

    assert (await rig.command(order_id)).error == "call_not_active"


async def test_a_process_that_goes_down_ends_what_it_holds(rig: CallsRig) -> None:
    """Uncharged and hung up; another process's calls go on."""
    call, dial = await rig.answered()
    other, _ = await rig.answered()
    async with rig.store.begin(rig.account.organization_id) as work:
        await calls.change(work, other.id, when=LIVE, owner="w2")

    ended = await rig.lifecycle.abandon(OWNER)
    await rig.jobs.run_due()

    assert ended == [call.id]
    over = await rig.call(call.id)
    assert (over.status, over.ended_reason, str(over.credits_used)) == ("failed", "engine_failed", "0.00")
    assert rig.telephony.steered.hung_up == [dial.provider_sid]
    assert (await rig.call(other.id)).status == "in_progress"


async def test_a_call_that_has_ended_cannot_be_answered(rig: CallsRig) -> None:
    """The media process is told to hang up."""
    call, dial = await rig.dialled()
    await rig.says(dial, CallStatus.NO_ANSWER, sequence=2)

    taken = await rig.lifecycle.answered(call.id, dial.provider_sid or "", rig.now, owner=OWNER)

    assert not taken
    assert await rig.lifecycle.find_outbound(call.id, dial.id, dial.provider_sid or "") is None


async def _lines(rig: CallsRig, call: Call) -> list[tuple[str, str]]:
    async with rig.store.read(call.organization_id) as work:
        return [(line.speaker, line.text) for line in await journal.list_transcript(work, call.id)]


def _wav(path: Path, *, ms: int = 1500) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(8 * ms * 4))
    return path
