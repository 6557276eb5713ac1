"""Voicemails come from the carrier once, whole, and each under its own name."""

from pathlib import Path

import pytest

from tests.fakes.calls import CallsRig
from tests.fakes.inbound import InboundRig, new_sid, open_mailbox
from tests.fakes.jobs import InlineAttempt
from voice_engine.domains.inbound.models import Voicemail
from voice_engine.domains.inbound.voicemails import FetchVoicemail, length_ms
from voice_engine.domains.privacy.repository import empty_calls
from voice_engine.store.engine import Store


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> InboundRig:
    """One account whose callers leave messages."""
    return await open_mailbox(store, tmp_path)


async def rung(rig: InboundRig) -> str:
    """A call that went to voicemail; its id."""
    sid = new_sid()
    await rig.ring(sid=sid)
    return (await rig.record(sid)).call.id


async def fetch(calls: CallsRig, call_id: str, recording_sid: str) -> None:
    ends = calls.domain.endings
    job = FetchVoicemail(calls.store, calls.telephony, calls.blobs, ends, transcribes=False, now=calls.clock)
    payload = {"call_id": call_id, "recording_sid": recording_sid}
    await job.run(payload, InlineAttempt(job_id="1", number=1, most=1))


async def messages(rig: InboundRig) -> list[Voicemail]:
    async with rig.store.read(rig.account.organization_id) as work:
        return list((await rig.domain.voicemails.list_page(work, unread=False, limit=9, offset=0)).voicemails)


async def at_carrier(calls: CallsRig, sid: str) -> list[str]:
    return [one.recording_sid for one in await calls.telephony.list_recordings(sid)]


async def test_a_second_recording_of_a_call_takes_nothing_from_the_first(rig: InboundRig) -> None:
    """The first is the message, with its own audio; the second is still to be had at the carrier."""
    calls, call_id = rig.calls, await rung(rig)
    first, second = calls.telephony.add_recording("CA1", seconds=2), calls.telephony.add_recording("CA1", seconds=5)

    for sid in (first, second, first):
        await fetch(calls, call_id, sid)

    (message,) = await messages(rig)
    assert message.blob_key is not None
    audio = b"".join([part async for part in calls.blobs.read(message.blob_key)])
    assert (message.recording_sid, length_ms(audio)) == (first, 2_000)
    assert await at_carrier(calls, "CA1") == [second]


async def test_a_recording_that_is_fetched_after_the_erasure_is_deleted_everywhere(rig: InboundRig) -> None:
    calls, call_id = rig.calls, await rung(rig)
    recording = calls.telephony.add_recording("CA1")
    async with rig.store.begin(rig.account.organization_id) as work:
        await empty_calls(work, [call_id], now=calls.now)

    await fetch(calls, call_id, recording)

    assert await messages(rig) == []
    assert await at_carrier(calls, "CA1") == []
