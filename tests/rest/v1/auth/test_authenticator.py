"""A bearer becomes a principal, whichever kind of token it is, and a refusal is a 401 with its challenge."""

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import Account
from tests.fakes.api import ApiClient, code_of
from tests.fakes.business import Business, add_business
from tests.fakes.identity import Bench
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import OrganizationStatus
from voice_engine.domains.identity import api_tokens
from voice_engine.domains.identity.api_tokens import NewApiToken
from voice_engine.store.engine import Store


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


async def business_token(bench: Bench, business: Business) -> str:
    """A token that the business's owner made for a program."""
    wanted = NewApiToken(user_id=business.user_id, organization_id=business.organization_id, label="crm")
    async with bench.store.begin(business.organization_id) as work:
        return (await api_tokens.create(work, wanted, now=bench.clock(), actor="test")).token


async def set_status(bench: Bench, organization_id: str, status: OrganizationStatus) -> None:
    async with bench.store.system("the administrator's order") as work:
        organization = await accounts.get_organization(work, organization_id)
        organization.status = status


async def test_a_suspended_organizations_tokens_are_refused_within_the_lag(
    bench: Bench, store: Store, api: ApiClient
) -> None:
    """Server tokens and access tokens alike; they work again once it is reopened."""
    business = await add_business(store)
    owner = Account(user_id=business.user_id, organization_id=business.organization_id)
    tokens = [await business_token(bench, business), await bench.bearer(owner)]
    for token in tokens:
        assert (await api.acting_as(token).get("/v1/test/guarded")).status_code == 200

    await set_status(bench, business.organization_id, OrganizationStatus.SUSPENDED)
    bench.clock.advance(seconds=bench.identity.settings.revocation_lag.total_seconds())
    for token in tokens:
        answer = await api.acting_as(token).get("/v1/test/guarded")
        assert (answer.status_code, code_of(answer)) == (403, "forbidden")
        assert answer.json()["error"]["details"]["reason"] == "organization_suspended"

    await set_status(bench, business.organization_id, OrganizationStatus.ACTIVE)
    bench.clock.advance(seconds=2)
    assert (await api.acting_as(tokens[0]).get("/v1/test/guarded")).status_code == 200


async def test_a_deleted_organizations_token_is_none(bench: Bench, store: Store, api: ApiClient) -> None:
    business = await add_business(store)
    token = await business_token(bench, business)
    await set_status(bench, business.organization_id, OrganizationStatus.DELETED)

    answer = await api.acting_as(token).get("/v1/test/guarded")

    assert (answer.status_code, code_of(answer)) == (401, "invalid_token")


async def test_a_password_that_is_due_holds_tokens_up(bench: Bench, store: Store, api: ApiClient) -> None:
    token = await business_token(bench, await add_business(store, must_change_password=True))

    answer = await api.acting_as(token).get("/v1/test/guarded")

    assert (answer.status_code, code_of(answer)) == (403, "forbidden")
    assert answer.json()["error"]["details"]["reason"] == "password_change_required"


async def test_whom_a_token_speaks_for_is_read_once_in_the_lag(
    bench: Bench, ada: Account, api: ApiClient, store: Store
) -> None:
    token = await bench.bearer(ada)
    await api.acting_as(token).get("/v1/test/guarded")
    queries: list[str] = []
    sa.event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *args: queries.append(args[2]))

    await api.acting_as(token).get("/v1/test/guarded")
    again = list(queries)
    bench.clock.advance(seconds=2)
    await api.acting_as(token).get("/v1/test/guarded")

    assert again == []
    assert len([query for query in queries if "organizations" in query]) == 1
