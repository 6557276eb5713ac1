"""A business's calls at a running installation: real processes, a real caller, real audio.

What a caller says is in the transcript, for as long as the carrier counts; settings change the next call and not
the one that runs; the assistant calls a customer.
"""

import asyncio
import contextlib
import hashlib
import json
import random
import secrets
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # ships no types
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.e2e.business import ADMIN_KEY, Office, in_office, open_office
from tests.e2e.serving import Served, serving, until
from tests.fakes.openai_chat import answer, running_chat_server
from tests.web.fakes import start
from voice_engine.web.account import find_local_account

pytestmark = [pytest.mark.acceptance, pytest.mark.speech, pytest.mark.timeout(400)]

WORDS = ("umbrella", "elephant", "birthday", "hospital", "mountain", "computer", "kitchen", "sunday")
"""Words that no line of the engine's holds."""

FIRST, SECOND, SILENT, CURIOUS = "+14155550121", "+14155550122", "+14155550124", "+14155550125"
CUSTOMER = "+14155550126"
MINUTE = 0.05
"""How far the minutes shown may be from the carrier's own count."""


def scenario(*steps: str) -> str:
    """A caller who takes these steps."""
    lines = "\n".join(f"    - {step}" for step in steps)
    return (
        "name: caller\ndirection: inbound\nlanguage: en\nnow: 2026-02-13T10:00:00-05:00\n"
        f"assistant: {{name: x, business: {{name: x}}}}\nrespondent:\n  steps:\n{lines}\nexpect: {{}}\n"
    )


def speaker(word: str) -> str:
    """Somebody who says this word."""
    return scenario(
        f'{{when: "help", say: "Hi. I have a question about my {word}."}}',
        '{wait_ms: 3500, say: "No thank you. Goodbye.", hang_up: true}',
    )


CURIOUS_CALLS = scenario(
    '{when: "help", say: "Hi. What is your address?"}',
    '{when: "street", wait_ms: 8000, say: "Where is that, please? What is your address?"}',
    '{when: "street", say: "Thank you. Goodbye.", hang_up: true}',
)


def lines_of(directory: Path, lines: Mapping[str, str]) -> None:
    """The carrier's lines: scripts by number, or a line of `lines.yaml`."""
    folder = directory / "data" / "carrier"
    folder.mkdir(parents=True, mode=0o700)
    written = []
    for number, line in lines.items():
        if line.startswith("{"):
            written.append(f'  "{number}": {line}')
        else:
            (folder / f"{number[1:]}.yaml").write_text(line)
            written.append(f'  "{number}": {{scenario: {number[1:]}.yaml}}')
    (folder / "lines.yaml").write_text("lines:\n" + "\n".join(written) + "\n")


@pytest.fixture(scope="module")
def words() -> list[str]:
    """Two words that nobody knows beforehand."""
    return random.SystemRandom().sample(WORDS, 2)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> Iterator[Served]:
    """An installation with three callers and a customer."""
    directory = tmp_path_factory.mktemp("served")
    customer = scenario('{say: "Hello?"}', '{when: "moment", say: "Yes, but not now. Goodbye.", hang_up: true}')
    callers = {FIRST: speaker(words[0]), SECOND: speaker(words[1]), SILENT: "{machine: silence}"}
    lines_of(directory, {**callers, CUSTOMER: customer})
    with serving(directory, VOICE_ENGINE_ADMIN_API_KEY=ADMIN_KEY) as running:
        yield running


@pytest.fixture(scope="module")
def office(served: Served) -> Office:
    """A business that may do everything."""
    return open_office(served, "Bright Smile Dental", plan="ENTERPRISE")


@pytest.fixture
async def number(served: Served, office: Office) -> str:
    """The business's number, answered by its assistant."""
    async with in_office(served, office) as api:
        return await furnished(api)


async def furnished(api: httpx2.AsyncClient) -> str:
    """An assistant and a number, made once; the number."""
    known = (await api.get("/api/phone-numbers")).json()["phoneNumber"]
    if known is not None:
        return str(known)
    made = await api.post("/api/assistants", json={"vapiAssistantId": "desk", "name": "Reception"})
    assert made.status_code == 201, made.text
    bought = await api.post("/api/phone-numbers", json={})
    assert bought.status_code == 200, bought.text
    return str(bought.json()["phoneNumber"])


async def ended(api: httpx2.AsyncClient, customer: str) -> Any:
    """The newest call with them, once it is over."""
    calls = (await api.get("/api/calls")).json()["calls"]
    mine = [call for call in calls if call["customerNumber"] == customer and call["endedAt"]]
    return (await api.get(f"/api/calls/{mine[0]['id']}")).json()["call"] if mine else None


async def ring(served: Served, number: str, caller: str) -> str:
    """Have somebody call; the carrier's id of the call."""
    async with served.carrier() as carrier:
        rung = await carrier.post("/carrier/calls", json={"to": number, "from": caller})
        assert rung.status_code == 201, rung.text
        return str(rung.json()["sid"])


async def carrier_minutes(served: Served, sid: str) -> float:
    """How long the carrier says that a call was connected."""
    async with served.carrier() as carrier:
        account = sid_of_account(served)
        call = (await carrier.get(f"/2010-04-01/Accounts/{account}/Calls/{sid}.json")).json()
    return float(call["duration"]) / 60


def sid_of_account(served: Served) -> str:
    """The built-in carrier's account."""
    account = find_local_account(served.data_dir)
    assert account is not None
    return account.account_sid


def said_by_user(call: Mapping[str, Any]) -> str:
    """The caller's lines."""
    lines = (call["transcript"] or "").splitlines()
    return " ".join(line for line in lines if line.startswith("User: ")).lower()


async def test_a_call_is_a_conversation(served: Served, office: Office, number: str, words: list[str]) -> None:
    """Another caller, another transcript; who says nothing has no lines; minutes are the carrier's."""
    async with in_office(served, office) as api:
        told = {}
        for caller, seconds in ((FIRST, 90), (SECOND, 90), (SILENT, 120)):
            sid = await ring(served, number, caller)
            told[caller] = await until(lambda caller=caller: ended(api, caller), seconds=seconds)
            assert abs(told[caller]["durationMinutes"] - await carrier_minutes(served, sid)) <= MINUTE
        usage = (await api.get("/api/usage")).json()["snapshot"]["minutesUsed"]
    assert words[0] in said_by_user(told[FIRST]) and words[1] not in said_by_user(told[FIRST])
    assert words[1] in said_by_user(told[SECOND]) and words[0] not in said_by_user(told[SECOND])
    assert said_by_user(told[SILENT]) == "" and "AI: " in told[SILENT]["transcript"]
    assert usage == pytest.approx(sum(call["durationMinutes"] for call in told.values()), abs=0.02)


async def test_the_assistant_calls_a_customer(served: Served, office: Office, number: str) -> None:
    """It opens by its own words, from the business's number, and both surfaces tell the same of it."""
    async with in_office(served, office) as api:
        started = await api.post("/api/calls/outbound", json={"customerNumber": CUSTOMER})
        assert started.status_code == 200, started.text
        call_id = started.json()["call"]["id"]
        call = await until(lambda: ended(api, CUSTOMER), seconds=120)
        polled = (await api.get(f"/api/calls/outbound/status?vapiCallId={call_id}")).json()
    token = str(served.command("token", "create", "--user", office.email, "--json")["token"])
    async with served.api(token) as mine:
        row = (await mine.get(f"/v1/calls/{call_id}")).json()
    assert (call["id"], call["direction"], call["status"]) == (call_id, "OUTBOUND", "COMPLETED")
    assert "the AI assistant of Bright Smile Dental" in call["transcript"]
    assert "not now" in said_by_user(call)
    assert (polled["status"], polled["minutes"]) == ("ended", call["durationMinutes"])
    assert row["metadata"]["end_reason"] is not None and row["status"] == "success"
    assert row["duration_seconds"] / 60 == pytest.approx(call["durationMinutes"], abs=0.006)


async def test_settings_change_the_next_call_and_not_the_one_that_runs(tmp_path: Path) -> None:
    """Prompt, name, voice and address: what the language model is told in each call, and what is heard."""
    lines_of(tmp_path, {CURIOUS: CURIOUS_CALLS})
    async with running_chat_server() as chat:
        chat.play(*(answer("One moment.") for _ in range(200)))
        with serving(
            tmp_path,
            VOICE_ENGINE_ADMIN_API_KEY=ADMIN_KEY,
            VOICE_ENGINE_LLM="openai",
            VOICE_ENGINE_OPENAI__BASE_URL=chat.base_url,
            VOICE_ENGINE_OPENAI__API_KEY="a key of this test",
        ) as running:
            office = open_office(running, "Bright Smile Dental", plan="ENTERPRISE")
            async with in_office(running, office) as api:
                number = await furnished(api)
                await change(api, name="Emma", voice="pNInz6obpgDQGcFmaJgB", address="12 Elm Street")
                first, before = await called(running, api, number, chat.requests, during=True)
                second, after = await called(running, api, number, chat.requests, during=False)
    assert all("Emma" in text and "12 Elm Street" in text for text in before)
    assert not any("Zelda" in text or "7 Oak Street" in text for text in before)
    assert after and all("Zelda" in text and "7 Oak Street" in text for text in after)
    assert not any("Emma" in text for text in after)
    assert "7 Oak Street" not in first["transcript"] and "12 Elm Street" not in second["transcript"]
    assert "Emma" in first["transcript"] and "Zelda" in second["transcript"]


async def called(
    running: Served, api: httpx2.AsyncClient, number: str, requests: list[Any], *, during: bool
) -> tuple[Any, list[str]]:
    """A call of the curious, and what the model was told in it; `during` it the settings change."""
    start = len(requests)
    known = await ended(api, CURIOUS)
    await ring(running, number, CURIOUS)
    if during:

        async def asked() -> bool:
            return len(requests) > start

        await until(asked, seconds=60, every_s=0.05)
        await change(api, name="Zelda", voice="ve-james", address="7 Oak Street")

    async def over() -> Any:
        newest = await ended(api, CURIOUS)
        return None if newest is None or (known is not None and newest["id"] == known["id"]) else newest

    call = await until(over, seconds=120)
    texts = [request["messages"][0]["content"] for request in requests[start:]]
    assert len(texts) >= (2 if during else 1), "the model was asked before and after the change"
    return call, texts


async def change(api: httpx2.AsyncClient, *, name: str, voice: str, address: str) -> None:
    """Set what a call is made of."""
    wishes: tuple[tuple[str, dict[str, Any]], ...] = (
        ("/api/voice", {"voiceId": voice}),
        ("/api/assistant-name", {"name": name}),
        ("/api/business-address", {"businessAddress": address}),
    )
    for path, body in wishes:
        answered = await api.put(path, json=body)
        assert answered.status_code == 200, f"{path}: {answered.text}"


TABLES = ("calls", "call_events", "call_attempts", "inbound_calls", "transcript_entries", "minute_holds")


def rows_of(served: Served) -> str:
    """Every row that a webhook could change, hashed."""
    digest = hashlib.sha256()
    with closing(sqlite3.connect(f"file:{served.data_dir / 'voice-engine.db'}?mode=ro", uri=True)) as database:
        for table in TABLES:
            for row in database.execute(f"SELECT * FROM {table} ORDER BY 1, 2"):  # names of our own
                digest.update(repr(row).encode())
    return digest.hexdigest()


async def post_form(served: Served, path: str, form: Mapping[str, str], *, spoil: bool = False) -> httpx2.Response:
    """A form as the carrier signs it; `spoil`: one byte of it changed on the way."""
    account = find_local_account(served.data_dir)
    assert account is not None
    signature = RequestValidator(account.auth_token).compute_signature(f"{served.url}{path}", dict(form))
    body = urlencode(form)
    body = body[:-1] + ("0" if body[-1] != "0" else "1") if spoil else body
    headers = {
        "X-Twilio-Signature": signature,
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Forwarded-Host": "evil.example",
    }
    async with served.api(None) as client:
        return await client.post(path, content=body, headers=headers)


async def test_only_the_carriers_own_words_change_anything(served: Served, office: Office, number: str) -> None:
    """A forged webhook changes no row; the stream of a true one opens with its ticket, once."""
    sid, account = f"CA{secrets.token_hex(16)}", sid_of_account(served)
    call = {"CallSid": sid, "AccountSid": account, "From": FIRST, "To": number, "Direction": "inbound", "A": "x"}
    over = {"CallSid": sid, "CallStatus": "completed", "CallDuration": "330", "SequenceNumber": "9", "A": "x"}
    before = rows_of(served)
    for path, form in (("/api/webhooks/twilio/voice", call), ("/api/webhooks/twilio/status", over)):
        refused = await post_form(served, path, form, spoil=True)
        assert (refused.status_code, refused.json()["code"]) == (403, "invalid_signature")
    assert rows_of(served) == before
    answer = await post_form(served, "/api/webhooks/twilio/voice", call)
    assert rows_of(served) != before
    stream = ET.fromstring(answer.text).find("Connect/Stream")
    assert stream is not None
    ticket = next(each.attrib["value"] for each in stream if each.attrib["name"] == "ticket")
    url = stream.attrib["url"]
    assert await opened(url, start(None, call_sid=sid)) == 1008
    async with connect(url) as socket:
        await socket.send(start(ticket, call_sid=sid))
        async with asyncio.timeout(20):
            assert json.loads(await socket.recv())["event"] == "media"
        assert await opened(url, start(ticket, call_sid=sid)) == 1008


async def opened(url: str, first: str) -> int | None:
    """The code with which a stream that begins so is closed."""
    async with connect(url) as socket:
        await socket.send(first)
        with contextlib.suppress(ConnectionClosed):
            async with asyncio.timeout(20):
                while True:
                    await socket.recv()
        return socket.close_code
