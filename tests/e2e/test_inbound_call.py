"""A call that comes in, from the carrier's webhook to what is left of it, with real processes and audio."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.e2e.serving import NUMBER, Served, serving, until

pytestmark = [pytest.mark.acceptance, pytest.mark.speech, pytest.mark.timeout(300)]

CALLER = "+14155550123"
SALON = """direction: inbound
language: en
now: 2026-02-13T10:00:00-05:00
assistant:
  name: Shear Joy
  business: {name: Shear Joy, type: salon, timezone: America/New_York, services: [haircut, coloring]}
  hours:
    monday: {open: "09:00", close: "17:00"}
    tuesday: {open: "09:00", close: "17:00"}
    wednesday: {open: "09:00", close: "17:00"}
    thursday: {open: "09:00", close: "17:00"}
    friday: {open: "09:00", close: "17:00"}
"""
ADA_CALLS = """name: caller
direction: inbound
language: en
now: 2026-02-13T10:00:00-05:00
assistant: {name: x, business: {name: x}}
respondent:
  steps:
    - {when: "help|do for you", say: "Hi, I would like to book a haircut on Tuesday at two p.m."}
    - {when: name, say: My name is Mary Jones., else: My name is Mary Jones.}
    - {when: number, say: "It is four one five, five five five, oh one two three."}
    - {when: "right|correct|book", say: "Yes, that is right."}
    - {when: "anything|else", say: "No, thank you. Goodbye.", hang_up: true}
expect: {}
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An installation whose first account is a hairdresser's; Mary is at the caller's number."""
    directory = tmp_path_factory.mktemp("served")
    lines = directory / "data" / "carrier"
    lines.mkdir(parents=True, mode=0o700)
    (lines / "mary.yaml").write_text(ADA_CALLS)
    (lines / "lines.yaml").write_text(f'lines:\n  "{CALLER}": {{scenario: mary.yaml}}\n')
    (directory / "salon.yaml").write_text(SALON)
    with serving(directory) as running:
        running.add_user("ada")
        running.command("reception", str(directory / "salon.yaml"))
        yield running


class Follower:
    """Reads the event stream, and leaves after every few events to come back with the last id."""

    def __init__(self, api: httpx2.AsyncClient, *, leave_after: int) -> None:
        self._api = api
        self._leave_after = leave_after
        self.events: list[dict[str, Any]] = []
        self.visits = 0

    async def follow(self) -> None:
        """Until cancelled."""
        while True:
            await self._visit()

    async def _visit(self) -> None:
        self.visits += 1
        headers = {"Accept": "text/event-stream"}
        if self.events:
            headers["Last-Event-ID"] = self.events[-1]["id"]
        seen = 0
        async with self._api.stream("GET", "/v1/inbound/events", headers=headers, timeout=60.0) as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data:"):
                    self.events.append(json.loads(line.removeprefix("data:")))
                    seen += 1
                    if seen == self._leave_after:
                        return


async def test_a_caller_books_and_everything_is_there_afterwards(served: Served) -> None:
    """Details, transcript, recording, bill, and every event once and in order across reconnects."""
    await until(lambda: _has_number(served), seconds=60)
    async with served.api(served.tokens["ada"]) as api, served.carrier() as carrier:
        follower = Follower(api, leave_after=3)
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(follower.follow())
            rung = await carrier.post("/carrier/calls", json={"to": NUMBER, "from": CALLER})
            call = await until(lambda: _ended(api), seconds=150)
            await asyncio.sleep(2.0)
            following.cancel()
        path = f"/v1/inbound/calls/{call['id']}"
        details = (await api.get(path)).json()
        transcript = (await api.get(f"{path}/transcript")).json()["entries"]
        recording = (await api.get(f"{path}/recording")).json()
        audio = (await api.get(recording["url"])).content
        history = (await api.get("/v1/credits/history")).json()["entries"]

    assert rung.status_code == 201, rung.text
    assert (details["status"], details["handled_by"], details["caller_number"]) == ("completed", "ai", CALLER)
    said = " ".join(line["content"] for line in transcript)
    assert "haircut" in said.lower()
    assert "Mary Jones" in json.dumps(details)
    assert len(audio) > 100_000
    assert [entry["credits"] for entry in history if entry["resource_id"] == call["id"]] == [
        details["credits_used"]
    ]
    types = [event["type"] for event in follower.events]
    ids = [int(event["id"]) for event in follower.events]
    assert ids == sorted(set(ids)), "each event once, in order"
    assert (types[0], types[-1]) == ("call.ringing", "call.completed")
    assert "call.answered" in types
    assert follower.visits > 2


async def _has_number(served: Served) -> bool:
    return any(line["event"] == "number.first_ready" for line in served.logged())


async def _ended(api: httpx2.AsyncClient) -> Any:
    calls = (await api.get("/v1/inbound/calls")).json()["calls"]
    return calls[0] if calls and calls[0]["status"] == "completed" else None


async def test_a_number_that_is_nobodys_is_not_answered(served: Served, tmp_path: Path) -> None:
    """The carrier itself says so."""
    async with served.carrier() as carrier:
        refused = await carrier.post("/carrier/calls", json={"to": "+14155550199", "from": CALLER})

    assert refused.status_code == 404
