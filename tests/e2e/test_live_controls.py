"""Somebody steps into a live call of a served installation: rows, wakes, sockets and audio in between."""

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest

from tests.carrier.lines import tone_mulaw
from tests.e2e.business import Office, in_office, open_office
from tests.e2e.serving import Served, until
from tests.e2e.test_browser_calls import ask, browsing, ended, office, served
from tests.fakes.browser import FakeBrowser
from tests.fakes.call_rig import ClipLine
from tests.fakes.takeover_rig import CALLER_HZ, HUMAN_HZ, strength
from voice_engine.carrier.leg import SILENT_FRAME, LineFrame

pytestmark = [pytest.mark.acceptance, pytest.mark.slow, pytest.mark.timeout(120)]

__all__ = ["office", "served"]

FRAME_BYTES = 160


class ToneLine(ClipLine):
    """Gives out a tone, and keeps what it hears."""

    def __init__(self, hz: float) -> None:
        super().__init__()
        self._tone = tone_mulaw(1_000, hz)
        self._at = 0
        self.left = False

    def step(self, at_ms: int, heard: bytes | None) -> LineFrame:
        self.heard += heard if heard is not None else SILENT_FRAME
        frame = self._tone[self._at : self._at + FRAME_BYTES]
        self._at = (self._at + FRAME_BYTES) % len(self._tone)
        return LineFrame(frame, hung_up=self.left)


@contextlib.asynccontextmanager
async def on_the_line(served: Served, who: Office, place: Any, line: ClipLine) -> AsyncIterator[FakeBrowser]:
    """A browser's stream while the context is open."""
    async with browsing(served, who, place, line) as browser, asyncio.TaskGroup() as tasks:
        talking = tasks.create_task(browser.talk())
        yield browser
        talking.cancel()


async def post(served: Served, who: Office, path: str, body: object) -> httpx2.Response:
    """What a page's script sends, whatever comes of it."""
    async with in_office(served, who) as browser:
        page = (await browser.get("/app")).text
        token = re.search(r'name="csrf-token" content="([0-9a-f]+)"', page)
        assert token is not None
        headers = {"X-CSRF-Token": token[1], "Accept": "application/json", "Origin": served.url}
        return await browser.post(path, json=body, headers=headers)


def rows(served: Served, statement: str, *values: str) -> list[tuple[Any, ...]]:
    """What the database says."""
    with contextlib.closing(
        sqlite3.connect(f"file:{served.data_dir / 'voice-engine.db'}?mode=ro", uri=True)
    ) as base:
        return base.execute(statement, values).fetchall()


async def is_closed(browser: FakeBrowser) -> bool:
    return browser.closed is not None


async def happened(served: Served, call_id: str, kind: str) -> None:
    """Wait until the call's record has this event."""

    async def is_there() -> bool:
        return bool(rows(served, "SELECT 1 FROM call_events WHERE call_id = ? AND type = ?", call_id, kind))

    await until(is_there, seconds=15)


@pytest.fixture(scope="module")
def rival(served: Served) -> Iterator[Office]:
    """Another business."""
    yield open_office(served, "Other Dental", plan="ENTERPRISE")


async def test_somebody_takes_over_whispers_and_hands_back(served: Served, office: Office, rival: Office) -> None:
    """Both hear each other; nobody of another business gets near it; the record knows who did what."""
    body = await ask(served, office, "/app/talk/calls", {"mode": "reception"})
    caller, member = ToneLine(CALLER_HZ), ToneLine(HUMAN_HZ)
    path = f"/app/calls/{body['callId']}"
    async with on_the_line(served, office, body, caller) as call:
        await happened(served, body["callId"], "call.answered")
        told = await post(served, office, f"{path}/whisper", {"text": "tell her that we open at nine"})
        foreign = [
            await post(served, rival, f"{path}/{deed}", given)
            for deed, given in (("takeover", {}), ("whisper", {"text": "hello"}), ("stop", {}))
        ]
        place = await ask(served, office, f"{path}/takeover", {})
        async with on_the_line(served, office, place, member):
            await happened(served, body["callId"], "call.takeover")
            again = await post(served, office, f"{path}/takeover", {})
            whispered = await post(served, office, f"{path}/whisper", {"text": "hello"})
            heard = len(caller.heard), len(member.heard)
            await asyncio.sleep(2.0)
            at_caller, at_member = bytes(caller.heard[heard[0] :]), bytes(member.heard[heard[1] :])
            back = await post(served, office, f"{path}/hand-back", {})
            await happened(served, body["callId"], "call.handed_back")
        caller.left = True
        await until(lambda: is_closed(call), seconds=20)
    record = await ended(served, office, body["callId"])

    assert (told.status_code, back.status_code) == (200, 200)
    assert [answer.json()["error"]["code"] for answer in foreign] == ["call_not_found"] * 3
    assert again.json()["error"]["code"] == "takeover_in_progress"
    assert whispered.json()["error"]["code"] == "human_on_line"
    assert strength(at_caller, HUMAN_HZ) > 0.9
    assert strength(at_member, CALLER_HZ) > 0.9
    _check_record(served, body["callId"], record)


def _check_record(served: Served, call_id: str, record: Any) -> None:
    kinds = [kind for (kind,) in rows(served, "SELECT type FROM call_events WHERE call_id = ?", call_id)]
    audited = {action for (action,) in rows(served, "SELECT action FROM audit WHERE subject = ?", call_id)}
    (note,) = rows(served, "SELECT payload FROM call_events WHERE call_id = ? AND type = 'call.whispered'", call_id)
    assert {"call.takeover", "call.handed_back", "call.whispered"} <= set(kinds)
    assert {"call.taken_over", "call.handed_back", "call.whispered"} <= audited
    assert "tell her that we open at nine" in note[0]
    assert "tell her" not in str(record["transcript"])
