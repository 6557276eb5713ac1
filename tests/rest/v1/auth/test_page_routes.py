"""The command line's sign-in, the authorize request and consent, by a browser without scripts."""

from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from tests.fakes.accounts import Account
from tests.fakes.api import ApiClient, code_of
from tests.fakes.auth_app import FakeBrowser
from tests.fakes.identity import PASSWORD, Bench
from tests.rest.v1.auth.conftest import email_of, sign_in
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.identity.pkce import challenge_of

LISTENER = "http://localhost:8976/callback"
VERIFIER = "v" * 43
WEB_APP = {
    "response_type": "code",
    "client_id": "web-app",
    "redirect_uri": "https://app.example/callback",
    "code_challenge": challenge_of(VERIFIER),
    "code_challenge_method": "S256",
    "scope": "calls:read calls:write",
    "state": "xyz",
}


def authorize(**changes: str | None) -> str:
    parameters = {**WEB_APP, **changes}
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items() if value is not None)
    return f"/v1/auth/authorize?{query}"


def cli(redirect_uri: str = LISTENER, state: str | None = "s") -> str:
    tail = f"&state={state}" if state is not None else ""
    return f"/v1/auth/cli?redirect_uri={quote(redirect_uri, safe='')}{tail}"


# --- command line ------------------------------------------------------------------------------------------------


async def test_a_command_line_gets_tokens_that_work(
    browser: FakeBrowser, bench: Bench, ada: Account, api: ApiClient
) -> None:
    await browser.get(cli())
    await browser.submit(email=await email_of(bench, ada), password=PASSWORD)

    assert browser.page.status_code == 302
    assert browser.location.startswith(f"{LISTENER}?")
    assert browser.parameters["expires_in"] == "3600"
    answer = await api.acting_as(browser.parameters["access_token"]).get("/v1/test/guarded")
    assert answer.json() == {"user_id": ada.user_id, "client_id": "cli"}


async def test_signed_in_already_there_is_no_page(browser: FakeBrowser, bench: Bench, ada: Account) -> None:
    await sign_in(browser, bench, ada)

    await browser.get(cli("http://127.0.0.1:1/x?y=1"))

    assert browser.location.startswith("http://127.0.0.1:1/x?y=1&access_token=")


@pytest.mark.parametrize("state", ["a%20b%2Bc", "%FF%00%0D%0A", "%C3%A9", "a+b", "", "%26access_token%3Devil"])
async def test_state_comes_back_byte_for_byte(browser: FakeBrowser, bench: Bench, ada: Account, state: str) -> None:
    await sign_in(browser, bench, ada)

    await browser.get(cli(state=state))

    def bytes_of(query: str) -> list[str]:
        return [value for name, value in parse_qsl(query, True, encoding="latin-1") if name == "state"]

    assert bytes_of(urlsplit(browser.location).query) == bytes_of(f"state={state}")
    assert browser.location.isprintable()


async def test_state_survives_the_sign_in_form(browser: FakeBrowser, bench: Bench, ada: Account) -> None:
    await browser.get(cli(state="%FF%26x%3D%2B"))
    await browser.submit(email=await email_of(bench, ada), password=PASSWORD)

    assert browser.location.endswith("&state=%FF%26x%3D%2B")


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost@evil.com:80", "http://localhost.evil.com:1", "http://127.0.0.1.nip.io:1", "http://[::1]:1",
        "http://LOCALHOST\x00:1", "https://localhost:1", "http://localhost", "http://localhost:0", "//localhost:1",
        "http://localhost:65536", "http://localhost:1#f", "http://evil.com:1", "http://localhost:1@evil.com",
        "http://evil.com:1/http://localhost:1", "http://localhost:8976\n.evil.com", "http:\\\\localhost:1",
        "javascript:1",
        "http://localhost:1\\@evil.com", " http://localhost:1", "http://localhost:١", "http://127.1:1", "",
    ],
)  # fmt: skip
async def test_tokens_go_to_this_machine_only(api: ApiClient, address: str) -> None:
    response = await api.get(cli(address))

    assert (response.status_code, code_of(response)) == (400, "invalid_redirect_uri")
    assert "location" not in response.headers


async def test_a_person_sees_a_page_where_a_program_gets_json(browser: FakeBrowser) -> None:
    page = await browser.get(cli("http://evil.com:1"), Accept_Language="es")

    assert page.status_code == 400
    assert "No ha funcionado" in page.text
    assert "evil.com" not in page.text


@pytest.mark.parametrize(
    "query",
    ["", f"?redirect_uri={LISTENER}&redirect_uri={LISTENER}", f"?redirect_uri={LISTENER}&state={'x' * 1025}"],
)
async def test_a_cli_request_of_the_wrong_shape_is_400(api: ApiClient, query: str) -> None:
    assert code_of(await api.get(f"/v1/auth/cli{query}")) == "validation_error"


async def test_pages_are_kept_from_caches_referrers_and_frames(browser: FakeBrowser) -> None:
    page = await browser.get(cli())

    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-frame-options"] == "DENY"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://localhost:8976;" in policy
    assert "<script" not in page.text


async def test_the_redirect_with_tokens_is_kept_from_caches(
    browser: FakeBrowser, bench: Bench, ada: Account
) -> None:
    await sign_in(browser, bench, ada)

    page = await browser.get(cli())

    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")


# --- authorize ---------------------------------------------------------------------------------------------------


async def test_consent_is_asked_once_and_again_for_more(browser: FakeBrowser, bench: Bench, ada: Account) -> None:
    await sign_in(browser, bench, ada)

    page = await browser.get(authorize())
    assert page.status_code == 200
    assert "Web app wants access" in page.text
    await browser.submit(answer="allow")
    assert browser.parameters["state"] == "xyz"
    assert browser.parameters["code"]

    await browser.get(authorize())
    assert browser.parameters["code"]  # no page this time
    page = await browser.get(authorize(scope="calls:read credits:read"))
    assert "See your credits" in page.text


async def test_a_refusal_goes_back_to_the_client(browser: FakeBrowser, bench: Bench, ada: Account) -> None:
    await sign_in(browser, bench, ada)
    await browser.get(authorize())

    await browser.submit(answer="deny")

    assert browser.parameters == {"error": "access_denied", "state": "xyz"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"scope": "calls:read everything"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    ],
)
async def test_a_fault_goes_back_to_a_known_client(
    api: ApiClient, changes: dict[str, str | None], error: str
) -> None:
    response = await api.get(authorize(**changes))

    assert response.status_code == 302
    assert response.headers["location"] == f"https://app.example/callback?error={error}&state=xyz"


async def test_a_scope_beyond_the_clients_registration_is_refused(api: ApiClient) -> None:
    gpt = {"client_id": "gpt", "redirect_uri": "https://chat.example/oauth/callback"}

    response = await api.get(authorize(**gpt, scope="billing:manage"))

    assert "error=invalid_scope" in response.headers["location"]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"client_id": None}, 400, "invalid_request"),
        ({"client_id": "stranger"}, 401, "invalid_client"),
        ({"client_id": "cli"}, 401, "invalid_client"),
        ({"redirect_uri": None}, 400, "invalid_request"),
        ({"redirect_uri": "https://app.example/callback/"}, 400, "invalid_redirect_uri"),
        ({"redirect_uri": "https://app.example/callback?x=1"}, 400, "invalid_redirect_uri"),
        ({"redirect_uri": "https://APP.example/callback"}, 400, "invalid_redirect_uri"),
        ({"redirect_uri": "https://app.example.evil.com/callback"}, 400, "invalid_redirect_uri"),
    ],
)
async def test_a_stranger_is_never_redirected_to(
    api: ApiClient, changes: dict[str, str | None], status: int, code: str
) -> None:
    response = await api.get(authorize(**changes))

    assert (response.status_code, code_of(response)) == (status, code)
    assert "location" not in response.headers


async def test_a_repeated_parameter_is_refused(api: ApiClient) -> None:
    twice = await api.get(authorize() + "&scope=calls:read")
    other = await api.get(authorize() + "&redirect_uri=https://evil.example")

    assert "error=invalid_request" in twice.headers["location"]
    assert code_of(other) == "invalid_request"


async def test_a_consent_form_does_not_decide_where_the_code_goes(
    browser: FakeBrowser, bench: Bench, ada: Account
) -> None:
    """The page's hidden field is judged again: with another address in it there is no code."""
    await sign_in(browser, bench, ada)
    await browser.get(authorize())

    await browser.submit(None, **{"answer": "allow", "continue": authorize(redirect_uri="https://evil.example/cb")})

    assert browser.page.status_code != 303
    assert "evil.example" not in str(browser.page.headers)


async def test_another_sites_form_is_refused(browser: FakeBrowser, bench: Bench, ada: Account) -> None:
    await sign_in(browser, bench, ada)
    await browser.get(authorize())
    form = browser.forms[0]

    for headers, fields in (
        ({"Origin": "https://evil.example"}, {}),
        ({"Sec-Fetch-Site": "cross-site"}, {}),
        ({"Sec-Fetch-Site": "same-site"}, {}),
        ({}, {"csrf": "guessed"}),
        ({}, {"csrf": ""}),
    ):
        response = await browser.http.post(
            form.action, data={**form.fields, "answer": "allow", **fields}, headers=headers
        )
        assert (response.status_code, code_of(response)) == (403, "forbidden"), (headers, fields)


async def test_calls_are_agreed_to_before_anything_is_granted(
    browser: FakeBrowser, bench: Bench, ada: Account
) -> None:
    async with bench.store.begin(ada.organization_id) as work:
        await accounts.set_consent(work, ada.user_id, given=False, now=bench.clock())
    await sign_in(browser, bench, ada)

    page = await browser.get(cli())
    assert "One thing before you go on" in page.text
    await browser.submit(answer="allow_calls")

    assert "access_token" in browser.parameters


async def test_who_does_not_agree_to_calls_goes_back_without_tokens(
    browser: FakeBrowser, bench: Bench, ada: Account
) -> None:
    async with bench.store.begin(ada.organization_id) as work:
        await accounts.set_consent(work, ada.user_id, given=False, now=bench.clock())
    await sign_in(browser, bench, ada)
    await browser.get(cli())

    await browser.submit(answer="deny")

    assert browser.parameters == {"error": "access_denied", "state": "s"}
