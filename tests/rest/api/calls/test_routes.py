"""The operations on a business's calls, held to the published contract."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.answering import BusinessRig, open_business_line
from tests.fakes.business import add_business, refusal
from tests.fakes.inbound import CALLER, OURS, OWNER, report
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.repository import attempts
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.safety import service as safety
from voice_engine.ports.call import CallReport, CallSpec, TaskOutcome
from voice_engine.store.engine import Store

pytestmark = pytest.mark.store

CUSTOMER = "+12125550143"
NOBODYS = "5f0c1d7e-9f7f-4d0a-8f0e-2a4c4b1f9e11"


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> AsyncIterator[BusinessRig]:
    yield await open_business_line(store, tmp_path)


def outbound(number: str = CUSTOMER) -> dict[str, Any]:
    return {"customerNumber": number}


async def answer(rig: BusinessRig, call_id: str) -> CallSpec:
    """Have a call dialled and answered; what the engine is told."""
    await rig.jobs.run_due()
    async with rig.store.system("tests", writes=False) as work:
        dial = await attempts.find_latest(work, call_id)
    assert dial is not None and dial.provider_sid is not None
    spec = await rig.calls.lifecycle.find_outbound(call_id, dial.id, dial.provider_sid)
    assert spec is not None
    assert await rig.calls.lifecycle.answered(call_id, dial.provider_sid, rig.calls.now, owner=OWNER)
    return spec


async def finish(rig: BusinessRig, call_id: str, said: CallReport) -> None:
    assert await rig.calls.lifecycle.finish(call_id, said, None)


async def test_the_list_has_both_directions_newest_first_by_page(rig: BusinessRig) -> None:
    came_in = (await rig.talk()).call.id
    rig.calls.now = rig.calls.now.replace(minute=45)
    async with rig.client() as api:
        went_out = (await api.post("/api/calls/outbound", json=outbound())).json()["call"]["id"]
        whole = (await api.get("/api/calls")).json()
        first = (await api.get("/api/calls?limit=1&page=2")).json()
        only_in = (await api.get("/api/calls?direction=INBOUND")).json()
        beyond = (await api.get("/api/calls?page=99999999999999999999")).json()
    assert [call["id"] for call in whole["calls"]] == [went_out, came_in]
    assert whole["pagination"] == {"page": 1, "limit": 20, "total": 2, "totalPages": 1}
    assert [call["id"] for call in first["calls"]] == [came_in]
    assert first["pagination"]["totalPages"] == 2
    assert [call["direction"] for call in only_in["calls"]] == ["INBOUND"]
    assert beyond["calls"] == []


@pytest.mark.parametrize("query", ["page=0", "limit=101", "limit=x", "direction=inbound"])
async def test_a_list_asked_for_wrongly_is_refused(rig: BusinessRig, query: str) -> None:
    async with rig.client() as api:
        assert refusal(await api.get(f"/api/calls?{query}")) == (422, "validation_error")


@pytest.mark.parametrize(
    ("plan", "transcripts", "recordings"),
    [(Tier.FREE, False, False), (Tier.STARTER, False, False), (Tier.ADVANCED, True, False), (Tier.PRO, True, True)],
)
async def test_a_plan_shows_what_it_includes_of_a_call(
    store: Store, tmp_path: Path, plan: Tier, transcripts: bool, recordings: bool
) -> None:
    rig = await open_business_line(store, tmp_path, plan)
    call = await recorded(rig)
    async with rig.client() as api:
        body = (await api.get(f"/api/calls/{call.id}")).json()
        audio = await api.get(f"/api/calls/{call.id}/recording")
    shown = body["call"]
    assert body["plan"] == plan
    assert body["features"] == {"transcripts": transcripts, "recordings": recordings}
    lines = "AI: Hello, Ada's assistant.\nUser: Please call me back."
    assert shown["transcript"] == (lines if transcripts else None)
    assert (shown["recordingUrl"] is not None) is recordings
    assert (shown["status"], shown["durationMinutes"]) == ("COMPLETED", 0.7)
    assert (shown["customerNumber"], shown["endReason"]) == (CALLER, "assistant-ended-call")
    assert audio.status_code == (200 if recordings else 403)


async def recorded(rig: BusinessRig) -> Call:
    """A call that came in and whose recording is kept."""
    call = (await rig.talk()).call

    async def audio() -> AsyncIterator[bytes]:
        yield b"RIFF0123456789"

    await rig.calls.blobs.put("calls/a.wav", audio())
    async with rig.store.begin(rig.account.organization_id) as work:
        row = await work.session.get(Call, call.id)
        assert row is not None
        row.recording_key, row.recording_ms = "calls/a.wav", 1000
    return call


async def test_a_recording_is_served_whole_and_by_range(rig: BusinessRig) -> None:
    call = await recorded(rig)
    async with rig.client() as api:
        whole = await api.get(f"/api/calls/{call.id}/recording")
        part = await api.get(f"/api/calls/{call.id}/recording", headers={"Range": "bytes=4-7"})
        none = await api.get(f"/api/calls/{NOBODYS}/recording")
    assert (whole.status_code, whole.content) == (200, b"RIFF0123456789")
    assert whole.headers["content-type"] == "audio/wav"
    assert (part.status_code, part.content) == (206, b"0123")
    assert part.headers["content-range"] == "bytes 4-7/14"
    assert refusal(none) == (404, "recording_not_found")


async def test_another_businesss_call_is_not_there(rig: BusinessRig, store: Store) -> None:
    call = await recorded(rig)
    other = await add_business(store, Tier.ENTERPRISE, name="Other")
    async with rig.client() as api:
        theirs = api.signed_in_as(other.session_token)
        assert refusal(await theirs.get(f"/api/calls/{call.id}")) == (404, "call_not_found")
        assert refusal(await theirs.get(f"/api/calls/{call.id}/recording")) == (404, "recording_not_found")
        polled = await theirs.get(f"/api/calls/outbound/status?vapiCallId={call.id}")
        assert refusal(polled) == (404, "call_not_recorded")
        assert (await theirs.get("/api/calls")).json()["calls"] == []
        for word in ("nonsense", NOBODYS):
            assert refusal(await api.get(f"/api/calls/{word}")) == (404, "call_not_found")


async def test_an_assistants_call_from_request_to_end(rig: BusinessRig) -> None:
    async with rig.client() as api:
        started = (await api.post("/api/calls/outbound", json=outbound())).json()
        call_id = started["call"]["id"]
        status = f"/api/calls/outbound/status?vapiCallId={call_id}"
        queued = (await api.get(status)).json()
        spec = await answer(rig, call_id)
        running = (await api.get(status)).json()
        said = report(call_id, task_outcome=TaskOutcome.ACHIEVED)
        await finish(rig, call_id, said)
        over = (await api.get(status)).json()
        detail = (await api.get(f"/api/calls/{call_id}")).json()["call"]
    assert started == {"success": True, "call": {"id": call_id, "status": "queued", "customerNumber": CUSTOMER}}
    assert (queued["status"], running["status"], over["status"]) == ("queued", "in-progress", "ended")
    assert (over["minutes"], over["endReason"]) == (0.7, "assistant-ended-call")
    assert (detail["status"], detail["direction"]) == ("COMPLETED", "OUTBOUND")
    assert spec.direction == "outbound" and spec.submission is None and spec.assistant is not None
    assert spec.prompt is not None and f"You placed this call, to {CUSTOMER}." in spec.prompt
    assert (await rig.calls.call(call_id)).from_number == OURS


async def test_a_repeated_key_gets_the_first_call_again(rig: BusinessRig) -> None:
    headers = {"Idempotency-Key": "k-1"}
    async with rig.client() as api:
        async with asyncio.TaskGroup() as tasks:
            repeats = [
                tasks.create_task(api.post("/api/calls/outbound", json=outbound(), headers=headers))
                for _ in range(3)
            ]
        answers = [each.result() for each in repeats]
        total = (await api.get("/api/calls")).json()["pagination"]["total"]
    assert len({each.json()["call"]["id"] for each in answers}) == 1
    assert total == 1


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("555", (422, "validation_error")),
        (12125550143, (422, "validation_error")),
        ("+911", (422, "validation_error")),
        ("+19005550143", (422, "number_not_callable")),
        ("+12345678901234", (422, "number_not_callable")),
        (OURS, (422, "number_not_callable")),
        ("+8613800138000", (403, "number_blocked")),
    ],
)
async def test_numbers_that_are_not_called(rig: BusinessRig, number: Any, expected: tuple[int, str]) -> None:
    async with rig.client() as api:
        assert refusal(await api.post("/api/calls/outbound", json=outbound(number))) == expected
        assert (await api.get("/api/calls")).json()["calls"] == []


async def test_who_wants_no_calls_gets_none(rig: BusinessRig) -> None:
    async with rig.store.begin(rig.account.organization_id) as work:
        await safety.suppress(work, CUSTOMER, now=rig.calls.now)
    async with rig.client() as api:
        assert refusal(await api.post("/api/calls/outbound", json=outbound())) == (403, "number_blocked")


async def test_what_a_call_needs_beforehand(store: Store, tmp_path: Path) -> None:
    without_number = await open_business_line(store, tmp_path / "a", number=None)
    without_assistant = await open_business_line(store, tmp_path / "b", number=None, assistant=False)
    async with without_number.client() as api:
        assert refusal(await api.post("/api/calls/outbound", json=outbound())) == (409, "no_phone_number")
        assert refusal(await api.get("/api/calls/browser-token")) == (409, "no_phone_number")
    async with without_assistant.client() as api:
        assert refusal(await api.post("/api/calls/outbound", json=outbound())) == (404, "no_active_assistant")


async def test_only_the_largest_plan_calls(store: Store, tmp_path: Path) -> None:
    rig = await open_business_line(store, tmp_path, Tier.PRO)
    async with rig.client() as api:
        for refused in (
            await api.post("/api/calls/outbound", json=outbound()),
            await api.get("/api/calls/browser-token"),
        ):
            assert refusal(refused) == (403, "plan_upgrade_required")


async def test_a_browsers_token_names_its_user(rig: BusinessRig) -> None:
    async with rig.client() as api:
        body = (await api.get("/api/calls/browser-token")).json()
    identity = f"org_{rig.account.organization_id}:user_{rig.account.user_id}"
    assert (body["identity"], body["token"]) == (identity, f"token of {identity}")
    assert (body["phoneNumber"], body["expiresIn"]) == (OURS, 3600)


@pytest.mark.parametrize("direction", ["inbound", "outbound"])
async def test_one_row_through_both_surfaces_agrees_in_every_shared_fact(rig: BusinessRig, direction: str) -> None:
    async with rig.client() as api, rig.client_of_v1() as v1:
        if direction == "inbound":
            call_id = (await rig.talk()).call.id
            path = f"/v1/inbound/calls/{call_id}"
        else:
            call_id = (await api.post("/api/calls/outbound", json=outbound())).json()["call"]["id"]
            await answer(rig, call_id)
            await finish(rig, call_id, report(call_id))
            path = f"/v1/calls/{call_id}"
        ours = (await api.get(f"/api/calls/{call_id}")).json()["call"]
        theirs = (await v1.get(path)).json()
        lines = (await v1.get(f"{path}/transcript")).json()["entries"]
    times = theirs.get("metadata", theirs)
    assert ours["id"] == theirs["call_id"] == call_id
    assert ours["endedAt"] == times["ended_at"]
    assert ours["startedAt"] == (times["started_at"] if direction == "outbound" else times["answered_at"])
    assert ours["durationMinutes"] == round(theirs["duration_seconds"] / 60, 2)
    assert ours["status"] == "COMPLETED"
    assert theirs["status"] == ("success" if direction == "outbound" else "completed")
    number = theirs["submission"]["respondent_phone"] if direction == "outbound" else theirs["caller_number"]
    assert ours["customerNumber"] == number
    who = {"AI": "AI", "HUMAN": "User"}
    assert ours["transcript"] == "\n".join(f"{who[line['speaker']]}: {line['content']}" for line in lines)


async def test_anonymous_is_nobody(rig: BusinessRig) -> None:
    async with rig.client() as api:
        anonymous = api.signed_in_as(None)
        for path in ("/api/calls", "/api/calls/x", "/api/calls/x/recording", "/api/calls/browser-token"):
            assert refusal(await anonymous.get(path)) == (401, "unauthenticated")
