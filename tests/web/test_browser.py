"""The door for browsers: who may connect, and what a pass is good for."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from starlette.requests import HTTPConnection

from tests.fakes.call_rig import RECEPTIONIST
from tests.web.fakes import CALL_SID, POLICY_VIOLATION, FakeEngine, FakeSocket, call, settings, start
from voice_engine.clock import run_virtual
from voice_engine.errors import UpstreamFailed
from voice_engine.web.app import Surface
from voice_engine.web.browser import TICKET_S, Pass, call_sid_of, origins_of, socket_url
from voice_engine.web.calls import Visitor

ORIGIN = "http://127.0.0.1:8000"
SIGNED_IN = {"cookie": "session=u1"}
ADA, BOB = (Visitor(user_id=name, organization_id="o1") for name in ("u1", "u2"))
VISITED = replace(call(), spec=RECEPTIONIST, visitor=ADA)


def now() -> float:
    return asyncio.get_running_loop().time()


async def known(connection: HTTPConnection) -> Visitor | None:
    """A session of two people; anything else is nobody's."""
    name = connection.cookies.get("session")
    return Visitor(user_id=name, organization_id="o1") if name in {"u1", "u2"} else None


def surface(engine: FakeEngine | None = None, **changes: Any) -> Surface:
    return Surface(engine or FakeEngine(), settings(**changes), now=now, find_visitor=known)


async def upgrade(served: Surface, path: str, headers: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """What the application does with a connection that then hangs up."""
    sent: list[Mapping[str, Any]] = []
    events: list[dict[str, Any]] = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1001}]

    async def receive() -> dict[str, Any]:
        return events.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "websocket",
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "subprotocols": [],
    }
    await served.app(scope, receive, send)
    return sent


@pytest.mark.parametrize("origin", [ORIGIN, "http://localhost:8000", "http://[::1]:8000"])
def test_a_page_of_ours_may_connect(origin: str) -> None:
    async def main() -> list[Mapping[str, Any]]:
        return await upgrade(surface(), "/media/browser/w1", {"origin": origin, "cookie": "session=u1"})

    assert run_virtual(main())[0] == {"type": "websocket.accept"}


def test_a_page_behind_a_forwarded_port_may_connect() -> None:
    """It asks the host that it came from, with the session that it got there."""

    async def main() -> list[Mapping[str, Any]]:
        headers = {**SIGNED_IN, "origin": "http://localhost:9000", "host": "localhost:9000"}
        return await upgrade(surface(), "/media/browser/w1", headers)

    assert run_virtual(main())[0] == {"type": "websocket.accept"}


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/media/browser/w1", {**SIGNED_IN, "origin": "https://evil.example"}),
        ("/media/browser/w1", {**SIGNED_IN, "origin": "http://localhost:9000"}),
        ("/media/browser/w1", {**SIGNED_IN, "origin": "http://evil.example", "host": "127.0.0.1:8000"}),
        ("/media/browser/w1", {"origin": "http://evil.example", "host": "evil.example"}),
        ("/media/browser/w1", {**SIGNED_IN, "origin": "null"}),
        ("/media/browser/w1", SIGNED_IN),
        ("/media/browser/w2", {**SIGNED_IN, "origin": ORIGIN}),
        ("/media/browser/w1", {"origin": ORIGIN}),
        ("/media/browser/w1", {"origin": ORIGIN, "cookie": "session=somebody"}),
    ],
)
def test_other_pages_and_strangers_are_refused_at_the_upgrade(path: str, headers: Mapping[str, str]) -> None:
    async def main() -> list[Mapping[str, Any]]:
        return await upgrade(surface(), path, headers)

    assert run_virtual(main()) == [{"type": "websocket.close", "code": POLICY_VIOLATION}]


def test_behind_a_public_address_only_its_own_pages_count() -> None:
    assert origins_of("https://voice.example.com") == {"https://voice.example.com"}
    assert "http://localhost:8000" not in origins_of("https://voice.example.com")


def test_a_pass_opens_one_stream_of_its_call() -> None:
    async def main() -> tuple[list[str], list[int | None], list[str]]:
        engine = FakeEngine()
        door = surface(engine).browsers
        given = await door.open(VISITED)
        codes = []
        for is_good in (True, False):
            socket = FakeSocket()
            socket.say(start(given.ticket, call_sid=given.call_sid))
            if is_good:
                socket.leave()
            await door.serve(socket, ADA)
            codes.append(socket.close_code)
        return engine.opened, codes, engine.prepared

    assert run_virtual(main()) == ([CALL_SID], [None, POLICY_VIOLATION], [RECEPTIONIST.call_id])


@pytest.mark.parametrize(
    "case",
    ["none", "forged", "late", "another call's", "another person's", "another organization's", "the carrier's"],
)
def test_whoever_has_no_pass_is_refused_before_a_provider_is_opened(case: str) -> None:
    async def main() -> tuple[list[str], int | None]:
        engine = FakeEngine()
        served = surface(engine)
        ticket: str | None = (await served.browsers.open(VISITED)).ticket
        sid, who = CALL_SID, ADA
        match case:
            case "none":
                ticket = None
            case "forged":
                ticket = "A" * 32
            case "late":
                await asyncio.sleep(TICKET_S)
            case "another call's":
                sid = "CA" + "2" * 32
            case "another person's":
                who = BOB
            case "another organization's":
                who = replace(ADA, organization_id="o2")
            case _:
                ticket = served.tickets.issue(call())
        socket = FakeSocket()
        socket.say(start(ticket, call_sid=sid))
        await served.browsers.serve(socket, who)
        return engine.opened, socket.close_code

    assert run_virtual(main()) == ([], POLICY_VIOLATION)


def test_a_browsers_ticket_is_worth_nothing_on_the_carriers_path() -> None:
    async def main() -> tuple[list[str], int | None]:
        engine = FakeEngine()
        served = surface(engine)
        socket = FakeSocket()
        socket.say(start((await served.browsers.open(VISITED)).ticket))
        await served.gate.serve(socket)
        return engine.opened, socket.close_code

    assert run_virtual(main()) == ([], POLICY_VIOLATION)


def test_the_streams_on_their_way_count_at_every_door() -> None:
    """Otherwise a server could be promised to more calls than it has room for."""

    async def main() -> str:
        served = surface(max_calls=2)
        served.tickets.issue(call())
        served.browsers.check_room()
        await served.browsers.open(VISITED)
        with pytest.raises(UpstreamFailed) as refused:
            served.browsers.check_room()
        return refused.value.code

    assert run_virtual(main()) == "no_room"


def test_no_call_begins_where_the_server_stops_or_its_providers_are_busy() -> None:
    async def main() -> list[str]:
        engine = FakeEngine()
        engine.admitting = False
        served = surface(engine)
        served.drain.begin()
        codes = []
        for check in (served.browsers.check_room, served.browsers.expect_call):
            with pytest.raises(UpstreamFailed) as refused:
                check()
            codes.append(refused.value.code)
        return codes

    assert run_virtual(main()) == ["no_room", "no_room"]


def test_two_passes_for_one_call_are_two_streams() -> None:
    async def main() -> tuple[Pass, Pass]:
        door = surface().browsers
        return door.pass_for(VISITED), door.pass_for(VISITED)

    first, second = run_virtual(main())

    assert first.call_sid == second.call_sid
    assert first.stream_sid != second.stream_sid
    assert first.ticket != second.ticket


def test_addresses_follow_the_page() -> None:
    assert socket_url("http://localhost:8000", "w1") == "ws://localhost:8000/media/browser/w1"
    assert socket_url("https://voice.example.com/x/", "w2") == "wss://voice.example.com/x/media/browser/w2"
    assert call_sid_of("0b7c2f01-5d3c-4b8e-9a61-01634671ffef") == "CA0b7c2f015d3c4b8e9a6101634671ffef"
