"""Voicemails, from the carrier's callback to the signed link, against their contract."""

from typing import Any

import pytest

from tests.fakes.api import code_of
from tests.fakes.inbound import CALLER, OURS, InboundRig
from tests.rest.v1.inbound.conftest import NOBODYS, Surface
from voice_engine.domains.inbound.voicemails import find_audio


async def leave(rig: InboundRig, *, caller: str = CALLER, seconds: int = 3) -> tuple[str, str]:
    """Somebody leaves a message; the carrier's ids of the call and of the recording."""
    sid = rig.calls.telephony.add_inbound(to=OURS, from_number=caller)
    await rig.ring(caller, sid=sid)
    recording = rig.calls.telephony.add_recording(sid, seconds=seconds)
    form = {"CallSid": sid, "RecordingSid": recording, "RecordingDuration": str(seconds)}
    await rig.domain.intake.recorded(form)
    await rig.domain.intake.recorded({**form, "RecordingStatus": "completed"})
    return sid, recording


async def test_a_message_is_kept_told_transcribed_and_played(surface: Surface) -> None:
    """One message for two callbacks; its audio is ours then, and the carrier's copy is gone."""
    rig = surface.rig
    await rig.add_contact()
    await rig.add_rule(action="voicemail")
    sid, recording = await leave(rig)
    await rig.jobs.run_due()

    page = (await surface.api.get("/v1/inbound/voicemails?unread=true")).json()
    message = page["voicemails"][0]
    played = await surface.api.get(f"/v1/inbound/voicemails/{message['id']}/playback")
    read = (await surface.api.get(f"/v1/inbound/voicemails/{message['id']}")).json()
    call = (await surface.api.get(f"/v1/inbound/calls/{message['call_id']}")).json()
    events = (await surface.api.get("/v1/inbound/events")).json()["events"]

    assert (page["total"], page["has_more"]) == (1, False)
    assert (message["caller_number"], message["caller_name"], message["duration_seconds"]) == (
        CALLER,
        "John Smith",
        3.0,
    )
    assert message["transcript"] == message["summary"] == rig.said
    assert played.json()["url"].startswith("https://voice.example.com/media/voicemails/")
    assert played.json()["duration_seconds"] == 3.0
    assert read == {**message, "is_read": True}
    assert (call["status"], call["handled_by"], call["voicemail_id"]) == ("missed", "voicemail", message["id"])
    assert [event["type"] for event in events] == ["call.ringing", "call.missed", "voicemail.received"]
    assert await rig.calls.telephony.list_recordings(sid) == []
    key = await find_audio(rig.store, message["id"])
    assert key is not None and await rig.calls.blobs.find(key) is not None
    assert (await surface.api.get("/v1/inbound/voicemails?unread=true")).json()["total"] == 0
    assert recording


async def test_a_caller_who_hangs_up_during_the_greeting_leaves_nothing(surface: Surface) -> None:
    """The call was missed; there is no message."""
    rig = surface.rig
    await rig.add_rule(action="voicemail")
    sid = rig.calls.telephony.add_inbound(to=OURS, from_number=CALLER)
    await rig.ring(sid=sid)

    await rig.domain.intake.recorded({"CallSid": sid, "RecordingSid": "RE1", "RecordingStatus": "absent"})

    record = await rig.record(sid)
    assert (record.call.status, record.voicemail_id) == ("missed", None)
    assert await rig.jobs.waiting("inbound.fetch_voicemail") == []


async def test_a_recording_of_a_call_that_nobody_knows_is_ignored(surface: Surface) -> None:
    """A late callback of a deleted call."""
    await surface.rig.domain.intake.recorded({"CallSid": "CA0", "RecordingSid": "RE1"})

    assert (await surface.api.get("/v1/inbound/voicemails")).json()["total"] == 0


async def test_a_message_whose_audio_is_gone_cannot_be_played(surface: Surface) -> None:
    """The carrier lost it before it was fetched: no message at all, and no failure of the job."""
    rig = surface.rig
    await rig.add_rule(action="voicemail")
    _sid, recording = await leave(rig)
    await rig.calls.telephony.delete_recording(recording)

    ran = await rig.jobs.run_due()

    assert [job.error for job in ran if job.kind == "inbound.fetch_voicemail"] == [None]
    assert (await surface.api.get("/v1/inbound/voicemails")).json()["total"] == 0


@pytest.mark.parametrize("tail", ["", "/playback"])
@pytest.mark.parametrize("voicemail_id", ["{theirs}", NOBODYS, "nonsense"])
async def test_a_message_of_somebody_else_is_not_there(surface: Surface, voicemail_id: str, tail: str) -> None:
    """Another owner's id, an unknown one and none at all answer alike."""
    rig = surface.rig
    await rig.add_rule(action="voicemail")
    await leave(rig)
    await rig.jobs.run_due()
    theirs: list[dict[str, Any]] = (await surface.api.get("/v1/inbound/voicemails")).json()["voicemails"]

    path = f"/v1/inbound/voicemails/{voicemail_id.format(theirs=theirs[0]['id'])}{tail}"
    answer = await surface.other.get(path)

    assert (answer.status_code, code_of(answer)) == (404, "voicemail_not_found")
    assert (await surface.other.get("/v1/inbound/voicemails")).json()["total"] == 0


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "offset=-1", "unread=perhaps"])
async def test_a_list_asked_for_wrongly_is_refused(surface: Surface, query: str) -> None:
    """400, never clamped."""
    answer = await surface.api.get(f"/v1/inbound/voicemails?{query}")

    assert (answer.status_code, code_of(answer)) == (400, "validation_error")
