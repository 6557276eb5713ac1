"""A live call between the engine and a scripted restaurant: somebody whispers, steps in by microphone, leaves."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.browser.chromium import chromium, watched
from tests.browser.conftest import sign_in
from tests.browser.spoken import write_caller
from tests.e2e.serving import Served, serving, until

pytestmark = [pytest.mark.acceptance, pytest.mark.speech, pytest.mark.timeout(400)]

NUMBER = "+14155550131"
DAY = date.today() + timedelta(days=14)  # any day ahead will do
RESTAURANT = """name: nobu
direction: outbound
language: en
now: 2026-02-13T10:00:00-05:00
submission: {task_category: restaurant, task_description: x, respondent_phone: "+14155550131"}
respondent:
  steps:
    - say: "Nobu, good evening."
    - {when: "table|book", say: "I am sorry, we are full at eight. I could do nine."}
    - {when: "eight|chance|free", say: "One moment please, I will ask."}
    - {when: "umbrella|john|fine", say: "Hello John, I understand."}
    - {when: "nine|anything|assistant", say: "Yes, nine o'clock is possible."}
    - {when: "book|table|right", say: "It is booked."}
    - {when: "thank|great|perfect|wonderful", say: "Goodbye.", hang_up: true}
expect: {}
"""
SAID = ((4.0, "Hello, this is John. I am bringing an umbrella."),)
"""Seconds after the microphone was opened; a word that no line of the engine's holds."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An installation with local speech; the restaurant is at its number."""
    directory = tmp_path_factory.mktemp("served")
    folder = directory / "data" / "carrier"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "nobu.yaml").write_text(RESTAURANT)
    (folder / "lines.yaml").write_text(f'lines:\n  "{NUMBER}": {{scenario: nobu.yaml}}\n')
    with serving(directory) as running:
        running.add_user("ada")
        yield running


async def placed(served: Served) -> str:
    """A call for a table at eight; its id."""
    submission = {
        "task_category": "restaurant",
        "task_description": "Reserve a table for 4 at 8pm",
        "respondent_phone": NUMBER,
        "business_name": "Nobu",
        "user_name": "John Smith",
        "appointment_date": DAY.isoformat(),
        "appointment_time": "20:00",
        "party_size": 4,
        "is_urgent": True,
    }
    body = {"submission": submission, "timezone": "America/New_York"}
    async with served.api(served.tokens["ada"]) as api:
        answer = await api.post("/v1/calls", json=body, headers={"Prefer": "respond-async"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["call_id"])


def rows(served: Served, statement: str, *values: str) -> list[tuple[Any, ...]]:
    """What the database says."""
    with closing(sqlite3.connect(f"file:{served.data_dir / 'voice-engine.db'}?mode=ro", uri=True)) as base:
        return base.execute(statement, values).fetchall()


async def said(served: Served, call_id: str, *words: str) -> None:
    """Wait until somebody in the call has said one of these words."""

    async def is_said() -> bool:
        lines = rows(served, "SELECT text FROM transcript_entries WHERE call_id = ?", call_id)
        return any(word in text.lower() for (text,) in lines for word in words)

    await until(is_said, seconds=60)


async def test_a_member_whispers_takes_over_and_hands_back(served: Served, tmp_path: Path, pictures: Path) -> None:
    """The whisper changes what is agreed, their voice is in the transcript as theirs, the AI finishes the job."""
    microphone = write_caller(tmp_path / "john.wav", "en", SAID)
    cookies = sign_in(served, "ada@example.com")
    async with chromium(microphone=microphone, loops=False) as browser:
        call_id = await placed(served)
        async with watched(browser, served.url, cookies=cookies) as tab:
            page = await tab.goto(f"/app/calls/{call_id}")
            await said(served, call_id, "moment")
            await expect(page.locator("#live-take")).to_be_enabled(timeout=20_000)
            await whisper(page, "Nine is fine")
            await take_over(page)
            await tab.check()
            await picture(page, pictures)
            assert await tab.overflow() == 0, "wider than a phone"
            await page.set_viewport_size(ViewportSize(width=1280, height=860))
            await said(served, call_id, "umbrella")
            await said(served, call_id, "hello john", "understand")
            await page.click("#live-hand-back")
            await expect(page.locator("#live-lead")).to_have_text("The AI leads", timeout=10_000)
            await over(served, call_id)
            await expect(page.locator("#live-controls")).to_be_hidden(timeout=20_000)
            await tab.check()

    _check_record(served, call_id)


async def whisper(page: Page, text: str) -> None:
    """By keyboard: the field, the sentence, Enter. The page says how it was understood."""
    await page.focus("#live-text")
    await page.keyboard.type(text)
    await page.keyboard.press("Enter")
    await expect(page.locator("#live-whispers li")).to_contain_text("goes by this from now on", timeout=10_000)


async def take_over(page: Page) -> None:
    """One click; the microphone opens, and its level moves."""
    await page.click("#live-take")
    await expect(page.locator("#live-line")).to_be_visible(timeout=15_000)
    await expect(page.locator("#live-lead")).to_have_text("You lead")
    level = "Number(getComputedStyle(document.getElementById('live-meter-in')).getPropertyValue('--level'))"

    async def moves() -> bool:
        return bool(await page.evaluate(level) > 0.2)

    await until(moves, seconds=15, every_s=0.05)


async def picture(page: Page, pictures: Path) -> None:
    """The page in every look, ending as a phone has it. From its top: the menu sticks to where it is scrolled."""
    for look in ("light", "dark", "phone"):
        await page.emulate_media(color_scheme="dark" if look == "dark" else "light")
        if look == "phone":
            await page.set_viewport_size(ViewportSize(width=390, height=844))
        await page.evaluate("window.scrollTo({top: 0, behavior: 'instant'})")
        await page.screenshot(path=pictures / f"takeover-{look}.png", full_page=True)


async def over(served: Served, call_id: str) -> None:
    async def is_over() -> bool:
        return rows(served, "SELECT 1 FROM calls WHERE id = ? AND ended_at IS NOT NULL", call_id) != []

    await until(is_over, seconds=120)


def _check_record(served: Served, call_id: str) -> None:
    lines = rows(
        served, "SELECT speaker, agent, text FROM transcript_entries WHERE call_id = ? ORDER BY position", call_id
    )
    ((handled_by, highlights),) = rows(served, "SELECT handled_by, highlights FROM calls WHERE id = ?", call_id)
    kinds = [kind for (kind,) in rows(served, "SELECT type FROM call_events WHERE call_id = ?", call_id)]
    ours = [text.lower() for speaker, agent, text in lines if agent]
    assert any("umbrella" in text for text in ours), lines
    assert all(speaker == "HUMAN" for speaker, agent, _ in lines if agent)
    assert not any("nine is fine" in text.lower() for _, _, text in lines)
    assert any("back with the assistant" in text for speaker, _, text in lines if speaker == "AI"), lines
    assert handled_by == "human"
    assert "9:00" in str(highlights), (highlights, lines)
    assert {"call.whispered", "call.takeover", "call.handed_back"} <= set(kinds)
