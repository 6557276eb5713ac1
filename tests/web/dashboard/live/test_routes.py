"""The controls of a live call: what its page shows, and what its script sends and gets."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.responses import Response

from tests.e2e.serving import until
from tests.fakes.accounts import Account, add_account
from tests.fakes.calls import PUBLIC_URL
from tests.fakes.dashboard import ORIGIN, Tab, dashboard
from tests.fakes.inbound import OWNER, TARGET, InboundRig, open_inbound, orders_taken, report
from voice_engine.blobs.signing import KEY_BYTES, MediaUrls
from voice_engine.domains.calls.models import Call
from voice_engine.ports.call import Disposition, EngineEvent
from voice_engine.rest.v1.inbound.streams import EventStreams
from voice_engine.rest.v1.inbound.surface import InboundSurface
from voice_engine.store.engine import Store
from voice_engine.web.dashboard.app import AREAS
from voice_engine.web.dashboard.live.routes import live_controls
from voice_engine.web.dashboard.live.words import LIVE_WORDS, SCRIPT
from voice_engine.web.dashboard.site import Area
from voice_engine.web.dashboard.view import View, route

pytestmark = pytest.mark.store

DEEDS: dict[str, dict[str, Any]] = {
    "stop": {},
    "transfer": {"number": TARGET},
    "whisper": {"text": "nine is fine"},
    "hand-back": {},
    "takeover": {},
}


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> InboundRig:
    one = await open_inbound(store, tmp_path, order_wait_s=20.0, transfer_wait_s=20.0)
    await one.add_number()
    return one


@asynccontextmanager
async def tab_of(rig: InboundRig, who: Account | None, **options: Any) -> AsyncIterator[Tab]:
    surface = InboundSurface(
        domain=rig.domain,
        contacts=rig.contacts,
        imports=rig.imports,
        streams=EventStreams(rig.store, rig.domain.log, rig.calls.bus, rig.domain.settings),
        links=MediaUrls({"k1": b"k" * KEY_BYTES}, current="k1", now=rig.calls.clock),
        public_url=PUBLIC_URL,
    )
    services = {"inbound": surface}
    options |= {"services": services, "now": rig.calls.clock, "public_url": ORIGIN}
    async with dashboard(rig.store, who, **options) as tab:
        yield tab


async def happens(rig: InboundRig, call: Call, kind: str, **facts: Any) -> None:
    event = EngineEvent(sequence=1, at_ms=1_000, type=kind, facts=facts)
    await rig.calls.lifecycle.note_events(call.id, [event])


async def controls(rig: InboundRig, call: Call, language: str = "en") -> str:
    """What the page shows, by the function that the page calls."""
    shown: list[str] = []

    async def page(view: View) -> Response:
        shown.append(await live_controls(view, await rig.calls.call(call.id)))
        return view.answer({})

    area = Area(name="page", routes=[route("/app/a-page", page, area="page")])
    async with tab_of(rig, rig.account, areas=(*AREAS, area)) as tab:
        answer = await tab.client.get(f"/app/a-page?lang={language}")
        assert answer.status_code == 200, answer.text
    return shown[0]


async def test_a_script_gets_all_that_its_stream_needs(rig: InboundRig) -> None:
    """The socket's address leads to the worker that holds the call; the order's row cannot be used as a ticket."""
    call, _ = await rig.calls.answered()

    async with tab_of(rig, rig.account) as tab, orders_taken(rig, call) as taken:
        answer = await tab.ask(f"/app/calls/{call.id}/takeover", {})

    place = answer.json()
    assert answer.status_code == 201
    assert place["socketUrl"] == f"{ORIGIN.replace('http', 'ws')}/media/browser/{OWNER}"
    assert re.fullmatch(r"CA[0-9a-f]{32}", place["callSid"])
    assert re.fullmatch(r"MZ[0-9a-f]{32}", place["streamSid"])
    assert place["expiresInSeconds"] == 60
    assert place["ticket"] not in str(taken[0].arguments)


@pytest.mark.parametrize(
    ("deed", "kind", "answered"),
    [
        ("stop", "stop", {"stopped": True}),
        ("transfer", "transfer", {"connected": True, "reason": None}),
        ("whisper", "whisper", {"told": True}),
        ("hand-back", "hand_back", {"lead": "ai"}),
    ],
)
async def test_a_deed_is_an_order_to_the_calls_process(
    rig: InboundRig, deed: str, kind: str, answered: dict[str, object]
) -> None:
    call, _ = await rig.calls.answered()

    async with tab_of(rig, rig.account) as tab, orders_taken(rig, call) as taken:
        answer = await tab.ask(f"/app/calls/{call.id}/{deed}", DEEDS[deed])

        async def is_taken() -> bool:
            return bool(taken)

        await until(is_taken, seconds=20, every_s=0.01)  # a stop is answered before it is taken

    assert (answer.status_code, answer.json()) == (200, answered)
    assert [order.kind for order in taken] == [kind]


async def test_a_transfer_that_nobody_takes_says_why(rig: InboundRig) -> None:
    call, _ = await rig.calls.answered()

    async with tab_of(rig, rig.account) as tab, orders_taken(rig, call, error="no_answer"):
        answer = await tab.ask(f"/app/calls/{call.id}/transfer", DEEDS["transfer"])

    assert answer.json() == {"connected": False, "reason": "no_answer"}


@pytest.mark.parametrize("deed", DEEDS)
async def test_who_may_not(rig: InboundRig, deed: str) -> None:
    """A stranger, a member of another organization, a page of another site, a page without this session's token."""
    call, bob = (await rig.calls.answered())[0], await add_account(rig.store, "Bob")
    path = f"/app/calls/{call.id}/{deed}"

    async with tab_of(rig, None) as tab:
        stranger = await tab.ask(path, DEEDS[deed])
    async with tab_of(rig, bob) as tab:
        other = await tab.ask(path, DEEDS[deed])
    async with tab_of(rig, rig.account) as tab:
        headers = {"Accept": "application/json", "X-CSRF-Token": tab.csrf, "Origin": "https://evil.example"}
        foreign = await tab.client.post(path, json=DEEDS[deed], headers=headers)
        untold = await tab.client.post(path, json=DEEDS[deed], headers={"Accept": "application/json"})

    codes = [(answer.status_code, answer.json()["error"]["code"]) for answer in (stranger, other, foreign, untold)]
    assert codes[0] == (401, "unauthenticated")
    assert codes[1] == (404, "call_not_found")
    assert codes[2][0] == codes[3][0] == 403
    assert await rig.calls.lifecycle.commands_for(OWNER, [call.id]) == []


@pytest.mark.parametrize(
    ("deed", "body", "code"),
    [
        ("whisper", {"text": " "}, (400, "validation_error")),
        ("whisper", {}, (400, "validation_error")),
        ("transfer", {"number": 7}, (422, "missing_phone_number")),
        ("transfer", {"number": "911"}, (422, "emergency_number")),
    ],
)
async def test_what_is_not_understood_is_refused(
    rig: InboundRig, deed: str, body: dict[str, object], code: tuple[int, str]
) -> None:
    call, _ = await rig.calls.answered()

    async with tab_of(rig, rig.account) as tab:
        answer = await tab.ask(f"/app/calls/{call.id}/{deed}", body)

    assert (answer.status_code, answer.json()["error"]["code"]) == code


@pytest.mark.parametrize("deed", DEEDS)
async def test_a_call_that_is_over_is_a_conflict(rig: InboundRig, deed: str) -> None:
    call, _ = await rig.calls.answered()
    await rig.calls.lifecycle.finish(call.id, report(call.id, disposition=Disposition.COMPLETED), None)

    async with tab_of(rig, rig.account) as tab:
        answer = await tab.ask(f"/app/calls/{call.id}/{deed}", DEEDS[deed])

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "call_not_active")


async def test_the_page_of_a_live_call_has_its_controls(rig: InboundRig) -> None:
    call, _ = await rig.calls.answered()

    shown = await controls(rig, call)

    assert "The AI leads" in shown
    assert not re.search(r'id="live-(take|text|stop|transfer-open)"[^>]*disabled', shown)
    script = orjson.loads(re.search(r'id="live-data">(.*?)</script>', shown)[1])  # type: ignore[index]  # it is there
    assert (script["callId"], script["lead"]) == (call.id, "ai")
    assert set(script["words"]) == set(SCRIPT)


async def test_the_controls_speak_the_pages_language(rig: InboundRig) -> None:
    call, _ = await rig.calls.answered()

    assert "Susurrar a la IA" in await controls(rig, call, "es")


async def test_while_a_human_leads_nobody_else_takes_over_or_whispers(rig: InboundRig) -> None:
    call, _ = await rig.calls.answered()
    await happens(rig, call, "call.takeover", handled_by="human", by="somebody", through="browser")

    shown = await controls(rig, call)

    assert "A colleague leads" in shown
    assert re.search(r'id="live-take"[^>]*disabled', shown)
    assert re.search(r'id="live-text"[^>]*disabled', shown)


async def test_after_the_human_the_ai_leads_again(rig: InboundRig) -> None:
    call, _ = await rig.calls.answered()
    await happens(rig, call, "call.takeover", handled_by="human", by="somebody", through="browser")
    await happens(rig, call, "call.handed_back", reason="handed_back")

    assert "The AI leads" in await controls(rig, call)


async def test_a_call_that_rings_can_be_stopped_and_no_more(rig: InboundRig) -> None:
    call, _ = await rig.calls.dialled()

    shown = await controls(rig, call)

    assert re.search(r'id="live-take"[^>]*disabled', shown)
    assert not re.search(r'id="live-stop"[^>]*disabled', shown)


async def test_a_call_that_is_over_has_no_controls(rig: InboundRig) -> None:
    call, _ = await rig.calls.answered()
    await rig.calls.lifecycle.finish(call.id, report(call.id, disposition=Disposition.COMPLETED), None)

    assert await controls(rig, call) == ""


def test_every_fault_of_an_order_has_words() -> None:
    """What the engine and the gate of numbers answer is said in words, not in codes."""
    codes = ("call_not_active", "takeover_in_progress", "human_on_line", "not_taken_over", "not_redirectable")

    for words in LIVE_WORDS.values():
        assert all(f"live_js_fault_{code}" in words for code in (*codes, "no_answer", "busy", "declined"))
