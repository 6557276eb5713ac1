"""Reading and steering calls: anonymous, another owner's, malformed, happy, and each documented refusal."""

import datetime as dt
import uuid
import wave
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from tests.fakes.api import code_of
from tests.fakes.calls import CallsRig, body, report
from tests.fakes.statements import counted_statements
from tests.rest.v1.calls.conftest import Surface
from voice_engine.ports.call import TaskOutcome, TranscriptTurn
from voice_engine.ports.telephony import CallStatus

OPERATIONS = (
    ("POST", "/v1/calls", "calls_write"),
    ("GET", "/v1/calls", "calls_read"),
    ("GET", "/v1/calls/{id}", "calls_read"),
    ("GET", "/v1/calls/{id}/transcript", "transcripts_read"),
    ("GET", "/v1/calls/{id}/recording", "recordings_read"),
    ("GET", "/v1/calls/{id}/calendar.ics", "calls_read"),
    ("POST", "/v1/calls/{id}/cancel", "calls_write"),
    ("POST", "/v1/calls/{id}/reschedule", "calls_write"),
    ("POST", "/v1/calls/{id}/stop", "calls_write"),
)
TOKENS = ("calls_read", "calls_write", "transcripts_read", "recordings_read")
OF_ONE = tuple((method, path) for method, path, _ in OPERATIONS if "{id}" in path)
ICS = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260213T153143Z\r\n"
    "DTSTART;TZID=America/New_York:20260214T200000\r\nSUMMARY:Nobu\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


async def _finished(rig: CallsRig, **outcome: Any) -> str:
    call, _ = await rig.answered()
    await rig.lifecycle.finish(call.id, report(call.id, **outcome), None)
    return call.id


@pytest.mark.parametrize(("method", "path", "scope"), OPERATIONS)
async def test_each_operation_needs_its_scope(surface: Surface, method: str, path: str, scope: str) -> None:
    """No token, one that is nobody's, one that has expired, and each scope but the right one."""
    url = path.format(id=uuid.uuid4())
    options = {"json": body()} if method == "POST" else {}

    anonymous = await surface.api.acting_as(None).request(method, url, **options)
    stranger = await surface.api.acting_as("stranger").request(method, url, **options)
    expired = await surface.api.acting_as("expired").request(method, url, **options)
    others = [
        await surface.api.acting_as(token).request(method, url, **options) for token in TOKENS if token != scope
    ]
    right = await surface.api.acting_as(scope).request(method, url, **options)

    assert [(one.status_code, code_of(one)) for one in (anonymous, stranger, expired)] == [
        (401, "missing_token"),
        (401, "invalid_token"),
        (401, "token_expired"),
    ]
    assert [(one.status_code, code_of(one)) for one in others] == [(403, "forbidden")] * 3
    assert right.status_code not in {401, 403}


@pytest.mark.parametrize(("method", "path"), OF_ONE)
async def test_another_owners_call_is_not_found(surface: Surface, method: str, path: str) -> None:
    """As an unknown one, and as what is no id at all."""
    call_id = await _finished(surface.rig)
    ids = (call_id, str(uuid.uuid4()), "17", "%00", "x" * 300, call_id.upper(), f"{{{call_id}}}")

    answers = [
        await surface.other.request(method, path.format(id=one), **({"json": _WHEN} if method == "POST" else {}))
        for one in ids
    ]

    assert [(one.status_code, code_of(one)) for one in answers] == [(404, "call_not_found")] * len(ids)


_WHEN = {"date": "2026-02-15", "time": "19:00"}


async def test_a_finished_call_is_read_whole(surface: Surface) -> None:
    """Status, sentences, duration, price, times."""
    call_id = await _finished(surface.rig)

    call = (await surface.api.get(f"/v1/calls/{call_id}")).json()

    assert (call["status"], call["duration_seconds"], call["credits_used"]) == ("success", 95.2, 1.2)
    assert call["highlights"] == "Reserved a table for 4 at 8pm on Feb 14."
    assert call["next_steps"] == "Confirmation number 12345."
    metadata = call["metadata"]
    assert (metadata["end_reason"], metadata["task_outcome"]) == ("completed", "achieved")
    assert metadata["started_at"] == metadata["ended_at"] == "2026-02-13T15:30:00Z"


async def test_calls_are_listed_newest_first(surface: Surface) -> None:
    """In pages; other people's calls are not among them."""
    made = []
    for _ in range(5):
        made.append((await surface.api.post("/v1/calls", json=body())).json()["call_id"])
        surface.rig.now += dt.timedelta(seconds=1)
    await surface.other.post("/v1/calls", json=body())

    first = (await surface.api.get("/v1/calls?limit=2")).json()
    last = (await surface.api.get("/v1/calls?limit=2&offset=4")).json()
    beyond = (await surface.api.get(f"/v1/calls?offset={2**63}")).json()

    assert [call["call_id"] for call in first["calls"]] == made[:2:-1]
    assert (first["total"], first["limit"], first["offset"], first["has_more"]) == (5, 2, 0, True)
    assert [call["call_id"] for call in last["calls"]] == made[:1]
    assert last["has_more"] is False
    assert (beyond["calls"], beyond["total"], beyond["has_more"]) == ([], 5, False)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "offset=-1", "offset=1.5", "limit="])
async def test_a_page_out_of_range_is_400(surface: Surface, query: str) -> None:
    """Not clamped."""
    refused = await surface.api.get(f"/v1/calls?{query}")

    assert (refused.status_code, code_of(refused)) == (400, "validation_error")


async def test_a_page_costs_as_many_statements_as_a_row(surface: Surface) -> None:
    """No query a call."""
    for _ in range(12):
        await surface.rig.ask()

    with counted_statements(surface.rig.store) as one:
        await surface.api.get("/v1/calls?limit=1")
    with counted_statements(surface.rig.store) as many:
        await surface.api.get("/v1/calls?limit=200")

    assert len(many) == len(one) <= 2


async def test_a_transcript_tells_what_was_heard(surface: Surface) -> None:
    """Of a line that was cut off only the heard part, and none of what nobody heard."""
    rig = surface.rig
    call, _ = await rig.answered()
    turns = (
        _turn(0, "AI", "Hello, this is an AI calling.", start_ms=1_000, heard="Hello, this", interrupted=True),
        _turn(1, "HUMAN", "Who is there?", start_ms=62_000),
        _turn(2, "AI", "I call for John.", start_ms=63_000, heard="", interrupted=True),
        _turn(3, "AI", "I call for John Smith.", start_ms=3_661_000, heard="I call for John Smith."),
    )
    await rig.lifecycle.finish(call.id, replace(report(call.id), turns=turns), None)

    transcript = (await surface.api.get(f"/v1/calls/{call.id}/transcript")).json()

    assert transcript["status"] == "final"
    assert [(entry["speaker"], entry["content"], entry["timestamp"]) for entry in transcript["entries"]] == [
        ("AI", "Hello, this", "00:00:01"),
        ("HUMAN", "Who is there?", "00:01:02"),
        ("AI", "I call for John Smith.", "01:01:01"),
    ]


async def test_a_call_in_which_nothing_was_said_has_no_transcript(surface: Surface) -> None:
    """Queued, busy: 404 with a code of its own."""
    call, dial = await surface.rig.dialled()
    queued = await surface.rig.ask()
    await surface.rig.says(dial, CallStatus.BUSY, sequence=2)

    answers = [await surface.api.get(f"/v1/calls/{one.id}/transcript") for one in (call, queued)]

    assert [(one.status_code, code_of(one)) for one in answers] == [(404, "transcript_not_found")] * 2


async def test_a_recording_is_reached_by_a_signed_link(surface: Surface, tmp_path: Path) -> None:
    """It expires in an hour and names the length of the file."""
    rig = surface.rig
    call, _ = await rig.answered()
    file = tmp_path / "recording.wav"
    with wave.open(str(file), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(8000 * 4 * 2))
    await rig.lifecycle.finish(call.id, report(call.id), file)
    before = await surface.api.get(f"/v1/calls/{call.id}/recording")
    await rig.jobs.run_due()

    recording = (await surface.api.get(f"/v1/calls/{call.id}/recording")).json()

    assert (before.status_code, code_of(before)) == (404, "recording_not_found")
    assert recording["url"].startswith(f"https://voice.example.com/media/recordings/{call.id}?expires=")
    assert (recording["duration_seconds"], recording["format"]) == (2.0, "wav")
    assert recording["expires_at"] == "2026-02-13T16:30:00Z"


async def test_what_was_agreed_is_a_calendar_file(surface: Surface) -> None:
    """As the engine wrote it, CRLF and all; an independent library reads it."""
    call, _ = await surface.rig.answered()
    await surface.rig.lifecycle.finish(call.id, replace(report(call.id), ics=ICS), None)

    answer = await surface.api.get(f"/v1/calls/{call.id}/calendar.ics")

    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.content == ICS.encode()
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["SUMMARY"]) == "Nobu"


async def test_where_nothing_was_agreed_there_is_no_calendar_file(surface: Surface) -> None:
    """What was asked for is not what was agreed."""
    call_id = await _finished(surface.rig, task_outcome=TaskOutcome.DECLINED, agreed=None)

    answer = await surface.api.get(f"/v1/calls/{call_id}/calendar.ics")

    assert (answer.status_code, code_of(answer)) == (404, "appointment_not_found")


async def test_a_waiting_call_is_cancelled_once(surface: Surface) -> None:
    """Its hold is let go, and no order leaves any more."""
    call = await surface.rig.ask()

    cancelled = await surface.api.post(f"/v1/calls/{call.id}/cancel")
    again = await surface.api.post(f"/v1/calls/{call.id}/cancel")
    await surface.rig.jobs.run_due()

    told = cancelled.json()
    assert (told["status"], told["metadata"]["end_reason"]) == ("cancelled", "cancelled_by_user")
    assert told["metadata"]["task_outcome"] is None
    assert (again.status_code, code_of(again)) == (409, "call_not_cancellable")
    assert surface.rig.telephony.orders == {}
    assert await surface.rig.balance() == ("0.00", "0.00")


async def test_a_call_that_was_dialled_is_neither_cancelled_nor_moved(surface: Surface) -> None:
    """Stop it instead."""
    call, _ = await surface.rig.dialled()

    cancelled = await surface.api.post(f"/v1/calls/{call.id}/cancel")
    moved = await surface.api.post(f"/v1/calls/{call.id}/reschedule", json=_WHEN)

    assert (cancelled.status_code, code_of(cancelled)) == (409, "call_not_cancellable")
    assert (moved.status_code, code_of(moved)) == (409, "call_not_reschedulable")


async def test_a_call_is_moved_on_the_clock_of_its_zone(surface: Surface) -> None:
    """The contract's own example; it is dialled then and not before."""
    rig = surface.rig
    call = await rig.ask()

    moved = (await surface.api.post(f"/v1/calls/{call.id}/reschedule", json=_WHEN)).json()
    await rig.jobs.run_due()
    before = len(rig.telephony.orders)
    rig.now = dt.datetime(2026, 2, 16, 0, 0, tzinfo=dt.UTC)
    await rig.jobs.run_due()

    assert (moved["status"], moved["metadata"]["scheduled_at"]) == ("scheduled", "2026-02-16T00:00:00Z")
    assert before == 0
    assert len(rig.telephony.orders) == 1


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"date": "2026-11-01", "time": "01:30"}, "2026-11-01T05:30:00Z"),  # of two the first
        ({"date": "2026-02-15", "time": "19:00", "timezone": "Europe/Madrid"}, "2026-02-15T18:00:00Z"),
    ],
)
async def test_folds_and_other_zones(surface: Surface, when: dict[str, str], expected: str) -> None:
    """An hour that comes twice, and a zone that the request names."""
    call = await surface.rig.ask()

    moved = await surface.api.post(f"/v1/calls/{call.id}/reschedule", json=when)

    assert moved.json()["metadata"]["scheduled_at"] == expected


@pytest.mark.parametrize(
    "when",
    [
        {},
        {"date": "2026-02-15"},
        {"date": "2026-02-30", "time": "19:00"},
        {"date": "2026-02-15", "time": "7pm"},
        {"date": "2026-02-15", "time": "24:00"},
        {"date": "2026-02-12", "time": "19:00"},
        {"date": "2026-03-08", "time": "02:30"},
        {"date": "2028-03-08", "time": "02:30"},
        {"date": "0001-01-01", "time": "00:00"},
        {"date": "9999-12-31", "time": "23:59"},
        {"date": 5, "time": None},
        {"date": "2026-02-15", "time": "19:00", "timezone": "Nowhere"},
    ],
    ids=str,
)
async def test_times_that_cannot_be_are_refused(surface: Surface, when: dict[str, Any]) -> None:
    """Past, impossible, skipped by the clocks, too far away: one code; the call stays as it was."""
    call = await surface.rig.ask()

    refused = await surface.api.post(f"/v1/calls/{call.id}/reschedule", json=when)

    assert (refused.status_code, code_of(refused)) == (422, "scheduling_violation")
    assert (await surface.rig.call(call.id)).status == "queued"


async def test_moving_needs_a_document(surface: Surface) -> None:
    """400 for what is none; the state is judged before the time."""
    call_id = await _finished(surface.rig)
    json = {"Content-Type": "application/json"}

    malformed = await surface.api.post(f"/v1/calls/{call_id}/reschedule", content=b"{", headers=json)
    over = await surface.api.post(f"/v1/calls/{call_id}/reschedule", json={"date": "never", "time": "never"})

    assert (malformed.status_code, code_of(malformed)) == (400, "validation_error")
    assert (over.status_code, code_of(over)) == (409, "call_not_reschedulable")


async def test_a_ringing_call_is_stopped(surface: Surface) -> None:
    """The carrier is told, and the call costs nothing."""
    call, dial = await surface.rig.dialled()

    stopped = await surface.api.post(f"/v1/calls/{call.id}/stop")
    again = await surface.api.post(f"/v1/calls/{call.id}/stop")
    await surface.rig.jobs.run_due()
    over = await surface.api.post(f"/v1/calls/{call.id}/stop")

    told = (await surface.api.get(f"/v1/calls/{call.id}")).json()
    assert (stopped.status_code, again.status_code) == (200, 200)
    assert (told["status"], told["metadata"]["end_reason"]) == ("cancelled", "stopped_by_user")
    assert told["credits_used"] == 0
    assert surface.rig.telephony.steered.hung_up == [dial.provider_sid]
    assert (over.status_code, code_of(over)) == (409, "call_not_active")


async def test_a_call_that_is_not_live_cannot_be_stopped(surface: Surface) -> None:
    """Waiting or over."""
    over = await _finished(surface.rig)
    waiting = await surface.rig.ask()

    answers = [await surface.api.post(f"/v1/calls/{one}/stop") for one in (waiting.id, over)]

    assert [(one.status_code, code_of(one)) for one in answers] == [(409, "call_not_active")] * 2


async def test_an_inbound_call_is_not_among_these(surface: Surface) -> None:
    """It has operations of its own."""
    call = await surface.rig.inbound()

    read = await surface.api.get(f"/v1/calls/{call.id}")
    listed = await surface.api.get("/v1/calls")

    assert (read.status_code, listed.json()["total"]) == (404, 0)


def _turn(
    index: int, speaker: Any, text: str, *, start_ms: int, heard: str | None = None, interrupted: bool = False
) -> TranscriptTurn:
    return TranscriptTurn(
        index=index,
        speaker=speaker,
        text=text,
        start_ms=start_ms,
        end_ms=start_ms + 900,
        heard_text=heard,
        interrupted=interrupted,
    )
