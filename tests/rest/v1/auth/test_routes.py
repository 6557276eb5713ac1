"""The token endpoint, refresh and revocation, as programs use them."""

import asyncio
import base64
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx2
import pytest

from tests.fakes.accounts import Account
from tests.fakes.api import ApiClient, api_client, code_of
from tests.fakes.auth_app import FakeBrowser, auth_app
from tests.fakes.identity import GPT, Bench
from tests.rest.v1.auth.conftest import sign_in
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.identity.pkce import challenge_of

VERIFIER = "a-verifier-of-forty-three-characters-or-more.~_"
CALLBACK = "https://app.example/callback"
GPT_CALLBACK = GPT.redirect_uris[0]
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def code_for(browser: FakeBrowser, bench: Bench, ada: Account, **changes: str) -> str:
    """A code for the public client, by the pages."""
    parameters = {
        "response_type": "code",
        "client_id": "web-app",
        "redirect_uri": CALLBACK,
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        **changes,
    }
    await sign_in(browser, bench, ada)
    await browser.get(f"/v1/auth/authorize?{urlencode({k: v for k, v in parameters.items() if v})}")
    if browser.page.status_code == 200:
        await browser.submit(answer="allow")
    return parse_qs(urlsplit(browser.location).query)["code"][0]


async def gpt_code(browser: FakeBrowser, bench: Bench, ada: Account, **changes: str) -> str:
    """A code for the confidential client, without PKCE as that client does it."""
    return await code_for(
        browser,
        bench,
        ada,
        **{
            "client_id": "gpt",
            "redirect_uri": GPT_CALLBACK,
            "code_challenge": "",
            "code_challenge_method": "",
            **changes,
        },
    )


async def exchange(api: ApiClient, code: str, **changes: str | None) -> httpx2.Response:
    form = {
        "grant_type": "authorization_code",
        "client_id": "web-app",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **changes,
    }
    return await api.post("/v1/auth/gpt/token", data={k: v for k, v in form.items() if v is not None})


async def exchange_gpt(api: ApiClient, **form: str) -> httpx2.Response:
    return await api.post("/v1/auth/gpt/token", data={"client_id": "gpt", "client_secret": GPT.secret, **form})


async def gpt_pair(browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient) -> dict[str, Any]:
    code = await gpt_code(browser, bench, ada)
    answer = await exchange_gpt(api, grant_type="authorization_code", code=code, redirect_uri=GPT_CALLBACK)
    assert answer.status_code == 200, answer.text
    pair = answer.json()
    assert isinstance(pair, dict)
    return pair


async def refresh(api: ApiClient, token: str) -> httpx2.Response:
    return await api.post("/v1/auth/refresh", json={"refresh_token": token})


async def works(api: ApiClient, token: str) -> bool:
    return (await api.acting_as(token).get("/v1/test/guarded")).status_code == 200


# --- codes -------------------------------------------------------------------------------------------------------


async def test_a_code_gives_a_pair_once(browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient) -> None:
    code = await code_for(browser, bench, ada, scope="calls:read credits:read")

    answer = await exchange(api, code)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    pair = answer.json()
    assert (pair["scope"], pair["expires_in"], pair["token_type"]) == ("calls:read credits:read", 3600, "Bearer")
    assert await works(api, pair["access_token"])


async def test_a_code_that_comes_twice_ends_what_it_gave(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    code = await code_for(browser, bench, ada)
    pair = (await exchange(api, code)).json()

    again = await exchange(api, code)

    assert (again.status_code, code_of(again)) == (400, "invalid_grant")
    assert not await works(api, pair["access_token"])
    assert code_of(await refresh(api, pair["refresh_token"])) == "invalid_token"


async def test_a_code_does_not_outlive_its_users_sign_ins(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    """A code that was given before a new password, and is spent after it, gives nothing."""
    code = await code_for(browser, bench, ada)
    async with bench.store.system("a new password") as work:
        await bench.identity.endings.end_logins(work, ada.user_id, reason="password_changed")

    assert code_of(await exchange(api, code)) == "invalid_grant"


async def test_a_closed_account_spends_no_code(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    """Nor once it is open again: the code is spent."""
    code = await code_for(browser, bench, ada)
    for disabled in (True, False):
        async with bench.store.system("the operator's order") as work:
            await accounts.set_disabled(work, ada.user_id, disabled=disabled, now=bench.clock(), actor="test")
        assert code_of(await exchange(api, code)) == "invalid_grant"


async def test_of_many_exchanges_at_once_one_gets_a_pair(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    code = await code_for(browser, bench, ada)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(exchange(api, code)) for _ in range(8)]

    assert sorted(task.result().status_code for task in tasks) == [200] + [400] * 7


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": CALLBACK + "/"},
        {"code_verifier": "b" * 43},
        {"code_verifier": None},
        {"code_verifier": "short"},
        {"code_verifier": challenge_of(VERIFIER)},
    ],
)
async def test_a_code_is_bound_to_address_and_proof(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient, changes: dict[str, str | None]
) -> None:
    code = await code_for(browser, bench, ada)

    assert code_of(await exchange(api, code, **changes)) == "invalid_grant"
    assert code_of(await exchange(api, code)) == "invalid_grant"  # nobody gets a second try


async def test_a_code_is_bound_to_its_client(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    code = await gpt_code(browser, bench, ada)

    stolen = await exchange(api, code, redirect_uri=GPT_CALLBACK, code_verifier=None)

    assert code_of(stolen) == "invalid_grant"


async def test_a_proof_nobody_asked_for_is_refused(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    """The challenge was stripped from the authorize request on its way: PKCE downgrade."""
    code = await gpt_code(browser, bench, ada)

    answer = await exchange_gpt(
        api, grant_type="authorization_code", code=code, redirect_uri=GPT_CALLBACK, code_verifier=VERIFIER
    )

    assert code_of(answer) == "invalid_grant"


async def test_a_code_lives_ten_minutes(browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient) -> None:
    code = await code_for(browser, bench, ada)
    bench.clock.advance(minutes=10)

    assert code_of(await exchange(api, code)) == "invalid_grant"


async def test_a_code_of_the_last_second_is_good(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    code = await code_for(browser, bench, ada)
    bench.clock.advance(minutes=9, seconds=59)

    assert (await exchange(api, code)).status_code == 200


# --- the client --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", ["wrong-secret-of-the-client", "", GPT.secret and GPT.secret[:-1]])
async def test_a_wrong_secret_is_401(api: ApiClient, secret: str) -> None:
    answer = await exchange_gpt(api, client_secret=secret, grant_type="authorization_code", code="c")

    assert (answer.status_code, code_of(answer)) == (401, "invalid_client")
    assert answer.headers["www-authenticate"]


@pytest.mark.parametrize("client", [{"client_id": "stranger"}, {"client_id": ""}, {"client_id": "cli"}, {}])
async def test_an_unknown_client_is_401(api: ApiClient, client: dict[str, str]) -> None:
    answer = await api.post("/v1/auth/gpt/token", data={"grant_type": "authorization_code", "code": "c", **client})

    assert code_of(answer) == "invalid_client"


async def test_a_confidential_client_must_show_its_secret(api: ApiClient) -> None:
    answer = await api.post("/v1/auth/gpt/token", data={"grant_type": "refresh_token", "client_id": "gpt"})

    assert code_of(answer) == "invalid_client"


def basic(client_id: str, secret: str) -> dict[str, str]:
    text = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


async def test_a_client_may_prove_itself_by_basic(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    pair = await gpt_pair(browser, bench, ada, api)
    form = {"grant_type": "refresh_token", "refresh_token": pair["refresh_token"]}

    wrong = await api.post("/v1/auth/gpt/token", data=form, headers=basic("gpt", "wrong"))
    right = await api.post("/v1/auth/gpt/token", data=form, headers=basic("gpt", GPT.secret or ""))

    assert code_of(wrong) == "invalid_client"
    assert right.status_code == 200


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic Z3B0", "Basic /w=="])
async def test_basic_that_cannot_be_read_is_401(api: ApiClient, header: str) -> None:
    answer = await api.post("/v1/auth/gpt/token", data={"grant_type": "x"}, headers={"Authorization": header})

    assert code_of(answer) == "invalid_client"


async def test_two_ways_at_once_are_refused(api: ApiClient) -> None:
    form = {"grant_type": "refresh_token", "client_id": "gpt", "client_secret": GPT.secret, "refresh_token": "x"}

    answer = await api.post("/v1/auth/gpt/token", data=form, headers=basic("gpt", GPT.secret or ""))

    assert code_of(answer) == "invalid_request"


# --- the form ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "authorization_code", "code": "c"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "unknown"}, "invalid_grant"),
        ({"grant_type": "authorization_code", "code": "c", "redirect_uri": CALLBACK}, "invalid_grant"),
    ],
)
async def test_a_form_that_does_not_fit_says_how(api: ApiClient, form: dict[str, str], code: str) -> None:
    answer = await exchange_gpt(api, **form)

    assert (answer.status_code, code_of(answer)) == (400, code)


async def test_a_repeated_field_is_refused(api: ApiClient) -> None:
    body = "client_id=web-app&grant_type=refresh_token&grant_type=authorization_code"

    assert code_of(await api.post("/v1/auth/gpt/token", content=body, headers=FORM)) == "invalid_request"


async def test_only_a_form_is_read(api: ApiClient) -> None:
    as_json = await api.post("/v1/auth/gpt/token", json={"grant_type": "refresh_token"})
    as_parts = await api.post("/v1/auth/gpt/token", files={"grant_type": (None, "refresh_token")})

    assert (as_json.status_code, code_of(as_json)) == (415, "unsupported_media_type")
    assert as_parts.status_code == 415


async def test_a_flood_in_one_form_is_refused(api: ApiClient) -> None:
    long = await api.post("/v1/auth/gpt/token", content="a=" + "b" * 70_000, headers=FORM)

    assert code_of(long) == "invalid_request"


# --- refreshing --------------------------------------------------------------------------------------------------


async def test_a_refresh_token_works_once_and_its_reuse_ends_the_family(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    first = await gpt_pair(browser, bench, ada, api)
    second = (await refresh(api, first["refresh_token"])).json()
    assert await works(api, first["access_token"])
    bench.clock.advance(seconds=11)

    reused = await refresh(api, first["refresh_token"])

    assert (reused.status_code, code_of(reused)) == (401, "invalid_token")
    assert code_of(await refresh(api, second["refresh_token"])) == "invalid_token"
    assert not await works(api, second["access_token"])
    assert not await works(api, first["access_token"])


async def test_both_endpoints_rotate_the_same_family(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    first = await gpt_pair(browser, bench, ada, api)

    second = await exchange_gpt(api, grant_type="refresh_token", refresh_token=first["refresh_token"])
    third = await refresh(api, second.json()["refresh_token"])

    assert third.status_code == 200


async def test_an_answer_that_was_lost_comes_again(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    first = await gpt_pair(browser, bench, ada, api)
    lost = (await refresh(api, first["refresh_token"])).json()
    bench.clock.advance(seconds=10)

    again = (await refresh(api, first["refresh_token"])).json()

    assert again["refresh_token"] == lost["refresh_token"]
    assert await works(api, again["access_token"])


async def test_parallel_refreshes_get_the_same_successor(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    first = await gpt_pair(browser, bench, ada, api)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(refresh(api, first["refresh_token"])) for _ in range(8)]

    assert {task.result().status_code for task in tasks} == {200}
    assert len({task.result().json()["refresh_token"] for task in tasks}) == 1


async def test_a_spent_token_is_a_theft_once_its_successor_is_used(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    """The grace is for a lost answer; who used the successor did not lose it."""
    first = await gpt_pair(browser, bench, ada, api)
    second = (await refresh(api, first["refresh_token"])).json()
    third = (await refresh(api, second["refresh_token"])).json()

    assert code_of(await refresh(api, first["refresh_token"])) == "invalid_token"
    assert code_of(await refresh(api, third["refresh_token"])) == "invalid_token"


async def test_a_refresh_token_lives_thirty_days(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    pair = await gpt_pair(browser, bench, ada, api)
    bench.clock.advance(days=30)

    late = await refresh(api, pair["refresh_token"])

    assert (late.status_code, code_of(late)) == (401, "token_expired")


async def test_a_scope_narrows_and_never_widens(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    code = await gpt_code(browser, bench, ada, scope="calls:read calls:write")
    pair = (await exchange_gpt(api, grant_type="authorization_code", code=code, redirect_uri=GPT_CALLBACK)).json()

    async def again(token: str, scope: str) -> httpx2.Response:
        return await exchange_gpt(api, grant_type="refresh_token", refresh_token=token, scope=scope)

    wider = await again(pair["refresh_token"], "calls:read credits:read")
    assert (wider.status_code, code_of(wider)) == (400, "invalid_scope")
    assert code_of(await again(pair["refresh_token"], "everything")) == "invalid_scope"
    narrow = (await again(pair["refresh_token"], "calls:write")).json()  # the refused ones spent nothing
    assert narrow["scope"] == "calls:write"
    assert (await api.acting_as(narrow["access_token"]).get("/v1/test/guarded")).status_code == 403
    assert (await refresh(api, narrow["refresh_token"])).json()["scope"] == "calls:read calls:write"


async def test_another_clients_refresh_token_is_refused_and_stays_good(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    pair = await gpt_pair(browser, bench, ada, api)
    form = {"grant_type": "refresh_token", "client_id": "web-app", "refresh_token": pair["refresh_token"]}

    assert code_of(await api.post("/v1/auth/gpt/token", data=form)) == "invalid_grant"
    assert (await refresh(api, pair["refresh_token"])).status_code == 200


@pytest.mark.parametrize("token", ["unknown", "ver_unknown", "\x00", "é" * 4_000])
async def test_an_unknown_refresh_token_is_401(api: ApiClient, token: str) -> None:
    answer = await refresh(api, token)

    assert (answer.status_code, code_of(answer)) == (401, "invalid_token")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("body", [{}, {"refresh_token": ""}, {"refresh_token": None}, 7])
async def test_a_refresh_of_the_wrong_shape_is_400(api: ApiClient, body: Any) -> None:
    assert code_of(await api.post("/v1/auth/refresh", json=body)) == "validation_error"


# --- revocation --------------------------------------------------------------------------------------------------


async def test_revoking_a_refresh_token_ends_all_that_came_of_it(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    pair = await gpt_pair(browser, bench, ada, api)

    answer = await api.post("/v1/auth/revoke", data={"token": pair["refresh_token"]})

    assert answer.status_code == 200
    assert not await works(api, pair["access_token"])
    assert code_of(await refresh(api, pair["refresh_token"])) == "invalid_token"


async def test_revoking_an_access_token_ends_that_one(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    pair = await gpt_pair(browser, bench, ada, api)

    await api.post("/v1/auth/revoke", data={"token": pair["access_token"], "token_type_hint": "access_token"})

    assert not await works(api, pair["access_token"])
    assert (await refresh(api, pair["refresh_token"])).status_code == 200


async def test_a_client_revokes_its_own_tokens_only(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    pair = await gpt_pair(browser, bench, ada, api)

    for token in pair["access_token"], pair["refresh_token"]:
        answer = await api.post("/v1/auth/revoke", data={"token": token, "client_id": "web-app"})
        assert answer.status_code == 200  # RFC 7009, 2.2: nothing is told

    assert await works(api, pair["access_token"])
    wrong = {"token": pair["access_token"], "client_id": "gpt", "client_secret": "wrong"}
    assert code_of(await api.post("/v1/auth/revoke", data=wrong)) == "invalid_client"


@pytest.mark.parametrize("token", ["unknown", "ver_unknown", "a.b.c", "ve_x"])
async def test_revoking_an_unknown_token_is_no_error(api: ApiClient, token: str) -> None:
    assert (await api.post("/v1/auth/revoke", data={"token": token})).status_code == 200


# --- limits ------------------------------------------------------------------------------------------------------


async def test_an_address_may_not_ask_without_end(bench: Bench) -> None:
    async with api_client(auth_app(bench, per_minute=3)) as api:
        answers = [await refresh(api, "unknown") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1
