"""A call was given up, and then its report comes: what was said in it is not lost, and nothing is charged twice."""

import wave
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.domains.minutes.calls import open_business_calls
from tests.fakes.calls import OWNER, CallsRig, report
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.repository import calls, journal
from voice_engine.domains.calls.states import ENDS
from voice_engine.domains.usage.models import CreditEntry
from voice_engine.errors import NotAllowed
from voice_engine.ports.call import CallReport, TakenMessage
from voice_engine.store.engine import Store


async def _given_up(rig: CallsRig) -> Call:
    """A call whose process could not show that it lived."""
    call, _ = await rig.answered()
    await rig.lifecycle.abandon(OWNER)
    return await rig.call(call.id)


async def _ledger(rig: CallsRig) -> list[str]:
    async with rig.store.system("tests", writes=False) as work:
        return list(await work.session.scalars(sa.select(CreditEntry.kind).order_by(CreditEntry.id)))


async def _lines(rig: CallsRig, call: Call) -> list[tuple[str, str]]:
    async with rig.store.read(call.organization_id) as work:
        return [(line.speaker, line.text) for line in await journal.list_transcript(work, call.id)]


def _told(call: Call) -> tuple[object, ...]:
    """What everybody was told when the call ended, and what it cost."""
    return call.status, call.ended_reason, call.ended_at, str(call.credits_used)


async def test_what_was_agreed_in_a_call_that_was_given_up_is_kept(rig: CallsRig) -> None:
    """A table was reserved: its owner must know, although the end itself stays what was told."""
    given_up = await _given_up(rig)
    message = TakenMessage(name="Ada", phone="+15550100", text="Call me back.")

    first = await rig.lifecycle.finish(given_up.id, report(given_up.id, message=message), None)

    over = await rig.call(given_up.id)
    assert not first
    assert _told(over) == _told(given_up) == ("failed", "engine_failed", given_up.ended_at, "0.00")
    assert (over.task_outcome, over.agreed) == ("achieved", {"date": "2026-02-14", "time": "20:00"})
    assert over.highlights == ["Reserved a table for 4 at 8pm on Feb 14."]
    assert over.outcome is not None and over.outcome["message"]["text"] == "Call me back."
    assert (over.ics is not None, over.duration_ms) == (True, 95_200)
    assert await _lines(rig, over) == [("AI", "Hello, this is an AI."), ("HUMAN", "Nobu, good evening.")]


async def test_a_late_report_is_charged_to_nobody_and_kept_once(rig: CallsRig) -> None:
    """The hold was let go when the call was given up; the ledger has one line on its end."""
    given_up = await _given_up(rig)
    before = await _ledger(rig)

    await rig.lifecycle.finish(given_up.id, report(given_up.id), None)
    kept = await rig.call(given_up.id)
    await rig.lifecycle.finish(given_up.id, report(given_up.id, seconds=99, highlights=("Another.",)), None)

    assert await _ledger(rig) == before
    assert before.count("release") == 1
    assert await rig.balance() == ("0.00", "0.00")
    again = await rig.call(given_up.id)
    assert (again.highlights, again.duration_ms) == (kept.highlights, kept.duration_ms)


@pytest.mark.parametrize("carrier_first", [False, True], ids=["report first", "carrier first"])
async def test_a_late_report_counts_a_businesses_minutes_once(
    store: Store, tmp_path: Path, carrier_first: bool
) -> None:
    """Nobody had measured the call when its process was lost; whoever does it first is counted."""
    rig = await open_business_calls(store, tmp_path)
    call, began = await rig.talks(), rig.now
    rig.carrier_ends(call, 40, began=began)
    await rig.dies()

    if carrier_first:
        await rig.carrier_says(call, 40)
    await rig.lifecycle.finish(call.id, report(call.id, seconds=40.2), None)
    await rig.carrier_says(call, 88)

    (line,) = await rig.minutes.lines()
    over = await rig.call(call.id)
    assert (line.seconds, over.status, over.agreed is not None) == (40, "missed", True)
    assert over.duration_ms == (40_000 if carrier_first else 40_200)


async def test_who_wanted_no_calls_gets_none_though_the_report_was_late(rig: CallsRig) -> None:
    given_up = await _given_up(rig)

    await rig.lifecycle.finish(given_up.id, report(given_up.id, do_not_call=True), None)

    with pytest.raises(NotAllowed) as refused:
        await rig.ask()
    assert refused.value.code == "suppression_violation"


async def test_the_recording_of_a_call_that_was_given_up_is_kept(rig: CallsRig, tmp_path: Path) -> None:
    given_up, file = await _given_up(rig), tmp_path / "recording.wav"
    with wave.open(str(file), "wb") as wav:
        wav.setnchannels(2)
        wav.setsampwidth(2)
        wav.setframerate(8000)
        wav.writeframes(bytes(8 * 1500 * 4))

    await rig.lifecycle.finish(given_up.id, report(given_up.id), file)
    await rig.jobs.run_due()

    over = await rig.call(given_up.id)
    assert (over.recording_ms, over.recording_key is not None) == (1500, True)
    assert not file.exists()


async def test_a_call_that_was_emptied_meanwhile_is_not_filled_again(rig: CallsRig) -> None:
    """Its owner, or who was called, had it erased."""
    given_up = await _given_up(rig)
    async with rig.store.begin(given_up.organization_id) as work:
        await calls.change(work, given_up.id, when=ENDS, spec=None, emptied_at=rig.now)

    await rig.lifecycle.finish(given_up.id, report(given_up.id), None)

    over = await rig.call(given_up.id)
    assert (over.outcome, over.highlights, await _lines(rig, over)) == (None, [], [])


async def test_a_declined_recording_that_cannot_be_deleted_does_not_cost_the_report(
    rig: CallsRig, tmp_path: Path
) -> None:
    """A folder stands in its place; it is in nobody's row all the same."""
    call, _ = await rig.answered()
    (tmp_path / "recording.wav").mkdir()
    declined: CallReport = report(call.id, recording_declined=True)

    ended = await rig.lifecycle.finish(call.id, declined, tmp_path / "recording.wav")

    over = await rig.call(call.id)
    assert (ended, over.status, over.recording_ms) == (True, "success", None)
