"""A call by API, from the request to the ledger, with real processes, sockets and audio in between."""

import asyncio
import json
import wave
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import numpy as np
import pytest

from tests.e2e.serving import Served, serving, until

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]

LINES = """lines:
  "+14155550111": {answer: busy}
  "+14155550112": {answer: no_answer}
"""

DAY = date.today() + timedelta(days=14)  # any day ahead will do


def submission(number: str = "+14155551234", **more: Any) -> dict[str, Any]:
    """A request for a table."""
    wanted = {
        "task_category": "restaurant",
        "task_description": "Reserve a table for 4 at 8pm",
        "respondent_phone": number,
        "business_name": "Nobu",
        "user_name": "John Smith",
        "appointment_date": DAY.isoformat(),
        "appointment_time": "20:00",
        "party_size": 4,
        "is_urgent": True,
    }
    return {"submission": {**wanted, **more}, "timezone": "America/New_York"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An installation with local speech."""
    directory = tmp_path_factory.mktemp("served")
    (directory / "data" / "carrier").mkdir(parents=True, mode=0o700)
    (directory / "data" / "carrier" / "lines.yaml").write_text(LINES)
    with serving(directory, VOICE_ENGINE_CALLS__RING_TIMEOUT_S="5") as running:
        running.add_user("ada")
        yield running


@pytest.mark.speech
async def test_a_call_is_held_and_everything_follows_from_it(served: Served, tmp_path: Path) -> None:
    """201 with the end of the conversation; transcript, recording, calendar and bill agree with it."""
    async with served.api(served.tokens["ada"]) as api:
        answered = await api.post("/v1/calls", json=submission(), headers={"Prefer": "wait=150"})
        call = answered.json()
        path = f"/v1/calls/{call['call_id']}"
        lines = (await api.get(f"{path}/transcript")).json()["entries"]
        recording = await until(lambda: _recording(api, path))
        audio = (await api.get(recording["url"])).content
        event = icalendar.Calendar.from_ical((await api.get(f"{path}/calendar.ics")).content).events[0]
        history = (await api.get("/v1/credits/history")).json()["entries"]

    assert answered.status_code == 201, answered.text
    assert (call["status"], call["metadata"]["task_outcome"]) == ("success", "achieved")
    assert "4" in call["highlights"]
    assert call["next_steps"]
    assert {line["speaker"] for line in lines} == {"AI", "HUMAN"}
    starts: datetime = event.decoded("DTSTART")
    assert starts.replace(tzinfo=None) == datetime(DAY.year, DAY.month, DAY.day, 20)
    charges = [entry for entry in history if entry["resource_id"] == call["call_id"]]
    assert [entry["credits"] for entry in charges] == [call["credits_used"]]
    assert call["credits_used"] == pytest.approx(1.0 + 0.1 * -(-call["duration_seconds"] // 60))
    _check_recording(tmp_path, audio, seconds=call["duration_seconds"])


async def _recording(api: Any, path: str) -> Any:
    answer = await api.get(f"{path}/recording")
    return answer.json() if answer.status_code == 200 else None


def _check_recording(directory: Path, audio: bytes, *, seconds: float) -> None:
    (directory / "recording.wav").write_bytes(audio)
    with wave.open(str(directory / "recording.wav")) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).reshape(-1, 2)
        length = file.getnframes() / file.getframerate()
    assert length == pytest.approx(seconds, abs=0.5)
    loud = np.abs(pcm.astype(np.int32)).max(axis=0)
    assert loud.min() > 1000, f"both voices are heard: {loud}"


@pytest.mark.parametrize(("number", "status"), [("+14155550111", "busy"), ("+14155550112", "no_answer")])
async def test_who_does_not_answer_costs_nothing(served: Served, number: str, status: str) -> None:
    """Told apart, free, and without a transcript."""
    async with served.api(served.tokens["ada"]) as api:
        before = (await api.get("/v1/credits/balance")).json()["credits_remaining"]
        call = (await api.post("/v1/calls", json=submission(number), headers={"Prefer": "wait=60"})).json()
        transcript = await api.get(f"/v1/calls/{call['call_id']}/transcript")
        after = (await api.get("/v1/credits/balance")).json()["credits_remaining"]

    assert (call["status"], call["credits_used"]) == (status, 0)
    assert transcript.json()["error"]["code"] == "transcript_not_found"
    assert after == before


async def test_a_stopped_call_is_hung_up_within_a_second(served: Served) -> None:
    """On the wire: the carrier's own record says completed."""
    async with served.api(served.tokens["ada"]) as api:
        started = await api.post("/v1/calls", json=submission(), headers={"Prefer": "respond-async"})
        path = f"/v1/calls/{started.json()['call_id']}"

        async def talking() -> bool:
            return (await api.get(f"{path}/transcript")).status_code == 200

        await until(talking, seconds=60)
        stopped = await api.post(f"{path}/stop")
        await asyncio.sleep(1.0)
        call = (await api.get(path)).json()

    assert started.status_code == 201
    assert stopped.status_code == 200, stopped.text
    assert call["metadata"]["end_reason"] == "stopped_by_user"


async def test_twenty_requests_with_one_key_are_one_call(served: Served) -> None:
    """One id, one dial, one charge."""
    async with served.api(served.tokens["ada"]) as api:
        headers = {"Prefer": "respond-async", "Idempotency-Key": "one-and-the-same"}
        async with asyncio.TaskGroup() as group:
            sent = [
                group.create_task(api.post("/v1/calls", json=submission("+14155550111"), headers=headers))
                for _ in range(20)
            ]
        answers = [task.result() for task in sent]
        ids = {answer.json()["call_id"] for answer in answers}
        path = f"/v1/calls/{ids.copy().pop()}"

        async def over() -> Any:
            call = (await api.get(path)).json()
            return call if call["status"] == "busy" else None

        call = await until(over)

    assert {answer.status_code for answer in answers} == {201}
    assert len(ids) == 1
    assert call["metadata"]["attempt"] == 1


def test_logs_hold_no_number_and_no_word(served: Served) -> None:
    """What a caller says, and who was called, is personal."""
    logged = json.dumps(served.logged())

    assert "4155551234" not in logged
    assert "that works for us" not in logged
    assert served.tokens["ada"] not in logged
