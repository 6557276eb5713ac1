"""Requests find their application by the beginning of their path, the narrower one first."""

import pytest
from starlette.responses import PlainTextResponse

from tests.web.asgi import request
from voice_engine.clock import run_virtual
from voice_engine.web.root import CARRIER_PREFIXES, Part, Root

ROOT = Root(
    [
        Part(prefixes=CARRIER_PREFIXES, app=PlainTextResponse("carrier")),
        Part(prefixes=("/v1/", "/.well-known/"), app=PlainTextResponse("v1")),
    ]
)


@pytest.mark.parametrize(
    ("path", "served_by"),
    [
        ("/v1/calls", "v1"),
        ("/.well-known/jwks.json", "v1"),
        ("/v1/webhooks/twilio/voice", "carrier"),
        ("/healthz", "carrier"),
    ],
)
def test_a_path_is_served_by_the_first_part_that_begins_like_it(path: str, served_by: str) -> None:
    assert run_virtual(request(ROOT, "GET", path)).body == served_by


def test_a_path_that_nobody_serves_is_a_404_with_a_code() -> None:
    answer = run_virtual(request(ROOT, "GET", "/nowhere"))

    assert answer.status == 404
    assert '"code":"not_found"' in answer.body


def test_a_socket_that_nobody_serves_is_closed() -> None:
    """Instead of being left open."""
    sent: list[object] = []

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    async def send(message: object) -> None:
        sent.append(message)

    run_virtual(ROOT({"type": "websocket", "path": "/else"}, receive, send))

    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_the_bare_address_leads_home_only_where_there_is_one() -> None:
    """Whoever types the server's address wants the web app."""
    home = Root([], home="/app")

    answers = [run_virtual(request(root, "GET", "/")) for root in (home, ROOT)]

    assert [answer.status for answer in answers] == [302, 404]
