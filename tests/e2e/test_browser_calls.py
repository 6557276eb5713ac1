"""Calls out of a browser at an installation that is really served: pass, socket, speech, and what is left."""

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from tests.e2e.business import ADMIN_KEY, Office, in_office, open_office
from tests.e2e.serving import SCRIPTED, Served, serving, until
from tests.fakes.browser import FakeBrowser
from tests.fakes.call_rig import ClipLine, Say, clip
from voice_engine.ports.media import Message
from voice_engine.web.browser import Pass
from voice_engine.web.socket import ABNORMAL_CLOSURE

pytestmark = [pytest.mark.acceptance, pytest.mark.slow, pytest.mark.timeout(120)]

TASK = {"task_category": "restaurant", "task_description": "Reserve a table for 4 at 8pm", "party_size": 4}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An installation whose speech is scripted."""
    directory = tmp_path_factory.mktemp("served")
    with serving(directory, **SCRIPTED, VOICE_ENGINE_ADMIN_API_KEY=ADMIN_KEY) as running:
        yield running


@pytest.fixture(scope="module")
def office(served: Served) -> Office:
    """A business with an assistant."""
    made = open_office(served, "Bright Smile Dental", plan="ENTERPRISE")
    headers = {"Cookie": made.cookie}
    with httpx2.Client(base_url=served.url, headers=headers, timeout=30.0) as owner:
        created = owner.post(
            "/api/assistants", json={"vapiAssistantId": "asst_of_these_tests", "name": "Reception AI"}
        )
        assert created.status_code in {200, 201}, created.text
    return made


class ClientSocket:
    """`MediaSocket` over a websocket client."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def run(self, on_message: Callable[[Message], None]) -> int:
        with contextlib.suppress(ConnectionClosed):
            async for message in self._connection:
                on_message(message)
        return self._connection.close_code or ABNORMAL_CLOSURE

    async def send(self, text: str) -> None:
        with contextlib.suppress(ConnectionClosed):
            await self._connection.send(text)

    async def close(self, code: int = 1000) -> None:
        """1006 is no code that anybody sends: the connection is cut."""
        if code == ABNORMAL_CLOSURE:
            self._connection.transport.abort()
        else:
            await self._connection.close(code)


async def ask(served: Served, office: Office, path: str, body: object) -> Any:
    """What a page of ours gets."""
    async with in_office(served, office) as browser:
        page = (await browser.get("/app")).text
        token = re.search(r'name="csrf-token" content="([0-9a-f]+)"', page)
        assert token is not None
        headers = {"X-CSRF-Token": token[1], "Accept": "application/json", "Origin": served.url}
        answer = await browser.post(path, json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def entry_of(body: Any) -> Pass:
    return Pass(
        call_sid=body["callSid"],
        stream_sid=body["streamSid"],
        account_sid=body["accountSid"],
        ticket=body["ticket"],
        expires_in_s=body["expiresInSeconds"],
    )


@contextlib.asynccontextmanager
async def browsing(served: Served, office: Office, body: Any, person: ClipLine) -> AsyncIterator[FakeBrowser]:
    """A connected browser while the context is open."""
    cookie = {"Cookie": office.cookie}
    async with connect(body["socketUrl"], origin=Origin(served.url), additional_headers=cookie) as connection:
        yield FakeBrowser(ClientSocket(connection), entry_of(body), person)


async def talk(served: Served, office: Office, body: Any, person: ClipLine) -> FakeBrowser:
    async with browsing(served, office, body, person) as browser:
        await browser.talk()
    return browser


def person() -> ClipLine:
    """Says something over the greeting, listens, leaves."""
    return ClipLine(Say(clip(ms=1500), at_ms=1_500), hang_up_after_ms=3_000)


async def test_a_business_talks_with_its_assistant(served: Served, office: Office) -> None:
    """Audio both ways, events beside it, a normal close, and a call whose recording plays."""
    body = await ask(served, office, "/app/talk/calls", {"mode": "reception"})

    browser = await talk(served, office, body, person())
    call = await ended(served, office, body["callId"])

    assert browser.closed == 1000
    assert {"call.answered", "speech.started", "turn.human", "reply.started", "call.ended"} <= set(browser.types)
    assert (call["status"], call["direction"]) == ("COMPLETED", "INBOUND")
    assert call["transcript"]
    async with in_office(served, office) as owner:
        audio = await until(lambda: recording(owner, body["callId"]), seconds=20)
    assert audio[:4] == b"RIFF"
    assert len(audio) > 100_000


async def test_somebody_of_a_business_is_the_restaurant(served: Served, office: Office) -> None:
    body = await ask(served, office, "/app/talk/calls", {"mode": "respondent", "task": TASK})

    browser = await talk(served, office, body, person())
    call = await ended(served, office, body["callId"])

    assert browser.closed == 1000
    assert (call["direction"], call["customerNumber"]) == ("OUTBOUND", None)
    assert call["status"] in {"COMPLETED", "FAILED"}


async def test_a_dropped_browser_comes_back_by_a_second_pass(served: Served, office: Office) -> None:
    """The address of the call's own stream, not a new call."""
    body = await ask(served, office, "/app/talk/calls", {"mode": "reception"})
    async with browsing(served, office, body, ClipLine(hang_up_ms=60_000)) as browser:
        async with asyncio.TaskGroup() as tasks:
            talking = tasks.create_task(browser.talk())
            await asyncio.sleep(2.0)
            await browser.drop()
            await talking
        again = await ask(served, office, f"/app/talk/calls/{body['callId']}/stream", {})

    second = await talk(served, office, again, person())
    call = await ended(served, office, body["callId"])

    assert (again["callId"], again["callSid"]) == (body["callId"], body["callSid"])
    assert again["streamSid"] != body["streamSid"]
    assert second.types[0] == "call.stream"
    assert (second.closed, call["status"]) == (1000, "COMPLETED")
    assert calls_of(served, body["callId"]) == 1


async def test_nobody_else_gets_in(served: Served, office: Office) -> None:
    """A page of another site, no page at all, a stranger, a made-up ticket, a used one."""
    body = await ask(served, office, "/app/talk/calls", {"mode": "reception"})
    signed_in, ours = {"Cookie": office.cookie}, Origin(served.url)
    for origin, headers in ((Origin("https://evil.example"), signed_in), (None, signed_in), (ours, {})):
        with pytest.raises(InvalidStatus) as refused:
            async with connect(body["socketUrl"], origin=origin, additional_headers=headers):
                pass
        assert refused.value.response.status_code == 403
    forged = await talk(served, office, {**body, "ticket": "A" * 32}, ClipLine(hang_up_ms=60_000))
    good = await talk(served, office, body, ClipLine(hang_up_ms=1_000))
    used = await talk(served, office, body, ClipLine(hang_up_ms=60_000))

    assert (forged.closed, good.closed, used.closed) == (1008, 1000, 1008)
    assert forged.told == used.told == []


async def ended(served: Served, office: Office, call_id: str) -> Any:
    """The call as the business's own surface shows it: its end is there when the socket closes."""
    async with in_office(served, office) as owner:
        call = (await owner.get(f"/api/calls/{call_id}")).json()["call"]
    assert call["endedAt"] is not None
    return call


async def recording(owner: httpx2.AsyncClient, call_id: str) -> bytes | None:
    answer = await owner.get(f"/api/calls/{call_id}/recording", follow_redirects=True)
    return answer.content if answer.status_code == 200 else None


def calls_of(served: Served, call_id: str) -> int:
    """How many rows the call has."""
    with contextlib.closing(
        sqlite3.connect(f"file:{served.data_dir / 'voice-engine.db'}?mode=ro", uri=True)
    ) as base:
        return int(base.execute("SELECT count(*) FROM calls WHERE id = ?", [call_id]).fetchone()[0])
