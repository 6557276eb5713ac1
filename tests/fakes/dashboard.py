"""A browser of the web app without a browser: signed in, with the form token, on the pages' own application."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

import httpx2

from tests.fakes.accounts import NOW, Account
from tests.fakes.business import FOREVER, Business, business_services
from voice_engine.domains.identity.models import WebSessionRow
from voice_engine.domains.identity.opaque import SESSION, hash_token, new_token
from voice_engine.domains.minutes.service import MinutesService
from voice_engine.domains.usage.accounts import Accounts
from voice_engine.domains.usage.service import UsageService
from voice_engine.domains.usage.settings import UsageSettings
from voice_engine.rest.api.session import COOKIE
from voice_engine.store.engine import Store
from voice_engine.web.dashboard.app import AREAS, build_dashboard
from voice_engine.web.dashboard.site import Area

ORIGIN = "http://127.0.0.1:8700"
VOID = frozenset(
    {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "use", "wbr"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A signed-in browser tab. Every page that it gets is held to the rules of every page."""

    client: httpx2.AsyncClient
    csrf: str

    async def get(self, path: str, *, status: int = 200, **headers: str) -> str:
        """A page's HTML."""
        answer = await self.client.get(path, headers={"Accept": "text/html", **headers})
        assert answer.status_code == status, (answer.status_code, answer.text[:500])
        check_page(answer)
        return answer.text

    async def fragment(self, path: str, *, status: int = 200) -> str:
        """What htmx gets."""
        return await self.get(path, status=status, **{"HX-Request": "true"})

    async def post(
        self, path: str, form: Mapping[str, Any] | None = None, *, method: str = "POST"
    ) -> httpx2.Response:
        """Send a form as htmx does."""
        headers = {"X-CSRF-Token": self.csrf, "HX-Request": "true", "Accept": "text/html"}
        return await self.client.request(method, path, data=dict(form or {}), headers=headers)

    async def ask(self, path: str, body: object = None, *, method: str = "POST") -> httpx2.Response:
        """Send JSON as our scripts do."""
        headers = {"X-CSRF-Token": self.csrf, "Accept": "application/json"}
        return await self.client.request(method, path, json=body, headers=headers)


@asynccontextmanager
async def dashboard(
    store: Store,
    who: Account | Business | None,
    *,
    extras: dict[str, Any] | None = None,
    areas: Sequence[Area] = AREAS,
    **options: Any,
) -> AsyncIterator[Tab]:
    """The web app with somebody signed in; None: a stranger. Options are those of `business_services`."""
    token = None
    if isinstance(who, Business):
        token = who.session_token
    elif who is not None:
        token = await start_session(store, who)
    now = options.setdefault("now", lambda: NOW)
    options.setdefault("minutes", MinutesService(now))
    usage = UsageService(Accounts(UsageSettings(), now))
    options["services"] = {"usage": usage, **options.get("services", {})}
    app = build_dashboard(business_services(store, **options), extras=extras, areas=areas)
    headers = {"Cookie": f"{COOKIE}={token}"} if token else {}
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as client:
        csrf = ""
        if token:
            found = re.search(
                r'name="csrf-token" content="([0-9a-f]+)"', (await client.get("/app/not-a-page")).text
            )
            csrf = found[1] if found else ""
        yield Tab(client=client, csrf=csrf)


async def start_session(store: Store, account: Account) -> str:
    """A session of somebody, as the built-in sign-in starts one; its token."""
    token = new_token(SESSION)
    row = WebSessionRow(
        organization_id=account.organization_id,
        token_hash=hash_token(token),
        user_id=account.user_id,
        created_at=NOW,
        seen_at=NOW,
        expires_at=FOREVER,
        rolls=True,
    )
    async with store.begin(account.organization_id) as work:
        work.session.add(row)
    return token


def check_page(answer: httpx2.Response) -> None:
    """Hold a page to what every page promises: nothing inline, nothing from elsewhere, one h1, balanced."""
    policy = answer.headers.get("content-security-policy", "")
    assert "default-src 'none'" in policy, "a page without a policy"
    assert "unsafe" not in policy
    reader = _Reader()
    reader.feed(answer.text)
    reader.close()
    assert not reader.faults, reader.faults
    assert not reader.open, f"not closed: {reader.open}"
    if answer.text.lstrip().lower().startswith("<!doctype"):
        assert reader.headings == 1, f"{reader.headings} h1 on a page"


class _Reader(HTMLParser):
    """Finds what the policy would block and what a screen reader would miss."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.open: list[str] = []
        self.headings = 0
        self._ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element begins."""
        given = dict(attrs)
        if "style" in given or any(name.startswith("on") for name in given):
            self.faults.append(f"<{tag}> has an inline style or handler, which the policy blocks")
        if tag == "script" and not given.get("src") and given.get("type") != "application/json":
            self.faults.append("an inline script")
        if tag == "style":
            self.faults.append("an inline style sheet")
        for name in ("src", "href", "action"):
            if (given.get(name) or "").startswith(("http://", "https://", "//")) and tag != "a":
                self.faults.append(f"<{tag} {name}> leads to another host: {given[name]}")
        identifier = given.get("id")
        if identifier:
            if identifier in self._ids:
                self.faults.append(f"the id {identifier} stands twice")
            self._ids.add(identifier)
        self.headings += tag == "h1"
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """One element ends."""
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.open[-1:] or 'nothing'}")
            return
        self.open.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """`<path/>` in a picture."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()
