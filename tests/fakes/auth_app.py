"""The Authentication operations with their pages, and a browser without scripts to use them."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import httpx2
from starlette.types import ASGIApp

from tests.fakes.api import violations
from tests.fakes.identity import Bench
from voice_engine.rest.limits import RateLimits
from voice_engine.rest.security import Caller
from voice_engine.rest.services import Services
from voice_engine.rest.v1.app import build_v1
from voice_engine.rest.v1.auth.authenticator import IdentityAuthenticator
from voice_engine.rest.v1.auth.surface import AUTH_ROUTERS
from voice_engine.rest.v1.router import operation, v1_router
from voice_engine.web.signin.pages import JinjaPages

guarded = v1_router("Test")


@guarded.get("/v1/test/guarded", openapi_extra=operation("calls:read"))
async def read_guarded(caller: Caller) -> dict[str, str]:
    """An operation that needs `calls:read`."""
    return {"user_id": caller.user_id, "client_id": caller.client_id}


def auth_app(bench: Bench, *, per_minute: int = 10_000) -> ASGIApp:
    """The application of these routes over this bench."""
    services = Services(
        store=bench.store,
        authenticator=IdentityAuthenticator(bench.identity),
        limits=RateLimits(user_per_minute=per_minute, address_per_minute=per_minute),
        now=bench.clock,
        identity=bench.identity,
        pages=JinjaPages(),
    )
    return build_v1(services, routers=(*AUTH_ROUTERS, guarded))


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form of a page: where it goes, and its fields as the page filled them in."""

    action: str
    fields: Mapping[str, str]


WEB_APP, ACCOUNT = "/app", "/v1/auth/login"
"""The web app is another application: who is led there looks at their account instead, which says who they are."""


class FakeBrowser:
    """Follows redirects within us, keeps cookies, sends forms; checks what the contract says of each answer."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http
        self.page = httpx2.Response(204)

    @property
    def location(self) -> str:
        """Where the last answer sends the browser."""
        return self.page.headers["location"]

    @property
    def parameters(self) -> dict[str, str]:
        """The query of `location`."""
        return dict(parse_qsl(urlsplit(self.location).query, keep_blank_values=True))

    @property
    def forms(self) -> list[Form]:
        """The forms of the page."""
        return [
            Form(action=unescape(action), fields=dict(_fields(body)))
            for action, body in re.findall(
                r'<form method="post" action="([^"]+)"[^>]*>(.*?)</form>', self.page.text, re.S
            )
        ]

    async def get(self, address: str, **headers: str) -> httpx2.Response:
        """Go there, and on while it stays with us."""
        sent = {"Accept": "text/html", **{name.replace("_", "-"): value for name, value in headers.items()}}
        self._check("GET", address, await self.http.get(address, headers=sent))
        return await self._follow()

    async def submit(self, form: Form | None = None, **values: str) -> httpx2.Response:
        """Send `form` (the page's first) with these values, as a browser does from a page without referrer."""
        form = form or self.forms[0]
        headers = {"Accept": "text/html", "Origin": "null", "Sec-Fetch-Site": "same-origin"}
        data = {**form.fields, **values}
        self._check("POST", form.action, await self.http.post(form.action, data=data, headers=headers))
        return await self._follow()

    async def _follow(self) -> httpx2.Response:
        hops = 0
        while self.page.is_redirect and self.location.startswith("/"):
            hops += 1
            assert hops < 10, "the pages send the browser in a circle"
            address = ACCOUNT if self.location == WEB_APP else self.location
            self._check("GET", address, await self.http.get(address, headers={"Accept": "text/html"}))
        return self.page

    def _check(self, method: str, address: str, response: httpx2.Response) -> None:
        self.page = response
        is_page = response.headers.get("content-type", "").startswith("text/html")
        if not (is_page and response.status_code >= 400):  # the contract has no error pages; programs get JSON
            body = (
                response.json() if response.headers.get("content-type", "").startswith("application/json") else None
            )
            wrong = list(
                violations(method, address.partition("?")[0], response.status_code, response.headers, body)
            )
            assert not wrong, "\n".join(wrong)


def _fields(body: str) -> list[tuple[str, str]]:
    found = []
    for tag in re.findall(r"<input[^>]*>", body):
        attributes = dict(re.findall(r'([a-z]+)="([^"]*)"', tag))
        if attributes.get("type") != "checkbox" and "name" in attributes:
            found.append((attributes["name"], unescape(attributes.get("value", ""))))
    return found


@asynccontextmanager
async def fake_browser(bench: Bench, *, base_url: str = "http://api.test") -> AsyncIterator[FakeBrowser]:
    """A browser with no cookies yet."""
    transport = httpx2.ASGITransport(app=auth_app(bench), client=("203.0.113.7", 4711))
    async with httpx2.AsyncClient(transport=transport, base_url=base_url) as http:
        yield FakeBrowser(http)
