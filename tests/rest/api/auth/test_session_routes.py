"""Signing in and out as the published client library does it, and as somebody does who wants to get in without."""

import hashlib
import re
from http.cookies import Morsel, SimpleCookie
from urllib.parse import unquote

import httpx2
import pytest

from tests.fakes.accounts import add_account
from tests.fakes.business import add_business, refusal
from tests.fakes.identity import CHEAP, PASSWORD
from tests.fakes.sign_in import JANE, Desk, NextAuthClient, open_desk
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.identity.passwords import Passwords
from voice_engine.domains.identity.sign_in import PER_PAIR
from voice_engine.store.engine import Store

SESSION = "next-auth.session-token"
CSRF = "next-auth.csrf-token"
HTTPS = "https://voice.example.com"


def cookies_of(answer: httpx2.Response) -> dict[str, Morsel[str]]:
    """The cookies that an answer sets."""
    jar: SimpleCookie = SimpleCookie()
    for header in answer.headers.get_list("set-cookie"):
        jar.load(header)
    return dict(jar)


async def _form(desk: Desk, **changes: str) -> dict[str, str]:
    token = (await desk.api.get("/api/auth/csrf")).json()["csrfToken"]
    return {"csrfToken": token, "email": JANE["email"], "password": JANE["password"], **changes}


async def test_the_client_librarys_flow_from_nobody_to_nobody(store: Store) -> None:
    async with open_desk(store) as desk:
        made, client = await desk.register(), NextAuthClient(desk.http)

        assert await client.session() == {}, "registering signs nobody in"
        signed_in = await client.sign_in(JANE["email"], JANE["password"], callback_url="http://api.test/app?a=1")
        session = await client.session()
        left = await client.sign_out()

        assert signed_in == {"ok": True, "status": 200, "url": "http://api.test/app?a=1", "error": None}
        assert session["user"] == {
            "id": made["userId"],
            "name": "Jane Smith",
            "email": "jane@example.com",
            "organizationId": made["organizationId"],
            "organizationName": "Acme Corp",
            "role": "OWNER",
            "plan": "FREE",
            "onboardingCompleted": False,
            "mustChangePassword": False,
        }
        assert left == "http://api.test/"
        assert await client.session() == {}


async def test_a_wrong_password_is_told_as_the_library_expects_it(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        client = NextAuthClient(desk.http)
        wrong = await client.sign_in(JANE["email"], "another password")
        unknown = await client.sign_in("nobody@example.com", "another password")

        assert wrong == unknown == {"ok": False, "status": 401, "url": None, "error": "CredentialsSignin"}
        assert all(SESSION not in cookies_of(answer) for answer in client.seen)
        assert await client.session() == {}


async def test_the_address_is_folded_as_it_was_when_it_was_registered(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register(email=" Jane@EXAMPLE.com")

        assert (await NextAuthClient(desk.http).sign_in("JANE@example.COM ", JANE["password"]))["ok"]


@pytest.mark.parametrize(
    "token", ["", "0" * 64, "ö", "f" * 63, "F" * 64], ids=["none", "zeros", "letter", "short", "capitals"]
)
@pytest.mark.parametrize("path", ["callback/credentials", "signout"])
async def test_a_wrong_csrf_token_leads_back_and_changes_nothing(store: Store, token: str, path: str) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        client = NextAuthClient(desk.http)
        if path == "signout":
            await client.sign_in(JANE["email"], JANE["password"])
        form = {**await _form(desk), "csrfToken": token, "json": "true"}
        answer = await desk.api.post(f"/api/auth/{path}", json=form)

        page = "signin" if path == "callback/credentials" else "signout"
        assert (answer.status_code, answer.json()) == (
            200,
            {"url": f"http://api.test/api/auth/{page}?csrf=true"},
        )
        assert SESSION not in cookies_of(answer)
        assert bool(await client.session()) == (path == "signout")


async def test_a_csrf_token_is_its_cookies_and_ours(store: Store) -> None:
    """A page of another site can send a form but not read our answer; it can neither make nor borrow a token."""
    async with open_desk(store) as desk:
        await desk.register()
        form = await _form(desk, json="true")
        made_up = "a" * 64
        forged = f"{made_up}|{hashlib.sha256(made_up.encode()).hexdigest()}"
        for cookie in ("", forged, f"{form['csrfToken']}|{'0' * 64}", form["csrfToken"]):
            desk.http.cookies.clear()
            answer = await desk.api.post(
                "/api/auth/callback/credentials",
                data={**form, "csrfToken": made_up if cookie == forged else form["csrfToken"]},
                headers={"Cookie": f"{CSRF}={cookie}"} if cookie else {},
            )
            assert answer.json() == {"url": "http://api.test/api/auth/signin?csrf=true"}, cookie


async def test_the_csrf_cookie_has_the_librarys_form_and_is_kept(store: Store) -> None:
    async with open_desk(store) as desk:
        first = await desk.api.get("/api/auth/csrf")
        again = await desk.api.get("/api/auth/csrf")
        cookie = cookies_of(first)[CSRF]
        token, mac = unquote(cookie.value).split("|")

        assert re.fullmatch("[0-9a-f]{64}", token)
        assert re.fullmatch("[0-9a-f]{64}", mac)
        assert first.json() == again.json() == {"csrfToken": token}
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
        assert first.headers["cache-control"] == "private, no-cache, no-store"


@pytest.mark.parametrize("base", ["http://api.test", HTTPS])
async def test_cookies_are_secure_over_https(store: Store, base: str) -> None:
    is_secure = base == HTTPS
    async with open_desk(store, base=base) as desk:
        await desk.register()
        client = NextAuthClient(desk.http)
        await client.sign_in(JANE["email"], JANE["password"])
        answer = next(each for each in client.seen if each.request.url.path.endswith("credentials"))
        (name, cookie) = next((name, each) for name, each in cookies_of(answer).items() if SESSION in name)
        csrf = next(name for each in client.seen for name in cookies_of(each) if CSRF in name)

        assert (name, csrf) == ((f"__Secure-{SESSION}", f"__Host-{CSRF}") if is_secure else (SESSION, CSRF))
        assert (bool(cookie["secure"]), cookie["httponly"], cookie["samesite"]) == (is_secure, True, "lax")
        assert cookie["path"] == "/"
        assert not cookie["domain"]
        assert (cookie["expires"], cookie["max-age"]) == ("Sun, 15 Mar 2026 15:30:00 GMT", "2592000"), "thirty days"
        assert (await client.session())["user"]["email"] == JANE["email"]


async def test_the_session_token_stands_nowhere_in_clear(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        await NextAuthClient(desk.http).sign_in(JANE["email"], JANE["password"])
        token = desk.http.cookies[SESSION]
        row = await desk.identity.sessions.find(token)

        assert row is not None
        assert await desk.identity.sessions.find(hashlib.sha256(token.encode()).hexdigest()) is None


async def test_looking_at_the_session_moves_its_end_and_renews_the_cookie(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        client = NextAuthClient(desk.http)
        await client.sign_in(JANE["email"], JANE["password"])
        first = await client.session()
        desk.clock.advance(days=10)
        later = await client.session()

        assert (first["expires"], later["expires"]) == ("2026-03-15T15:30:00Z", "2026-03-25T15:30:00Z")
        assert cookies_of(client.seen[-1])[SESSION]["expires"] == "Wed, 25 Mar 2026 15:30:00 GMT"
        desk.clock.advance(days=30)
        assert await desk.identity.sessions.find(desk.http.cookies[SESSION]) is None


async def test_a_dead_cookie_is_taken_away(store: Store) -> None:
    async with open_desk(store) as desk:
        answer = await desk.api.get("/api/auth/session", headers={"Cookie": f"{SESSION}=ves_stale"})

        assert answer.json() == {}
        assert cookies_of(answer)[SESSION]["max-age"] == "0"


async def test_signing_out_ends_the_session_at_the_server_too(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        client = NextAuthClient(desk.http)
        await client.sign_in(JANE["email"], JANE["password"])
        stolen = desk.http.cookies[SESSION]
        await client.sign_out()
        cookie = cookies_of(client.seen[-1])[SESSION]

        assert (cookie.value, cookie["max-age"]) == ("", "0")
        assert await desk.identity.sessions.find(stolen) is None


async def test_signing_in_again_ends_the_session_that_the_browser_had(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        client = NextAuthClient(desk.http)
        await client.sign_in(JANE["email"], JANE["password"])
        first = desk.http.cookies[SESSION]
        await client.sign_in(JANE["email"], JANE["password"])

        assert await desk.identity.sessions.find(first) is None
        assert desk.http.cookies[SESSION] != first


async def test_a_session_made_up_by_the_browser_is_not_taken_over(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        desk.http.cookies.set(SESSION, "ves_planted")
        await NextAuthClient(desk.http).sign_in(JANE["email"], JANE["password"])

        assert await desk.identity.sessions.find("ves_planted") is None


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        (None, "http://api.test/dashboard"),
        ("", "http://api.test/dashboard"),
        ("/calls?page=2", "http://api.test/calls?page=2"),
        ("http://api.test/calls", "http://api.test/calls"),
        ("HTTP://API.test/calls", "http://api.test/calls"),
        ("http://api.test", "http://api.test/"),
        ("https://api.test/calls", "http://api.test/dashboard"),
        ("http://api.test.evil.com/x", "http://api.test/dashboard"),
        ("http://api.test:8080/x", "http://api.test/dashboard"),
        ("http://api.test@evil.com/", "http://api.test/dashboard"),
        ("http://api.test//evil.com", "http://api.test/dashboard"),
        ("//evil.com", "http://api.test/dashboard"),
        ("/\\evil.com", "http://api.test/dashboard"),
        ("/\tx", "http://api.test/dashboard"),
        ("/a\r\nSet-Cookie: x=y", "http://api.test/dashboard"),
        ("javascript:alert(1)", "http://api.test/dashboard"),
        ("dashboard", "http://api.test/dashboard"),
    ],
)
@pytest.mark.parametrize("as_json", ["true", "false"])
async def test_the_callback_is_no_open_redirect(
    store: Store, asked: str | None, leads_to: str, as_json: str
) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        form = await _form(desk, json=as_json, **({} if asked is None else {"callbackUrl": asked}))
        answer = await desk.api.post("/api/auth/callback/credentials", data=form)

        went = answer.json()["url"] if as_json == "true" else answer.headers["location"]
        assert (answer.status_code, went) == (200 if as_json == "true" else 302, leads_to)
        assert SESSION in cookies_of(answer)


async def test_without_json_the_same_is_told_by_redirects(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        path, form = "/api/auth/callback/credentials", await _form(desk)
        wrong_csrf = await desk.api.post(path, data={**form, "csrfToken": "0" * 64})
        wrong_password = await desk.api.post(path, data={**form, "password": "another password"})
        right = await desk.api.post(path, data=form)
        out = await desk.api.post("/api/auth/signout", data=form)

        assert [each.status_code for each in (wrong_csrf, wrong_password, right, out)] == [302] * 4
        assert wrong_csrf.headers["location"] == "http://api.test/api/auth/signin?csrf=true"
        assert wrong_password.headers["location"].startswith(
            "http://api.test/api/auth/error?error=CredentialsSignin"
        )
        assert right.headers["location"] == "http://api.test/dashboard"
        assert out.headers["location"] == "http://api.test/"
        assert [SESSION in cookies_of(each) for each in (wrong_csrf, wrong_password, right)] == [False, False, True]


@pytest.mark.parametrize("path", ["/api/auth/callback/credentials", "/api/auth/signout"])
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b'"x"', "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"[" * 20_000, "application/json"),
        (b'{"csrfToken": 1, "email": [], "password": {}}', "application/json"),
        (b"{}", "application/json"),
        (b"", "application/x-www-form-urlencoded"),
        (b"&".join(b"a=1" for _ in range(2_000)), "application/x-www-form-urlencoded"),
        (b"csrfToken=%00&email=a&password=b", "application/x-www-form-urlencoded"),
        (b"csrfToken=a&email=a&password=b&json=maybe", "application/x-www-form-urlencoded"),
        (b"csrfToken=" + b"a" * 70_000, "application/x-www-form-urlencoded"),
        (b"hello", "text/plain"),
    ],
)
async def test_forms_that_do_not_fit_are_422(store: Store, path: str, body: bytes, content_type: str) -> None:
    async with open_desk(store) as desk:
        answer = await desk.api.post(path, content=body, headers={"Content-Type": content_type})

        assert refusal(answer) == (422, "validation_error")


async def test_ten_wrong_passwords_from_one_address_are_enough(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        form = await _form(desk, json="true")
        path, wrong = "/api/auth/callback/credentials", {**form, "password": "another password"}
        statuses = [(await desk.api.post(path, data=wrong)).status_code for _ in range(PER_PAIR.most)]
        answer = await desk.api.post(path, data=form)

        assert statuses == [401] * 10
        assert refusal(answer) == (429, "rate_limited")
        assert 0 < int(answer.headers["retry-after"]) <= 900
        desk.clock.advance(minutes=15, seconds=1)
        assert (await desk.api.post(path, data=form)).status_code == 200


async def test_people_without_a_business_do_not_get_in_here(store: Store) -> None:
    person = await add_account(store)
    async with open_desk(store) as desk:
        hashed = await Passwords(CHEAP).hash(PASSWORD)
        async with store.system("tests") as work:
            await accounts.set_password(work, person.user_id, hashed, now=desk.clock(), actor="tests")
            email = (await accounts.get(work, person.user_id)).email

        assert (await NextAuthClient(desk.http).sign_in(email, PASSWORD))["error"] == "CredentialsSignin"


async def test_a_browsers_change_from_another_site_is_refused_and_the_session_lives_on(store: Store) -> None:
    business = await add_business(store)
    async with open_desk(store) as desk:
        api = desk.api.signed_in_as(business.session_token)
        body = {"currentPassword": "x", "newPassword": "newSecurePass456"}
        answer = await api.put("/api/auth/password", json=body, headers={"Origin": "https://evil.example"})

        assert refusal(answer) == (403, "bad_origin")
        assert (await api.get("/api/auth/session")).json()["user"]["id"] == business.user_id


async def test_the_one_provider_is_named_with_our_addresses(store: Store) -> None:
    async with open_desk(store, base=HTTPS) as desk:
        assert (await desk.api.get("/api/auth/providers")).json() == {
            "credentials": {
                "id": "credentials",
                "name": "Credentials",
                "type": "credentials",
                "signinUrl": f"{HTTPS}/api/auth/signin/credentials",
                "callbackUrl": f"{HTTPS}/api/auth/callback/credentials",
            }
        }
