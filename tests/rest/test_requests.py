"""What is read of a body ends at a bound, on every surface, whoever sends it and however."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.types import ASGIApp

from tests.fakes.business import add_business, business_services
from tests.fakes.dashboard import dashboard
from tests.fakes.identity import open_bench
from tests.fakes.principals import KnownTokens, principal
from tests.rest.v1.test_router import router as orders
from voice_engine.rest.api.app import build_api
from voice_engine.rest.limits import RateLimits
from voice_engine.rest.requests import MOST_BODY_BYTES
from voice_engine.rest.services import Services
from voice_engine.rest.v1.app import build_v1
from voice_engine.store.engine import Store
from voice_engine.web.dashboard.view import MOST_FORM

CHUNK = b"x" * 65_536


@dataclass(slots=True)
class Flood:
    """A client that sends without end. `taken` counts what was read of it."""

    taken: int = 0
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    async def ask(self, app: ASGIApp, path: str, headers: Mapping[str, str], *, most: int | None = None) -> None:
        """POST; the body stops after `most` bytes, or never."""

        async def receive() -> dict[str, Any]:
            assert self.taken < 64 * MOST_BODY_BYTES, "it reads without end"
            self.taken += len(CHUNK)
            return {"type": "http.request", "body": CHUNK, "more_body": most is None or self.taken < most}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
                self.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
            self.body += message.get("body", b"")

        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("203.0.113.9", 4711),
            "server": ("internal", 80),
        }
        await app(scope, receive, send)

    @property
    def json(self) -> Any:
        """The answer."""
        return orjson.loads(self.body)


def v1(store: Store) -> ASGIApp:
    known = KnownTokens(ada=principal("ada", "calls:write"))
    limits = RateLimits(user_per_minute=10_000, address_per_minute=10_000)
    return build_v1(
        Services(store=store, authenticator=known, limits=limits, now=open_bench(store).clock), routers=(orders,)
    )


async def test_an_endless_body_is_refused_at_the_bound(store: Store) -> None:
    """Chunked, so that nothing announces it; the connection is closed instead of being read on."""
    flood = Flood()

    await flood.ask(
        v1(store), "/v1/test/orders", {"Authorization": "Bearer ada", "Content-Type": "application/json"}
    )

    assert (flood.status, flood.headers["connection"]) == (413, "close")
    assert flood.json["error"]["code"] == "validation_error"
    assert flood.json["error"]["details"]["reason"] == "body_too_large"
    assert flood.taken <= MOST_BODY_BYTES + len(CHUNK)


async def test_a_body_that_announces_too_much_is_not_read(store: Store) -> None:
    flood, announced = Flood(), {"Content-Type": "application/json", "Content-Length": str(MOST_BODY_BYTES + 1)}

    await flood.ask(v1(store), "/v1/test/orders", {"Authorization": "Bearer ada", **announced})

    assert (flood.status, flood.taken) == (413, 0)


async def test_an_anonymous_body_of_the_business_surface_has_the_bound(store: Store) -> None:
    """Its contract has 413 for files alone: the nearest of its codes says how much may be sent."""
    flood = Flood()

    await flood.ask(build_api(business_services(store)), "/api/auth/register", {"Content-Type": "application/json"})

    assert (flood.status, flood.json["code"]) == (422, "validation_error")
    assert flood.json["details"]["maxBytes"] == MOST_BODY_BYTES
    assert flood.taken <= MOST_BODY_BYTES + len(CHUNK)


async def test_a_body_within_the_bound_keeps_its_connection(store: Store) -> None:
    flood = Flood()

    await flood.ask(
        v1(store),
        "/v1/test/orders",
        {"Authorization": "Bearer ada", "Content-Type": "application/json"},
        most=MOST_BODY_BYTES // 2,
    )

    assert (flood.status, "connection" in flood.headers) == (400, False)


async def test_a_form_of_somebody_signed_in_has_its_bound(store: Store) -> None:
    """An endless file in a form is refused before it fills the disk."""
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
        while taken < 16 * MOST_FORM:
            taken += len(CHUNK)
            yield CHUNK

    async with dashboard(store, await add_business(store)) as tab:
        headers = {"X-CSRF-Token": tab.csrf, "Content-Type": "multipart/form-data; boundary=b"}
        answer = await tab.client.post(
            "/app/organizations", content=endless(), headers={**headers, "Accept": "application/json"}
        )

    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
    assert taken <= MOST_FORM + len(CHUNK)
