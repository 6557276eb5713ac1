"""Health, readiness, upgrades, and settings the carrier would refuse."""

from typing import Any

import pytest

from tests.web.asgi import request
from tests.web.fakes import CALL_SID, FakeEngine, call, settings, start
from voice_engine.clock import run_virtual
from voice_engine.errors import InvalidInput
from voice_engine.web.app import Surface


async def upgrade(surface: Surface, path: str, *messages: str) -> list[dict[str, Any]]:
    """What the application sends on a websocket that says `messages` and leaves."""
    inbox: list[dict[str, Any]] = [{"type": "websocket.connect"}]
    inbox += [{"type": "websocket.receive", "text": message} for message in messages]
    inbox.append({"type": "websocket.disconnect", "code": 1000})
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return inbox.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": path, "query_string": b"", "headers": [], "root_path": ""}
    await surface.app(scope, receive, send)
    return sent


def test_healthz_answers() -> None:
    assert run_virtual(request(Surface(FakeEngine(), settings()).app, "GET", "/healthz")).status == 200


def test_readyz_is_503_while_draining() -> None:
    surface = Surface(FakeEngine(), settings())

    async def main() -> list[int]:
        ready = await request(surface.app, "GET", "/readyz")
        surface.drain.begin()
        draining = await request(surface.app, "GET", "/readyz")
        healthy = await request(surface.app, "GET", "/healthz")
        return [ready.status, draining.status, healthy.status]

    assert run_virtual(main()) == [200, 503, 200]


def test_a_ticketed_socket_reaches_the_engine() -> None:
    engine = FakeEngine()
    surface = Surface(engine, settings(), now=lambda: 0.0)

    sent = run_virtual(upgrade(surface, "/media/twilio/w1", start(surface.tickets.issue(call()))))

    assert engine.opened == [CALL_SID]
    assert sent == [{"type": "websocket.accept"}]


def test_another_workers_socket_is_refused_before_it_is_accepted() -> None:
    sent = run_virtual(upgrade(Surface(FakeEngine(), settings()), "/media/twilio/w9"))

    assert [message["type"] for message in sent] == ["websocket.close"]


@pytest.mark.parametrize(
    "public_url", ["http://voice.example", "https://voice.example:8443"], ids=["not-tls", "odd-port"]
)
def test_a_stream_url_that_the_carrier_would_refuse_is_refused_at_start(public_url: str) -> None:
    with pytest.raises(InvalidInput):
        Surface(FakeEngine(), settings(public_url=public_url))
