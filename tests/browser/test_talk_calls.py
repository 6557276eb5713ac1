"""Whole spoken calls in Chromium, with the packaged speech models at both ends."""

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.async_api import Page

from tests.browser.conftest import Place, furnish
from tests.browser.spoken import write_caller
from tests.browser.talking import RESPONDENT, Held, Moment, hold_call
from tests.e2e.business import ADMIN_KEY, Office, in_office, open_office
from tests.e2e.serving import serving
from voice_engine.audio.wav import parse_wav

pytestmark = [pytest.mark.acceptance, pytest.mark.speech, pytest.mark.timeout(420)]

WEEK = {
    day: {"open": "09:00", "close": "17:00"} for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
}
DENTIST: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("POST", "/api/assistants", {"vapiAssistantId": "bright-smile", "name": "Reception"}),
    ("PUT", "/api/business-info", {"businessType": "dentist", "businessDescription": "A family dentist."}),
    ("PUT", "/api/business-hours", {"businessHours": WEEK, "timezone": "America/New_York"}),
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
CLINIC: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("POST", "/api/assistants", {"vapiAssistantId": "san-jorge", "name": "Recepción"}),
    ("PUT", "/api/business-hours", {"businessHours": WEEK, "timezone": "America/New_York"}),
    (
        "PUT",
        "/api/kb",
        {
            "sectionKey": "aparcamiento",
            "text": "# Aparcamiento\nLos pacientes aparcan gratis en el garaje del sótano.",
        },
    ),
    (
        "PUT",
        "/api/first-message-mode",
        {
            "mode": "assistant-speaks-first",
            "firstMessage": "Clínica San Jorge, le atiende Emma. ¿En qué puedo ayudarle?",
        },
    ),
)
BOOKING = (
    (4.3, "Hello, excuse me. Where can I park my car?"),
    (12.0, "I would like to book a cleaning on Tuesday at two p.m."),
    (21.0, "My name is Mary Jones."),
    (30.0, "It is four one five, five five five, oh one two three."),
    (49.0, "Yes, that is right."),
    (66.0, "No, thank you. Goodbye."),
)
"""The first line falls into the greeting, the second perhaps into its answer: this caller does not wait."""

READ_BACK = "[...document.querySelectorAll('.line.engine.speaking .solid')].some(e => e.textContent.length > 95)"
"""The engine is in the middle of a long sentence."""


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An installation that hears and speaks, with a dentist's office."""
    directory = tmp_path_factory.mktemp("served")
    with serving(directory, VOICE_ENGINE_ADMIN_API_KEY=ADMIN_KEY) as served:
        place = furnish(served)
        asyncio.run(_set_up(place, place.business, DENTIST))
        yield place


@pytest.fixture(scope="module")
def booked(spoken: Place, tmp_path_factory: pytest.TempPathFactory, pictures: Path) -> tuple[Held, Path]:
    """A patient who interrupts the greeting, asks, books and says goodbye; and what the microphone spoke."""
    microphone = write_caller(tmp_path_factory.mktemp("voice") / "mary.wav", "en", BOOKING)
    moments = ((READ_BACK, picture(pictures / "talk-live.png", tall=True)),)
    after = picture(pictures / "talk-after-light.png")
    held = asyncio.run(hold_call(spoken.url, spoken.office, microphone, moments=moments, after=after))
    return held, microphone


def picture(path: Path, *, tall: bool = False) -> Moment:
    """Take one, of a whole conversation if `tall`."""

    async def take(page: Page) -> None:
        if tall:
            await page.set_viewport_size({"width": 1280, "height": 1000})
        await page.screenshot(path=path)

    return take


async def _set_up(place: Place, office: Office, wishes: tuple[tuple[str, str, dict[str, Any]], ...]) -> None:
    async with in_office(place.served, office) as api:
        for method, path, body in wishes:
            answer = await api.request(method, path, json=body)
            assert answer.status_code in {200, 201}, f"{method} {path}: {answer.text}"


async def _row(place: Place, office: Office, call_id: str) -> tuple[dict[str, Any], bytes, dict[str, Any]]:
    """A business's call as its API tells it, the recording, and what was used."""
    async with in_office(place.served, office) as api:
        call = (await api.get(f"/api/calls/{call_id}")).json()["call"]
        audio = (await api.get(f"/api/calls/{call_id}/recording")).content
        usage = (await api.get("/api/usage")).json()["snapshot"]
    return call, audio, usage


# A call to the receptionist.


def test_what_was_said_is_on_the_page_and_in_the_row(spoken: Place, booked: tuple[Held, Path]) -> None:
    held, _ = booked
    call, _, usage = asyncio.run(_row(spoken, spoken.business, held.call_id))

    assert "Jones" in held.said("you")
    assert "Jones" in held.said("engine")
    assert (call["status"], call["direction"]) == ("COMPLETED", "INBOUND")
    for turn in (*held.facts("turn.human"), *held.facts("turn.ai")):
        assert turn.get("heard", turn["text"]) in call["transcript"], call["transcript"]
    assert usage["minutesUsed"] == call["durationMinutes"] > 0.5


def test_the_page_says_what_it_came_to(booked: tuple[Held, Path]) -> None:
    held, _ = booked

    assert held.outcome == "Done"
    assert "Booked: appointment on Tuesday" in held.result
    assert "Jones" in held.result


def test_interrupting_by_voice_cuts_the_engine_off_and_shows_what_was_not_heard(booked: tuple[Held, Path]) -> None:
    held, _ = booked
    greeting = held.lines[0]
    told = held.facts("turn.ai")[0]

    assert held.barge_ins >= 1
    assert told["interrupted"]
    assert greeting["solid"] == told["heard"]
    assert greeting["struck"]
    assert told["text"].split()[-1] == greeting["struck"].split()[-1]


def test_clear_is_answered_with_the_marks_that_were_pending_and_nothing_late(booked: tuple[Held, Path]) -> None:
    """Every mark comes back exactly once, in order, within a moment of `clear` at the latest."""
    held, _ = booked
    asked = [
        message["mark"]["name"] for way, message in held.wire if way == "received" and message["event"] == "mark"
    ]
    answered = [
        message["mark"]["name"] for way, message in held.wire if way == "sent" and message["event"] == "mark"
    ]
    kinds = [(way, message["event"]) for way, message in held.wire]
    cleared_at = kinds.index(("received", "clear"))
    pending = {m["mark"]["name"] for w, m in held.wire[:cleared_at] if w == "received" and m["event"] == "mark"} - {
        m["mark"]["name"] for w, m in held.wire[:cleared_at] if w == "sent" and m["event"] == "mark"
    }
    soon = [
        m["mark"]["name"]
        for w, m in held.wire[cleared_at : cleared_at + 12]
        if w == "sent" and m["event"] == "mark"
    ]

    assert answered == asked[: len(answered)]
    assert len(asked) - len(answered) <= 2, "those of the goodbye, when the line closes"
    assert pending <= set(soon)


def test_each_answer_has_its_bar_and_its_number(booked: tuple[Held, Path]) -> None:
    held, _ = booked
    measured = [round(fact["latency_ms"]) for fact in held.facts("reply.started") if fact["latency_ms"] is not None]

    assert len(measured) >= 5
    assert [int(answer) for answer in held.answers] == measured


def test_the_microphone_is_frames_of_the_protocol_without_a_gap(booked: tuple[Held, Path]) -> None:
    held, _ = booked
    sent = [message for way, message in held.wire if way == "sent"]
    media = [message["media"] for message in sent if message["event"] == "media"]

    assert [message["event"] for message in sent[:3]] == ["connected", "start", "media"]
    assert [int(message["sequenceNumber"]) for message in sent[1:]] == list(range(1, len(sent)))
    assert [int(frame["timestamp"]) for frame in media] == list(range(0, 20 * len(media), 20))
    assert [int(frame["chunk"]) for frame in media] == list(range(1, len(media) + 1))
    assert {len(base64.b64decode(frame["payload"])) for frame in media} == {160}


def test_the_recording_has_both_voices_where_they_spoke(spoken: Place, booked: tuple[Held, Path]) -> None:
    held, _ = booked
    _, audio, _ = asyncio.run(_row(spoken, spoken.business, held.call_id))
    both = parse_wav(audio, name="recording", channels=2)
    caller, engine = both[:, 0], both[:, 1]

    by_caller, by_engine = held.facts("turn.human"), held.facts("turn.ai")

    for mine, others, side, other in (
        (by_caller, by_engine, caller, engine),
        (by_engine, by_caller, engine, caller),
    ):
        alone = [turn for turn in mine if not any(overlap(turn, each) for each in others)]
        assert len(alone) >= 3
        for turn in alone:
            assert loudness(side, turn) > 6 * loudness(other, turn), turn


def test_the_recording_keeps_the_microphones_time(spoken: Place, booked: tuple[Held, Path]) -> None:
    """A line begins in the recording as long after the first as in the file: no frame lost or twice, no drift."""
    held, microphone = booked
    _, audio, _ = asyncio.run(_row(spoken, spoken.business, held.call_id))
    spoken_at = onsets(_telephone(microphone))
    heard_at = onsets(parse_wav(audio, name="recording", channels=2)[:, 0])

    assert len(heard_at) == len(spoken_at) == len(BOOKING)
    late = np.array(heard_at) - np.array(spoken_at)
    assert np.ptp(late) < 0.08, late


def test_afterwards_the_microphone_is_let_go(booked: tuple[Held, Path]) -> None:
    held, _ = booked

    assert set(held.closed["tracks"]) == {"ended"}
    assert set(held.closed["contexts"]) == {"closed"}
    wanted = {
        "echoCancellation": True,
        "noiseSuppression": True,
        "autoGainControl": True,
        "channelCount": {"ideal": 1},
    }
    assert held.closed["wanted"] == [wanted]


def test_a_call_in_spanish(spoken: Place, tmp_path: Path, pictures: Path) -> None:
    clinic = open_office(spoken.served, "Clinica San Jorge", plan="PRO")
    asyncio.run(_set_up(spoken, clinic, CLINIC))
    name, _, token = clinic.cookie.partition("=")
    lines = ((9.5, "Hola. ¿Dónde puedo aparcar?"), (23.0, "No, gracias. Adiós."))
    microphone = write_caller(tmp_path / "maria.wav", "es", lines)
    answering = "document.querySelector('.line.you.done') && document.querySelector('.line.engine.speaking .solid')"
    moments = ((answering, picture(pictures / "talk-call-dark.png")),)

    held = asyncio.run(
        hold_call(spoken.url, {name: token}, microphone, language="es", scheme="dark", moments=moments)
    )

    call, audio, usage = asyncio.run(_row(spoken, clinic, held.call_id))
    assert "aparcar" in held.said("you")
    assert "garaje" in held.said("engine")
    assert "garaje" in call["transcript"]
    assert len(audio) > 200_000
    assert usage["minutesUsed"] > 0
    assert "Terminada" in held.outcome


# Calls to the person at the microphone.


def test_you_are_the_restaurant(spoken: Place, tmp_path: Path, pictures: Path) -> None:
    lines = (
        (1.5, "Good evening, this is the restaurant."),
        (15.0, "Eight o'clock is fine."),
        (25.5, "Yes, you are booked. Your confirmation number is four four one."),
        (41.0, "Thank you. Goodbye."),
    )
    microphone = write_caller(tmp_path / "bistro.wav", "en", lines)
    moments = (
        ("document.querySelectorAll('.line.you.done').length >= 2", picture(pictures / "talk-call-phone.png")),
    )

    held = asyncio.run(
        hold_call(spoken.url, spoken.person, microphone, press=RESPONDENT, phone=True, moments=moments)
    )

    call = asyncio.run(_outbound(spoken, held.call_id))
    assert "table for four" in held.said("engine")
    assert "8 o'clock" in held.said("you")
    assert (held.outcome, call["status"]) == ("Done", "success")
    assert "Booked: table for 4" in call["highlights"]
    assert "441" in held.result
    assert float(call["credits_used"]) > 0
    assert call["submission"]["business_name"] == "Corner Bistro"


def test_you_are_the_restaurant_in_spanish(spoken: Place, tmp_path: Path) -> None:
    lines = (
        (1.5, "Buenas noches, dígame."),
        (17.0, "Sí, a las nueve está bien."),
        (31.0, "Sí, queda reservada. Hasta mañana."),
        (46.0, "Gracias, adiós."),
    )
    microphone = write_caller(tmp_path / "taberna.wav", "es", lines)

    held = asyncio.run(hold_call(spoken.url, spoken.person, microphone, press=RESPONDENT, language="es"))

    call = asyncio.run(_outbound(spoken, held.call_id))
    assert "mesa para cuatro" in held.said("engine")
    assert (call["status"], call["metadata"]["task_outcome"]) == ("success", "achieved")
    assert call["submission"]["call_language"] == "es"


async def _outbound(place: Place, call_id: str) -> dict[str, Any]:
    async with place.served.api(place.served.tokens["ada"]) as api:
        call: dict[str, Any] = (await api.get(f"/v1/calls/{call_id}")).json()
        return call


# Sound.


def overlap(turn: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether both parties spoke at once."""
    return bool(turn["start_ms"] < other["end_ms"] and other["start_ms"] < turn["end_ms"])


def loudness(side: NDArray[np.int16], turn: dict[str, Any]) -> float:
    """Root mean square of a side while a turn lasted."""
    span = side[turn["start_ms"] * 8 : turn["end_ms"] * 8].astype(np.float64)
    return float(np.sqrt(np.mean(span**2))) + 1.0


def onsets(side: NDArray[np.int16], *, after_s: float = 4.0) -> list[float]:
    """When speech begins after so long a silence, in seconds, to 10 ms."""
    frames = side[: len(side) // 80 * 80].reshape(-1, 80).astype(np.float64)
    levels = np.sqrt((frames**2).mean(axis=1))
    loud = np.flatnonzero(levels > 0.08 * levels.max())
    first = np.concatenate([[True], np.diff(loud) > after_s * 100])
    return [float(at) / 100 for at in loud[first]]


def _telephone(microphone: Path) -> NDArray[np.int16]:
    """The microphone's file at 8 kHz, by leaving out samples: good enough to see when somebody speaks."""
    content = microphone.read_bytes()
    wide = np.frombuffer(content[content.index(b"data") + 8 :], dtype="<i2")
    return np.ascontiguousarray(wide[::6])
