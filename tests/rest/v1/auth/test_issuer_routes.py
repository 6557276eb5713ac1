"""Signing in with Google and Apple, against a provider over real HTTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.fakes.accounts import Account, add_account
from tests.fakes.api import ApiClient, api_client, code_of
from tests.fakes.auth_app import FakeBrowser, auth_app, fake_browser
from tests.fakes.identity import PASSWORD, Bench, Setup, open_bench
from tests.fakes.oidc_provider import Provider, oidc_provider
from tests.rest.v1.auth.conftest import email_of
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.identity.federation import Issuer
from voice_engine.providers.identity.outside import HttpOutside
from voice_engine.store.engine import Store

pytestmark = pytest.mark.usefixtures("ada")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Our application, a program, a browser, and two providers."""

    bench: Bench
    api: ApiClient
    browser: FakeBrowser
    google: Provider
    apple: Provider


@asynccontextmanager
async def _open(store: Store, **changes: Any) -> AsyncIterator[World]:
    async with oidc_provider() as google, oidc_provider() as apple:
        common: dict[str, Any] = {
            "audiences": frozenset({"our-client"}),
            "client_id": "our-client",
            "client_secret": "our-secret",
        }
        issuers = (
            Issuer(name="google", url=google.url, **common),
            Issuer(name="apple", url=apple.url, redeems_code=True, posts_back=True, **common),
        )
        setup = replace(Setup().but(issuers=issuers, **changes), outside=HttpOutside())
        for provider in (google, apple):
            provider.now = setup.clock.timestamp
            provider.person = {"sub": "108", "email": "bob@example.com", "email_verified": True, "name": "Bob"}
        bench = open_bench(store, setup)
        async with api_client(auth_app(bench)) as api, fake_browser(bench) as browser:
            yield World(bench=bench, api=api, browser=browser, google=google, apple=apple)


@pytest.fixture
async def world(store: Store) -> AsyncIterator[World]:
    async with _open(store) as opened:
        yield opened


async def _google(world: World, **claims: Any) -> httpx2.Response:
    return await world.api.post("/v1/auth/google/validate", json={"id_token": world.google.id_token(**claims)})


async def _apple(world: World, *, code: str = "c-1", **body: Any) -> httpx2.Response:
    world.apple.codes.setdefault(code, {})
    token = body.pop("token", None) or world.apple.id_token()
    return await world.api.post(
        "/v1/auth/apple/token", json={"identity_token": token, "authorization_code": code, **body}
    )


# --- Google ------------------------------------------------------------------------------------------------------


async def test_the_first_sign_in_makes_the_account_and_the_second_finds_it(world: World) -> None:
    first = (await _google(world)).json()
    second = (await _google(world, email="renamed@example.com")).json()

    assert first["user"]["is_new_user"] is True
    assert second["user"] == {**first["user"], "is_new_user": False}
    assert first["user"]["email"] == "bob@example.com"
    used = await world.api.acting_as(second["access_token"]).get("/v1/test/guarded")
    assert used.json()["user_id"].replace("-", "") == first["user"]["id"]


async def test_two_first_sign_ins_at_once_make_one_account(world: World) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_google(world)) for _ in range(5)]

    assert len({task.result().json()["user"]["id"] for task in tasks}) == 1
    assert sum(task.result().json()["user"]["is_new_user"] for task in tasks) == 1


async def test_a_verified_address_joins_the_account_that_has_it(world: World, ada: Account) -> None:
    email = await email_of(world.bench, ada)

    user = (await _google(world, email=email.upper())).json()["user"]

    assert (user["id"], user["is_new_user"]) == (ada.user_id.replace("-", ""), False)


async def test_an_unverified_address_joins_nothing(world: World, ada: Account) -> None:
    response = await _google(world, email=await email_of(world.bench, ada), email_verified=False)

    assert (response.status_code, code_of(response)) == (401, "invalid_identity_token")
    assert response.headers["www-authenticate"].startswith("Bearer")


async def test_who_made_the_account_with_a_strangers_address_is_put_out(world: World, ada: Account) -> None:
    """Somebody signs up with my address and waits; when I come by Google, their password and tokens are dead."""
    email = await email_of(world.bench, ada)
    waiting = await world.bench.bearer(ada)

    await _google(world, email=email)

    assert code_of(await world.api.acting_as(waiting).get("/v1/test/guarded")) == "invalid_token"
    await world.browser.get("/v1/auth/login")
    page = await world.browser.submit(email=email, password=PASSWORD)
    assert page.status_code == 403


async def test_an_identity_that_nobody_verified_goes_when_the_owner_comes(world: World) -> None:
    """A stranger's subject with my unproven address opens the account no more once I have proven the address."""
    stranger = {"sub": "999", "email": "carol@example.com", "email_verified": False}
    taken = (await _google(world, **stranger)).json()

    mine = (await _google(world, sub="1", email="carol@example.com")).json()
    again = await _google(world, **stranger)

    assert mine["user"]["id"] == taken["user"]["id"]
    assert code_of(await world.api.acting_as(taken["access_token"]).get("/v1/test/guarded")) == "invalid_token"
    assert (again.status_code, code_of(again)) == (401, "invalid_identity_token")


@pytest.mark.parametrize(
    "claims", [{"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1}, {"email": None}]
)
async def test_a_token_that_does_not_hold_signs_nobody_in(world: World, claims: dict[str, Any]) -> None:
    response = await _google(world, **claims)

    assert (response.status_code, code_of(response)) == (401, "invalid_identity_token")


async def test_a_nonce_is_held_to(world: World) -> None:
    body = {"id_token": world.google.id_token(nonce="n-1"), "nonce": "n-2"}

    assert code_of(await world.api.post("/v1/auth/google/validate", json=body)) == "invalid_identity_token"


async def test_an_issuer_that_is_down_is_503_and_says_when_to_come_back(world: World) -> None:
    world.google.fault = 500

    response = await _google(world)

    assert (response.status_code, code_of(response)) == (503, "identity_provider_unavailable")
    assert response.headers["retry-after"]


@pytest.mark.parametrize("body", [{}, {"id_token": ""}, {"id_token": 7}, [], "x"])
async def test_a_body_of_the_wrong_shape_is_400(world: World, body: Any) -> None:
    response = await world.api.post("/v1/auth/google/validate", json=body)

    assert (response.status_code, code_of(response)) == (400, "validation_error")


async def test_without_an_issuer_nobody_comes_in(bench: Bench) -> None:
    async with api_client(auth_app(bench)) as api:
        response = await api.post("/v1/auth/google/validate", json={"id_token": "a.b.c"})

    assert code_of(response) == "invalid_identity_token"


async def test_a_closed_server_takes_nobody_new(store: Store, ada: Account) -> None:
    async with _open(store, open_sign_up=False, issuers_may_add=False) as world:
        assert code_of(await _google(world)) == "invalid_identity_token"
        known = await _google(world, email=await email_of(world.bench, ada))
        assert known.status_code == 200


async def test_a_closed_account_stays_closed(world: World, ada: Account) -> None:
    email = await email_of(world.bench, ada)
    async with world.bench.store.begin(ada.organization_id) as work:
        await accounts.set_disabled(work, ada.user_id, disabled=True, now=world.bench.clock(), actor="test")

    assert code_of(await _google(world, email=email)) == "invalid_identity_token"


# --- Apple -------------------------------------------------------------------------------------------------------


async def test_apples_name_counts_at_the_first_sign_in_only(world: World) -> None:
    world.apple.person = {"sub": "a.1", "email": "x7@privaterelay.appleid.com", "email_verified": "true"}

    first = (await _apple(world, full_name="Bea B")).json()
    second = (await _apple(world, code="c-2", full_name="Mallory")).json()

    assert (first["user"]["name"], second["user"]["name"]) == ("Bea B", "Bea B")
    assert world.apple.forms[0]["code"] == "c-1"


async def test_apples_code_must_be_good(world: World) -> None:
    world.apple.codes.clear()
    body = {"identity_token": world.apple.id_token(), "authorization_code": "never-given"}

    response = await world.api.post("/v1/auth/apple/token", json=body)

    assert (response.status_code, code_of(response)) == (401, "invalid_identity_token")


async def test_apples_code_must_be_of_the_same_person(world: World) -> None:
    mine = world.apple.id_token()
    world.apple.person = {**world.apple.person, "sub": "somebody-else"}

    assert code_of(await _apple(world, token=mine)) == "invalid_identity_token"


# --- the page's buttons ------------------------------------------------------------------------------------------


async def _out_and_back(world: World, provider: Provider, target: str) -> str:
    """Press the button, sign in at the provider; the address that the provider sends the browser to."""
    await world.browser.get(target)
    assert "Continue with Google" in world.browser.page.text
    name = "google" if provider is world.google else "apple"
    address = world.browser.page.text.partition(f'href="/v1/auth/{name}/start?')[2].partition('"')[0]
    await world.browser.get(f"/v1/auth/{name}/start?{address}")
    async with httpx2.AsyncClient() as outside:
        answer = await outside.get(world.browser.location)
    return answer.headers["location"]


async def test_the_button_signs_in_and_leads_on(world: World) -> None:
    back = await _out_and_back(world, world.google, "/v1/auth/cli?redirect_uri=http://localhost:8976/cb&state=s")

    await world.browser.get(urlsplit(back)._replace(scheme="", netloc="").geturl())

    assert world.browser.location.startswith("http://localhost:8976/cb?access_token=")
    assert world.google.forms[0]["code_verifier"]


async def test_a_way_back_works_in_its_own_browser_only(world: World) -> None:
    """The login-CSRF attack: my way back in your browser would sign you in as me."""
    back = await _out_and_back(world, world.google, "/v1/auth/login")
    address = urlsplit(back)._replace(scheme="", netloc="").geturl()

    async with fake_browser(world.bench) as other:
        page = await other.get(address)
        assert page.status_code == 400
        assert not [name for name in other.http.cookies if "session" in name]


async def test_a_way_back_ends_after_ten_minutes(world: World) -> None:
    back = await _out_and_back(world, world.google, "/v1/auth/login")
    world.bench.clock.advance(minutes=10)

    page = await world.browser.get(urlsplit(back)._replace(scheme="", netloc="").geturl())

    assert page.status_code == 400


async def test_another_state_is_refused(world: World) -> None:
    back = await _out_and_back(world, world.google, "/v1/auth/login")

    page = await world.browser.get(f"/v1/auth/google/callback?code={back.partition('code=')[2][:6]}&state=guessed")

    assert page.status_code == 400


async def test_apple_comes_back_by_a_form_with_the_name(world: World) -> None:
    world.apple.person = {"sub": "a.9", "email": "nine@example.com", "email_verified": True}
    back = await _out_and_back(world, world.apple, "/v1/auth/login")
    sent = dict(pair.split("=", 1) for pair in urlsplit(back).query.split("&"))
    user = '{"name": {"firstName": "Nina", "lastName": "Neun"}, "email": "nine@example.com"}'

    answer = await world.browser.http.post("/v1/auth/apple/callback", data={**sent, "user": user})
    page = await world.browser.get(answer.headers["location"])

    assert "Nina Neun" in page.text


async def test_who_changes_their_mind_is_back_at_the_form(world: World) -> None:
    back = await _out_and_back(world, world.google, "/v1/auth/cli?redirect_uri=http://localhost:8976/cb")
    state = back.partition("state=")[2]

    page = await world.browser.get(f"/v1/auth/google/callback?error=access_denied&state={state}")

    assert page.status_code == 200
    assert world.browser.forms[0].fields["continue"] == "/v1/auth/cli?redirect_uri=http://localhost:8976/cb"


async def test_a_button_that_is_not_there_leads_nowhere(browser: FakeBrowser) -> None:
    for path in ("/v1/auth/google/start", "/v1/auth/okta/start", "/v1/auth/google/callback?code=x&state=y"):
        assert (await browser.get(path)).status_code == 404


async def test_sign_in_with_another_person_is_another_account(world: World) -> None:
    await add_account(world.bench.store, "Eve")
    one = (await _google(world, sub="1", email="one@example.com")).json()["user"]["id"]
    two = (await _google(world, sub="2", email="two@example.com")).json()["user"]["id"]

    assert one != two


@pytest.mark.parametrize("name", ["A\x00B", "\u202eevil", "Zo\u00eb"])
async def test_a_name_keeps_only_what_can_be_shown(world: World, name: str) -> None:
    """PostgreSQL refuses a NUL; pages must not be turned around by a direction mark."""
    answer = await _google(world, name=name)

    assert answer.status_code == 200
    assert answer.json()["user"]["name"] == "".join(sign for sign in name if sign.isprintable())


@pytest.mark.parametrize("subject", ["a\x00b", "é", "a\nb"])
async def test_a_subject_is_plain_text(world: World, subject: str) -> None:
    assert code_of(await _google(world, sub=subject)) == "invalid_identity_token"


@pytest.mark.parametrize(
    "body", [b'{"id_token": "a.b.c", "nonce": "\\ud800"}', b'{"id_token": "\\ud800"}', b"\xff"]
)
async def test_half_characters_are_no_server_fault(world: World, body: bytes) -> None:
    answer = await world.api.post(
        "/v1/auth/google/validate", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code in {400, 401}
