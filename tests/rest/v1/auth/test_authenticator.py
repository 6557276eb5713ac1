"""A bearer becomes a principal, whichever kind of token it is, and a refusal is a 401 with its challenge."""

import pytest

from tests.fakes.accounts import Account
from tests.fakes.api import ApiClient, code_of
from tests.fakes.identity import Bench
from voice_engine.domains.identity import api_tokens
from voice_engine.domains.identity.api_tokens import NewApiToken


async def test_a_servers_token_is_a_bearer_like_any_other(bench: Bench, ada: Account, api: ApiClient) -> None:
    wanted = NewApiToken(user_id=ada.user_id, organization_id=ada.organization_id, label="crm")
    async with bench.store.begin(ada.organization_id) as work:
        made = await api_tokens.create(work, wanted, now=bench.clock(), actor="test")

    answer = await api.acting_as(made.token).get("/v1/test/guarded")

    assert answer.json() == {"user_id": ada.user_id, "client_id": "api_token"}


async def test_a_token_without_the_scope_is_403(bench: Bench, ada: Account, api: ApiClient) -> None:
    token = await bench.bearer(ada, "calls:write", "sessions:read", "sessions:write")

    answer = await api.acting_as(token).get("/v1/test/guarded")

    assert (answer.status_code, code_of(answer)) == (403, "forbidden")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "missing_token"),
        ("", "missing_token"),
        ("Bearer", "invalid_token"),
        ("Basic eDp5", "invalid_token"),
        ("Bearer a.b.c", "invalid_token"),
        ("Bearer ve_guess", "invalid_token"),
        ("Bearer ver_a-refresh-token", "invalid_token"),
        ("Bearer ves_a-session", "invalid_token"),
        ("Bearer \xff\xfe", "invalid_token"),
    ],
)
async def test_what_is_no_token_is_401(api: ApiClient, header: str | None, code: str) -> None:
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}

    answer = await api.get("/v1/test/guarded", headers=headers)

    assert (answer.status_code, code_of(answer)) == (401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_an_expired_token_says_so(bench: Bench, ada: Account, api: ApiClient) -> None:
    token = await bench.bearer(ada)
    bench.clock.advance(hours=1)

    answer = await api.acting_as(token).get("/v1/test/guarded")

    assert (answer.status_code, code_of(answer)) == (401, "token_expired")
    assert answer.headers["www-authenticate"] == 'Bearer error="token_expired"'


async def test_a_cookie_is_no_bearer(bench: Bench, ada: Account, api: ApiClient) -> None:
    """A browser sends cookies along with other sites' requests; programs' operations do not listen to them."""
    started = await bench.identity.sessions.start(
        user_id=ada.user_id, organization_id=ada.organization_id, method="test"
    )

    answer = await api.get("/v1/test/guarded", headers={"Cookie": f"ve_session={started.token}"})

    assert code_of(answer) == "missing_token"
