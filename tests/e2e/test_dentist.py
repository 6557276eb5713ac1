"""A dentist's office from registration to a patient who booked: real processes, a real caller, real audio."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.e2e.business import ADMIN_KEY, Office, in_office, open_office
from tests.e2e.serving import Served, serving, until

pytestmark = [pytest.mark.acceptance, pytest.mark.speech, pytest.mark.timeout(300)]

PATIENT = "+14155550123"
MARY_CALLS = """name: patient
direction: inbound
language: en
now: 2026-02-13T10:00:00-05:00
assistant: {name: x, business: {name: x}}
respondent:
  steps:
    - {when: "help|do for you", say: "Hi. Where can I park?"}
    - {when: "garage|park", say: "Great. I would like to book a cleaning on Tuesday at two p.m."}
    - {when: name, say: My name is Mary Jones., else: My name is Mary Jones.}
    - {when: number, say: "It is four one five, five five five, oh one two three."}
    - {when: "right|correct|book", say: "Yes, that is right."}
    - {when: "anything|else", say: "No, thank you. Goodbye.", hang_up: true}
expect: {}
"""
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An installation with an administrator; Mary is at the patient's number."""
    directory = tmp_path_factory.mktemp("served")
    lines = directory / "data" / "carrier"
    lines.mkdir(parents=True, mode=0o700)
    (lines / "mary.yaml").write_text(MARY_CALLS)
    (lines / "lines.yaml").write_text(f'lines:\n  "{PATIENT}": {{scenario: mary.yaml}}\n')
    with serving(directory, VOICE_ENGINE_ADMIN_API_KEY=ADMIN_KEY) as running:
        yield running


@pytest.fixture(scope="module")
def office(served: Served) -> Office:
    """Bright Smile Dental, on the Pro plan."""
    return open_office(served, "Bright Smile Dental", plan="PRO")


async def _furnish(api: httpx2.AsyncClient) -> str:
    """Everything that an owner sets; the number that patients call."""
    week = {day: {"open": "09:00", "close": "17:00"} for day in WEEKDAYS}
    wishes: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("POST", "/api/assistants", {"vapiAssistantId": "bright-smile", "name": "Reception"}),
        ("PUT", "/api/business-info", {"businessType": "dentist", "businessDescription": "A family dentist."}),
        ("PUT", "/api/business-hours", {"businessHours": week, "timezone": "America/New_York"}),
        ("PUT", "/api/business-address", {"businessAddress": "12 Elm Street, Albany"}),
        ("PUT", "/api/assistant-name", {"name": "Emma"}),
        (
            "PUT",
            "/api/kb",
            {"sectionKey": "parking", "text": "# Parking\nPatients park for free in the Willow garage behind us."},
        ),
        (
            "PUT",
            "/api/first-message-mode",
            {
                "mode": "assistant-speaks-first",
                "firstMessage": "Bright Smile Dental, this is Emma, the AI assistant. How can I help you?",
            },
        ),
    )
    for method, path, body in wishes:
        answer = await api.request(method, path, json=body)
        assert answer.status_code in {200, 201}, f"{method} {path}: {answer.text}"
    bought = await api.post("/api/phone-numbers", json={})
    assert bought.status_code == 200, bought.text
    return str(bought.json()["phoneNumber"])


async def _ended(api: httpx2.AsyncClient) -> Any:
    calls = (await api.get("/api/calls")).json()["calls"]
    return calls[0] if calls and calls[0]["endedAt"] else None


async def test_a_patient_asks_and_books(served: Served, office: Office) -> None:
    """The patient hears what the owner set; one row tells both surfaces the same; minutes are counted once."""
    async with in_office(served, office) as api, served.carrier() as carrier:
        number = await _furnish(api)
        rung = await carrier.post("/carrier/calls", json={"to": number, "from": PATIENT})
        assert rung.status_code == 201, rung.text
        call = await until(lambda: _ended(api), seconds=200)
        told = (await api.get(f"/api/calls/{call['id']}")).json()["call"]
        audio = await api.get(f"/api/calls/{call['id']}/recording")
        usage = (await api.get("/api/usage")).json()
    token = str(served.command("token", "create", "--user", office.email, "--json")["token"])
    async with served.api(token) as mine:
        row = (await mine.get(f"/v1/inbound/calls/{call['id']}")).json()

    assert (told["status"], told["direction"], told["customerNumber"]) == ("COMPLETED", "INBOUND", PATIENT)
    lines = told["transcript"].splitlines()
    assert lines[0].startswith("AI: Bright Smile Dental, this is Emma, the AI assistant. How can I help you?")
    assert any(line.startswith("AI: ") and "Willow" in line for line in lines), told["transcript"]
    assert "Mary Jones" in json.dumps(told)
    assert (audio.status_code, audio.headers["content-type"]) == (200, "audio/wav")
    assert len(audio.content) > 100_000
    assert usage["snapshot"]["minutesUsed"] == told["durationMinutes"] > 0.3
    assert (row["status"], row["caller_number"], row["handled_by"]) == ("completed", PATIENT, "ai")
    assert row["summary"] == told["summary"]
