"""The pages that letters lead to, used as a person uses them; the letters' own page, used as a stranger would."""

import re
from html import unescape

import httpx2
import pytest

from tests.fakes.accounts import add_account
from tests.fakes.sign_in import JANE, NextAuthClient, open_desk
from voice_engine.domains.accounts import service as accounts
from voice_engine.rest.v1.auth.browser import SESSION_COOKIE
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id

NEW = "newSecurePass456"


def fields_of(page: httpx2.Response) -> dict[str, str]:
    """The hidden fields of a page's form, as the page filled them in."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
    return {name: unescape(value) for name, value in found}


async def _submit(http: httpx2.AsyncClient, path: str, page: httpx2.Response, **values: str) -> httpx2.Response:
    headers = {"Accept": "text/html", "Origin": "null", "Sec-Fetch-Site": "same-origin"}
    return await http.post(path, data={**fields_of(page), **values}, headers=headers)


async def test_a_person_comes_back_in_by_the_pages_alone(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        http = desk.http
        asked = await _submit(http, "/forgot-password", await http.get("/forgot-password"), email=JANE["email"])
        link = f"/reset-password?token={await desk.token()}"
        changed = await _submit(http, "/reset-password", await http.get(link), password=NEW)
        entered = await _submit(
            http,
            "/api/auth/callback/credentials",
            await http.get(changed.headers["location"]),
            email=JANE["email"],
            password=NEW,
        )
        inside = await http.get("/dashboard")
        session = (await http.get("/api/auth/session")).json()
        csrf = (await http.get("/api/auth/csrf")).json()["csrfToken"]
        left = await http.post("/api/auth/signout", data={"csrfToken": csrf, "callbackUrl": "/login"})

        assert (asked.status_code, "on its way" in asked.text) == (200, True)
        assert (changed.status_code, changed.headers["location"]) == (303, "/login?done=password")
        assert (entered.status_code, entered.headers["location"]) == (302, "http://api.test/dashboard")
        assert (inside.status_code, inside.headers["location"]) == (302, "/app")
        assert session["user"]["organizationName"] == "Acme Corp"
        assert left.headers["location"] == "http://api.test/login"
        assert (await http.get("/dashboard")).headers["location"] == "/login"


async def test_what_went_wrong_is_said_where_the_person_ends_up(store: Store) -> None:
    async with open_desk(store) as desk:
        page = await desk.http.get("/login")
        refused = await _submit(
            desk.http, "/api/auth/callback/credentials", page, email="a@b.example", password="guess"
        )
        told = await desk.http.get(refused.headers["location"], follow_redirects=True)
        stale = await desk.http.post(
            "/api/auth/callback/credentials",
            data={**fields_of(page), "csrfToken": "x", "email": "a@b.example", "password": "guess"},
        )
        bad_link = await desk.http.get("/api/auth/magic-link?token=none", follow_redirects=True)
        old = await desk.http.get(stale.headers["location"], follow_redirects=True)

        assert "Email or password is wrong." in told.text
        assert "This link was used or has expired." in bad_link.text
        assert "The form is too old" in old.text
        odd = await desk.http.get("/api/auth/error?error=<script>")
        assert odd.headers["location"] == "/login"


@pytest.mark.parametrize("path", ["/forgot-password", "/reset-password"])
async def test_another_sites_forms_do_nothing(store: Store, path: str) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        await desk.letters()
        page = await desk.http.get(path)
        values = {"email": JANE["email"], "token": "x" * 20, "password": NEW}
        forged = [
            await desk.http.post(path, data={**fields_of(page), **values, "csrf": "vef_guess"}),
            await desk.http.post(path, data={**fields_of(page), **values}, headers={"Origin": "https://evil.test"}),
        ]

        assert [answer.status_code for answer in forged] == [403, 403]
        assert len(await desk.letters()) == 1, "the welcome alone"


@pytest.mark.parametrize("email", ["", "nobody", "a\0@b.example"])
async def test_what_is_no_address_gets_no_letter(store: Store, email: str) -> None:
    async with open_desk(store) as desk:
        page = await desk.http.get("/forgot-password")
        answer = await _submit(desk.http, "/forgot-password", page, email=email)

        assert answer.status_code == 400
        assert "This is not an email address." in answer.text
        assert not await desk.jobs.waiting()


async def test_a_spent_link_says_so(store: Store) -> None:
    async with open_desk(store) as desk:
        page = await desk.http.get("/reset-password?token=" + "x" * 40)
        answer = await _submit(desk.http, "/reset-password", page, password=NEW)

        assert answer.status_code == 400
        assert "This link was used or has expired." in answer.text


@pytest.mark.parametrize(("operator", "status"), [(True, 200), (False, 403)])
async def test_letters_are_for_the_operator(store: Store, operator: bool, status: int) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        await desk.letters()
        person = await add_account(store)
        if operator:
            async with store.system("tests") as work:
                user = await accounts.get(work, person.user_id)
                user.is_operator = True
        started = await desk.identity.sessions.start(
            user_id=person.user_id, organization_id=person.organization_id, method="password"
        )
        cookie = {"Cookie": f"{SESSION_COOKIE}={started.token}", "Accept": "text/html"}
        page = await desk.http.get("/outbox", headers=cookie)

        assert page.status_code == status
        assert ("/login" in page.text and "Welcome, Acme Corp" in page.text) == operator
        assert page.headers["cache-control"] == "no-store"


async def test_strangers_and_businesses_see_no_letters(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        await desk.letters()
        await NextAuthClient(desk.http).sign_in(JANE["email"], JANE["password"])
        for headers in ({}, {"Cookie": f"{SESSION_COOKIE}=ves_{new_id()}"}, {"X-Forwarded-For": "127.0.0.1"}):
            page = await desk.http.get("/outbox", headers={**headers, "Accept": "text/html"})
            assert "Welcome, Acme Corp" not in page.text
            assert 'name="password"' in page.text, "the sign-in page"


@pytest.mark.parametrize(
    ("host", "leads_to"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000/dashboard"),
        ("localhost:8000", "http://localhost:8000/dashboard"),
        ("localhost:9000", "http://127.0.0.1:8000/dashboard"),
        ("evil.example:8000", "http://127.0.0.1:8000/dashboard"),
    ],
)
async def test_on_one_machine_the_browser_stays_at_the_address_that_it_used(
    store: Store, host: str, leads_to: str
) -> None:
    """Its cookie is that address's. A host that is not this machine is not believed."""
    async with open_desk(store, base="http://127.0.0.1:8000") as desk:
        await desk.register()
        token = (await desk.api.get("/api/auth/csrf")).json()["csrfToken"]
        cookie = "; ".join(f"{each.name}={each.value}" for each in desk.http.cookies.jar)
        answer = await desk.http.post(
            "/api/auth/callback/credentials",
            data={"csrfToken": token, "email": JANE["email"], "password": JANE["password"]},
            headers={"Host": host, "Cookie": cookie},
        )

        assert answer.headers["location"] == leads_to
