"""The way into the business surface for tests: the application, its jobs, its letters, and a client library."""

import datetime as dt
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from tests.fakes.api import ApiClient, violations
from tests.fakes.business import business_services
from tests.fakes.identity import Clock
from tests.fakes.jobs import InlineJobs
from voice_engine.domains.identity.recovery import build_recovery_jobs
from voice_engine.domains.identity.service import Identity
from voice_engine.domains.mail.letters import LetterKind
from voice_engine.domains.mail.service import KeptMail, Outgoing, build_mail_jobs
from voice_engine.rest.api.app import build_api
from voice_engine.rest.api.auth.doors import Doors
from voice_engine.store.engine import Store

KEPT = dt.timedelta(days=30)
PASSWORD = "securepass123"
JANE = {"name": "Jane Smith", "email": "jane@example.com", "password": PASSWORD, "organizationName": "Acme Corp"}
ADDRESS = "203.0.113.7"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The application over one store. `http` keeps cookies, as a browser does."""

    store: Store
    clock: Clock
    http: httpx2.AsyncClient
    doors: Doors
    jobs: InlineJobs
    outgoing: Outgoing

    @property
    def identity(self) -> Identity:
        """Who is who."""
        return self.doors.identity

    @property
    def api(self) -> ApiClient:
        """The browser, each answer held to the contract."""
        return ApiClient(self.http)

    async def register(self, **changes: str) -> dict[str, str]:
        """Have somebody register."""
        answer = await self.api.post("/api/auth/register", json={**JANE, **changes})
        assert answer.status_code == 200, answer.text
        made: dict[str, str] = answer.json()
        return made

    async def letters(self, to: str = JANE["email"]) -> list[KeptMail]:
        """What was written to an address, newest first, all work done."""
        await self.jobs.run_due()
        async with self.store.system("tests", writes=False) as work:
            return await self.outgoing.newest(work, to=to)

    async def token(self, to: str = JANE["email"]) -> str:
        """The token in the newest letter to an address that has one. A second passes, so that newest means one."""
        letters = [letter for letter in await self.letters(to) if letter.kind != LetterKind.WELCOME]
        self.clock.advance(seconds=1)
        return token_in(letters[0].text)


def token_in(text: str) -> str:
    """The token of the one link in a text."""
    (link,) = re.findall(r"https?://\S+", text)
    (token,) = parse_qs(urlsplit(str(link)).query)["token"]
    return token


@asynccontextmanager
async def open_desk(
    store: Store, *, clock: Clock | None = None, base: str = "http://api.test", **options: Any
) -> AsyncIterator[Desk]:
    """The application while the context is open. Options are those of `business_services`."""
    clock = clock or Clock()
    services = business_services(store, now=clock, public_url=base, **options)
    assert services.api is not None
    doors = services.api.doors
    assert doors is not None
    outgoing = Outgoing(doors.identity.box, now=clock)
    mail, _ = build_mail_jobs(store, outgoing, None, kept=KEPT, now=clock)
    jobs = InlineJobs(store, [*mail, *build_recovery_jobs(doors.recovery)], now=clock)
    transport = httpx2.ASGITransport(app=build_api(services), client=(ADDRESS, 4711), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=base) as http:
        yield Desk(store=store, clock=clock, http=http, doors=doors, jobs=jobs, outgoing=outgoing)


@dataclass(slots=True)
class NextAuthClient:
    """`next-auth/react` 4, request for request: `getCsrfToken`, `signIn`, `getSession`, `signOut`."""

    http: httpx2.AsyncClient
    seen: list[httpx2.Response] = field(default_factory=list)

    async def sign_in(
        self, email: str, password: str, *, callback_url: str | None = None, **changes: str
    ) -> Mapping[str, Any]:
        """`signIn("credentials", { redirect: false, … })`: ok, status, url and error as it returns them."""
        providers = (await self._send("GET", "/api/auth/providers")).json()
        assert "credentials" in providers
        form = {
            "email": email,
            "password": password,
            "redirect": "false",
            "csrfToken": await self.csrf_token(),
            "callbackUrl": callback_url or str(self.http.base_url),
            "json": "true",
            **changes,
        }
        answer = await self._send("POST", "/api/auth/callback/credentials?", data=form)
        url = answer.json()["url"]
        error = parse_qs(urlsplit(url).query).get("error", [None])[0]
        if answer.is_success:
            await self.session()
        return {
            "ok": answer.is_success,
            "status": answer.status_code,
            "url": None if error else url,
            "error": error,
        }

    async def csrf_token(self) -> str:
        """`getCsrfToken()`."""
        token: str = (await self._send("GET", "/api/auth/csrf")).json()["csrfToken"]
        return token

    async def session(self) -> dict[str, Any]:
        """`getSession()`."""
        found: dict[str, Any] = (await self._send("GET", "/api/auth/session")).json()
        return found

    async def sign_out(self, callback_url: str | None = None) -> str:
        """`signOut({ redirect: false })`: where it leads."""
        form = {
            "csrfToken": await self.csrf_token(),
            "callbackUrl": callback_url or str(self.http.base_url),
            "json": "true",
        }
        url: str = (await self._send("POST", "/api/auth/signout", data=form)).json()["url"]
        return url

    async def _send(self, method: str, path: str, **options: Any) -> httpx2.Response:
        answer = await self.http.request(method, path, **options)
        wrong = list(violations(method, path.partition("?")[0], answer.status_code, answer.headers, answer.json()))
        assert not wrong, "\n".join(wrong)
        self.seen.append(answer)
        return answer
