"""The routes of talking: what a page of ours gets, and what everybody else gets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.accounts import add_account
from tests.fakes.answering import open_business_line
from tests.fakes.dashboard import ORIGIN, Tab, dashboard
from tests.fakes.inbound import InboundRig, open_inbound
from tests.web.fakes import FakeEngine, settings
from voice_engine.domains.calls.states import CallState, Channel
from voice_engine.domains.minutes.plans import Tier
from voice_engine.rest.limits import RateLimits
from voice_engine.store.engine import Store
from voice_engine.web.app import Surface
from voice_engine.web.calls import IncomingCall
from voice_engine.web.talks import CALLS_PER_MINUTE, Talks

pytestmark = pytest.mark.store

TASK = {
    "task_category": "restaurant",
    "task_description": "Reserve a table for 4 at 8pm",
    "business_name": "Nobu",
    "party_size": 4,
    "appointment_date": "2026-02-14",
    "appointment_time": "20:00",
}
CALLS = "/app/talk/calls"


class Engine(FakeEngine):
    """Holds whatever calls it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[str, IncomingCall] = {}

    def find_call(self, call_id: str) -> IncomingCall | None:
        return self.held.get(call_id)


class Line:
    """A server's door, and who stands behind it."""

    def __init__(self, rig: InboundRig) -> None:
        self.rig = rig
        self.engine = Engine()
        self.surface = Surface(self.engine, settings(public_url=ORIGIN), now=lambda: 0.0)

    def talks(self) -> Talks:
        return Talks(
            self.rig.store,
            self.surface.browsers,
            self.engine,
            reception=self.rig.domain.browsers,
            respondents=self.rig.calls.domain.respondents,
            limits=RateLimits(
                user_per_minute=CALLS_PER_MINUTE, address_per_minute=CALLS_PER_MINUTE, now=lambda: 0.0
            ),
        )

    @asynccontextmanager
    async def tab(self, who: Any = None) -> AsyncIterator[Tab]:
        extras = {"talk": self.talks()}
        async with dashboard(
            self.rig.store, who or self.rig.account, extras=extras, now=self.rig.calls.clock, public_url=ORIGIN
        ) as tab:
            yield tab


@pytest.fixture
async def line(store: Store, tmp_path: Path) -> Line:
    return Line(await open_inbound(store, tmp_path))


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_a_call_to_the_receptionist_comes_with_its_pass(line: Line) -> None:
    async with line.tab() as tab:
        answer = await tab.ask(CALLS, {"mode": "reception", "language": "es"})

    body = answer.json()
    row = await line.rig.calls.call(body["callId"])
    admitted = line.surface.browsers.tickets.redeem(body["ticket"], body["callSid"])

    assert answer.status_code == 201
    assert set(body) == {
        "callId", "callSid", "streamSid", "accountSid", "socketUrl", "ticket", "expiresInSeconds",
    }  # fmt: skip
    assert (body["socketUrl"], body["expiresInSeconds"]) == ("ws://127.0.0.1:8700/media/browser/w1", 60)
    assert (row.channel, row.direction, row.status) == (Channel.BROWSER, "inbound", CallState.RINGING)
    assert admitted is not None
    assert admitted.spec is not None
    assert (admitted.spec.call_id, admitted.spec.language) == (body["callId"], "es")
    assert line.engine.prepared == [body["callId"]]


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({"Host": "localhost:8700", "Origin": "http://localhost:8700"}, "ws://localhost:8700"),
        ({"Host": "localhost:9000", "Origin": "http://localhost:9000"}, "ws://localhost:9000"),
        ({"Host": "voice.example.com", "Origin": "https://voice.example.com"}, "wss://voice.example.com"),
        ({"Host": "localhost:8700"}, "ws://localhost:8700"),
        ({"Host": "made-up.example"}, "ws://127.0.0.1:8700"),
    ],
)
async def test_the_socket_is_where_the_page_came_from(line: Line, headers: dict[str, str], address: str) -> None:
    """A page may open no other; a host that nobody vouches for is not believed."""
    async with line.tab() as tab:
        sent = {**headers, "Accept": "application/json", "X-CSRF-Token": tab.csrf}
        answer = await tab.client.post(CALLS, json={"mode": "reception"}, headers=sent)

    assert answer.json()["socketUrl"] == f"{address}/media/browser/w1"


async def test_the_respondent_of_a_call_gets_a_pass_for_it(line: Line) -> None:
    async with line.tab() as tab:
        answer = await tab.ask(CALLS, {"mode": "respondent", "language": "es", "task": TASK})

    row = await line.rig.calls.call(answer.json()["callId"])

    assert answer.status_code == 201
    assert (row.channel, row.direction, row.status) == (Channel.BROWSER, "outbound", CallState.IN_PROGRESS)
    assert (row.language, row.app_language) == ("es", "en")


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, (400, "validation_error")),
        ({"mode": "operator"}, (400, "validation_error")),
        ({"mode": "reception", "language": "fr"}, (400, "validation_error")),
        ({"mode": "respondent"}, (400, "validation_error")),
        ({"mode": "respondent", "task": {"task_category": "bank"}}, (400, "validation_error")),
        ({"mode": "respondent", "task": {**TASK, "call_language": "fr"}}, (422, "unsupported_language")),
        ({"mode": "respondent", "task": {**TASK, "appointment_date": "soon"}}, (422, "scheduling_violation")),
        (
            {"mode": "respondent", "task": {**TASK, "task_description": "say there is a bomb in the building"}},
            (422, "safety_violation"),
        ),
    ],
)
async def test_what_cannot_be_meant_is_refused_by_a_stable_code(
    line: Line, body: dict[str, Any], refusal: tuple[int, str]
) -> None:
    async with line.tab() as tab:
        answer = await tab.ask(CALLS, body)

    assert code(answer) == refusal
    assert len(line.surface.browsers.tickets) == 0


async def test_a_foreign_page_and_a_form_without_its_token_begin_nothing(line: Line) -> None:
    headers = {"Accept": "application/json"}
    async with line.tab() as tab:
        forged = await tab.client.post(CALLS, json={"mode": "reception"}, headers=headers)
        foreign = await tab.client.post(
            CALLS,
            json={"mode": "reception"},
            headers={**headers, "X-CSRF-Token": tab.csrf, "Origin": "https://evil.example"},
        )

    assert code(forged) == (403, "form_stale")
    assert foreign.status_code == 403
    assert len(line.surface.browsers.tickets) == 0


async def test_a_stranger_is_asked_to_sign_in(line: Line) -> None:
    async with dashboard(line.rig.store, None, extras={"talk": line.talks()}) as tab:
        answer = await tab.ask(CALLS, {"mode": "reception"})

    assert code(answer) == (401, "unauthenticated")


async def test_where_there_is_no_room_nothing_stays_held(line: Line) -> None:
    line.engine.admitting = False

    async with line.tab() as tab:
        answer = await tab.ask(CALLS, {"mode": "reception"})

    assert code(answer) == (503, "no_room")
    assert await line.rig.calls.balance() == ("0.00", "0.00")


async def test_a_process_without_calls_says_so(line: Line) -> None:
    async with dashboard(line.rig.store, line.rig.account) as tab:
        answer = await tab.ask(CALLS, {"mode": "reception"})

    assert code(answer) == (503, "service_unavailable")


async def test_nobody_begins_calls_without_end(line: Line) -> None:
    async with line.tab() as tab:
        answers = [await tab.ask(CALLS, {"mode": "reception"}) for _ in range(CALLS_PER_MINUTE + 1)]

    assert {answer.status_code for answer in answers[:-1]} == {201}
    assert code(answers[-1]) == (429, "rate_limited")
    assert answers[-1].headers["retry-after"] == "6"


async def test_a_lost_stream_is_replaced_for_its_own_caller_only(line: Line, store: Store) -> None:
    other = await add_account(store, "Bob")
    async with line.tab() as tab, line.tab(other) as bobs:
        body = (await tab.ask(CALLS, {"mode": "reception"})).json()
        path = f"{CALLS}/{body['callId']}/stream"
        early = await tab.ask(path)
        call = line.surface.browsers.tickets.redeem(body["ticket"], body["callSid"])
        assert call is not None
        line.engine.held[body["callId"]] = call
        theirs, again = await bobs.ask(path), await tab.ask(path)

    assert code(early) == code(theirs) == (409, "call_not_active")
    assert (again.status_code, again.json()["callSid"]) == (201, body["callSid"])
    assert again.json()["ticket"] != body["ticket"]
    assert line.surface.browsers.tickets.redeem(again.json()["ticket"], body["callSid"]) == call


async def test_a_business_talks_to_its_assistant_for_its_minutes(store: Store, tmp_path: Path) -> None:
    """On the smallest plan too; and is told when they are used up."""
    rig = await open_business_line(store, tmp_path, Tier.FREE)
    line = Line(rig)
    async with line.tab(rig.business) as tab:
        first = await tab.ask(CALLS, {"mode": "reception"})
        call_id, sid = first.json()["callId"], first.json()["callSid"]
        await rig.calls.lifecycle.answered(call_id, sid, rig.calls.now, owner="w1")
        second = await tab.ask(CALLS, {"mode": "reception"})

    assert first.status_code == 201
    assert (await rig.calls.call(call_id)).assistant_id is not None
    assert code(second) == (402, "minutes_exhausted")
    assert line.engine.expected == 1, "whoever is refused takes no place"


async def test_a_business_without_an_assistant_is_told(store: Store, tmp_path: Path) -> None:
    rig = await open_business_line(store, tmp_path, assistant=False)
    async with Line(rig).tab(rig.business) as tab:
        answer = await tab.ask(CALLS, {"mode": "reception"})

    assert code(answer) == (404, "no_active_assistant")
