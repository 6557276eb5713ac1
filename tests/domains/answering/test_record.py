"""Everything of one call: only its owner's, only what the plan shows."""

import datetime as dt
from pathlib import Path

import pytest

from tests.fakes.accounts import add_account
from tests.fakes.calls import CallsRig, open_calls, report
from voice_engine.domains.answering.record import Lack, Stage, read_record
from voice_engine.domains.calls.repository import calls
from voice_engine.domains.calls.states import ENDS
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.privacy.words import SETTLING
from voice_engine.errors import NotFound
from voice_engine.ports.call import EngineEvent
from voice_engine.store.engine import Store

pytestmark = pytest.mark.store


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> CallsRig:
    return await open_calls(store, tmp_path)


WHISPER = EngineEvent(sequence=1, at_ms=4000, type="call.whispered", facts={"pii_text": "Nine is fine."})
TOOL = EngineEvent(
    sequence=2,
    at_ms=5000,
    type="tool.result",
    facts={"tool": "calendar.find", "id": "t1", "ok": True, "error": None},
)


async def _talked(rig: CallsRig) -> str:
    call, _ = await rig.answered()
    await rig.lifecycle.note_events(call.id, [WHISPER, TOOL])
    await rig.lifecycle.finish(call.id, report(call.id), None, events=[WHISPER, TOOL])
    return call.id


async def test_what_happened_in_it(rig: CallsRig) -> None:
    call_id = await _talked(rig)

    async with rig.store.read(rig.account.organization_id) as work:
        record = await read_record(work, call_id, plan=None, now=rig.clock())

    assert record.stage is Stage.ENDED
    assert [entry.speaker for entry in record.entries] == ["AI", "HUMAN"]
    assert [tool.name for tool in record.tools] == ["calendar.find"]
    assert record.whispers == [(4000, "Nine is fine.")]
    assert record.timeline is not None
    assert [mark[1] for mark in record.timeline["marks"]] == ["call.whispered", "tool.result"]
    assert (record.no_transcript, record.duration_ms) == (None, 95_200)
    assert record.last_event > 0


async def test_a_small_plan_hides_every_word(rig: CallsRig) -> None:
    """The whispers are words too, and what was agreed leads into the transcript."""
    call_id = await _talked(rig)

    async with rig.store.read(rig.account.organization_id) as work:
        record = await read_record(work, call_id, plan=Tier.FREE, now=rig.clock())

    assert (record.no_transcript, record.no_recording) == (Lack.PLAN, Lack.PLAN)
    assert (record.entries, record.tools, record.whispers, record.timeline) == ((), (), (), None)


async def test_nobody_elses_and_no_id(rig: CallsRig) -> None:
    call_id = await _talked(rig)
    bob = await add_account(rig.store, "Bob")

    for organization_id, asked in ((bob.organization_id, call_id), (rig.account.organization_id, "x")):
        async with rig.store.read(organization_id) as work:
            with pytest.raises(NotFound):
                await read_record(work, asked, plan=None, now=rig.clock())


async def test_a_recording_is_awaited_for_a_while(rig: CallsRig) -> None:
    """Then it is lost, and the page says so rather than promise it for ever."""
    call_id = await _talked(rig)
    async with rig.store.begin(rig.account.organization_id) as work:
        await calls.change(work, call_id, when=ENDS, recording_ms=95_200)

    lacks = []
    for after in (dt.timedelta(0), SETTLING + dt.timedelta(seconds=1)):
        async with rig.store.read(rig.account.organization_id) as work:
            record = await read_record(work, call_id, plan=None, now=rig.clock() + after)
        lacks.append(record.no_recording)

    assert lacks == [Lack.NOT_YET, Lack.LOST]
