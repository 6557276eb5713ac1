"""A business at a running installation: registered and signed in over the wire, as its owner's browser does it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2

from tests.e2e.serving import Served
from voice_engine.rest.api.session import COOKIE

ADMIN_KEY = "an administrator's key of these tests"
PASSWORD = "a long enough password"  # of a test's own account


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A registered business. `cookie` is its owner's session, as a Cookie header."""

    organization_id: str
    email: str
    cookie: str


def open_office(served: Served, name: str, *, plan: str = "FREE") -> Office:
    """Register, sign in, and let the administrator sell the plan."""
    email = f"owner@{name.lower().replace(' ', '-')}.example.com"
    with httpx2.Client(base_url=served.url, timeout=30.0) as browser:
        account = {"name": "Jane Smith", "email": email, "password": PASSWORD, "organizationName": name}
        registered = browser.post("/api/auth/register", json=account)
        assert registered.status_code == 200, registered.text
        organization_id = registered.json()["organizationId"]
        csrf = browser.get("/api/auth/csrf").json()["csrfToken"]
        form = {"csrfToken": csrf, "email": email, "password": PASSWORD, "json": "true"}
        entered = browser.post("/api/auth/callback/credentials", data=form)
        assert entered.status_code == 200, entered.text
        assert browser.get("/api/auth/session").json()["user"]["organizationId"] == organization_id
        cookie = f"{COOKIE}={browser.cookies[COOKIE]}"
    if plan != "FREE":
        path = f"{served.url}/api/admin/organizations/{organization_id}"
        sold = httpx2.patch(path, json={"plan": plan}, headers={"x-admin-key": ADMIN_KEY})
        assert sold.status_code == 200, sold.text
    return Office(organization_id=organization_id, email=email, cookie=cookie)


@asynccontextmanager
async def in_office(served: Served, office: Office) -> AsyncIterator[httpx2.AsyncClient]:
    """The owner's client."""
    headers = {"Cookie": office.cookie}
    async with httpx2.AsyncClient(base_url=served.url, headers=headers, timeout=60.0) as client:
        yield client
