"""Every operation of `/v1` is held to one order of checks and one error envelope."""

from collections.abc import AsyncIterator
from typing import Annotated

import pytest
from fastapi import Query
from pydantic import BaseModel, Field

from tests.fakes.accounts import NOW
from tests.fakes.api import ApiClient, api_client, code_of
from tests.fakes.principals import KnownTokens, principal
from voice_engine.errors import Conflict, QuotaExceeded, UpstreamFailed
from voice_engine.rest.limits import RateLimits
from voice_engine.rest.security import PUBLIC, Caller
from voice_engine.rest.services import Services
from voice_engine.rest.v1.app import build_v1
from voice_engine.rest.v1.router import operation, v1_router
from voice_engine.store.engine import Store

router = v1_router("Test")


class Order(BaseModel):
    """A body."""

    party: Annotated[int, Field(ge=1, le=50)]


@router.get("/v1/test/open", openapi_extra=operation(PUBLIC))
async def read_open(limit: Annotated[int, Query(ge=1, le=5)] = 1) -> dict[str, int]:
    """Public."""
    return {"limit": limit}


@router.get("/v1/test/mine", openapi_extra=operation("calls:read"))
async def read_mine(caller: Caller) -> dict[str, str]:
    """With a token."""
    return {"user": caller.user_id}


@router.post("/v1/test/orders", openapi_extra=operation("calls:write"), status_code=201)
async def create_order(order: Order) -> dict[str, int]:
    """With a body."""
    match order.party:
        case 2:
            raise Conflict("call_not_active", "it is over")
        case 3:
            raise ZeroDivisionError
        case 4:
            raise UpstreamFailed("carrier_down", "no", provider="twilio", retryable=True)
        case 5:
            raise QuotaExceeded("quota_exceeded", "out", details={"plan_type": "trial", "credits_used": 30})
    return {"party": order.party}


def _services(store: Store, *, per_minute: int = 1000) -> Services:
    return Services(
        store=store,
        authenticator=KnownTokens(
            reader=principal("reader", "calls:read"), writer=principal("writer", "calls:read", "calls:write")
        ),
        limits=RateLimits(user_per_minute=per_minute, address_per_minute=per_minute),
        now=lambda: NOW,
    )


@pytest.fixture
async def api(store: Store) -> AsyncIterator[ApiClient]:
    """The test's own application."""
    async with api_client(build_v1(_services(store), routers=(router,))) as client:
        yield client


@pytest.mark.parametrize(
    ("token", "status", "code", "challenge"),
    [
        (None, 401, "missing_token", "Bearer"),
        ("stranger", 401, "invalid_token", 'Bearer error="invalid_token"'),
        ("expired", 401, "token_expired", 'Bearer error="token_expired"'),
    ],
)
async def test_without_a_good_token_the_answer_is_401(
    api: ApiClient, token: str | None, status: int, code: str, challenge: str
) -> None:
    """With the challenge of RFC 6750."""
    response = await api.acting_as(token).get("/v1/test/mine")

    assert (response.status_code, code_of(response)) == (status, code)
    assert response.headers["www-authenticate"] == challenge


async def test_the_scope_is_checked_before_the_body(api: ApiClient) -> None:
    """A reader learns nothing about the schema of what it may not do."""
    response = await api.acting_as("reader").post("/v1/test/orders", content=b"not json")

    assert (response.status_code, code_of(response)) == (403, "forbidden")
    assert response.json()["error"]["details"]["required_scope"] == "calls:write"


async def test_the_token_is_checked_before_broken_json(api: ApiClient) -> None:
    """FastAPI by itself parses the body first and answers 400 to a stranger."""
    response = await api.post("/v1/test/orders", content=b"{", headers={"Content-Type": "application/json"})

    assert code_of(response) == "missing_token"


async def test_another_media_type_is_415(api: ApiClient) -> None:
    """Said before the body is judged."""
    response = await api.acting_as("writer").post("/v1/test/orders", data={"party": "4"})

    assert (response.status_code, code_of(response)) == (415, "unsupported_media_type")


async def test_all_faults_of_a_body_are_named_together_with_400(api: ApiClient) -> None:
    """Not FastAPI's 422."""
    response = await api.acting_as("writer").post("/v1/test/orders", json={"party": 51})

    assert (response.status_code, code_of(response)) == (400, "validation_error")
    assert response.json()["error"]["details"]["fields"][0]["field"] == "party"


async def test_a_limit_out_of_range_is_400_not_clamped(api: ApiClient) -> None:
    """The contract: limits out of range are refused."""
    assert code_of(await api.get("/v1/test/open?limit=6")) == "validation_error"


@pytest.mark.parametrize(("path", "status", "code"), [("/v1/nowhere", 404, "not_found")])
async def test_an_unknown_path_has_the_envelope(api: ApiClient, path: str, status: int, code: str) -> None:
    """Clients parse one shape."""
    response = await api.get(path)

    assert (response.status_code, code_of(response)) == (status, code)
    assert response.json()["error"]["correlation_id"] == response.headers["x-correlation-id"]


async def test_an_unknown_method_has_the_envelope(api: ApiClient) -> None:
    """With the methods that exist."""
    response = await api.delete("/v1/test/open")

    assert (response.status_code, code_of(response)) == (405, "method_not_allowed")
    assert response.headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("party", "status", "code"),
    [
        (2, 409, "call_not_active"),
        (3, 500, "internal_error"),
        (4, 503, "service_unavailable"),
        (5, 402, "quota_exceeded"),
    ],
)
async def test_errors_of_the_domains_become_statuses(api: ApiClient, party: int, status: int, code: str) -> None:
    """A bug is a 500 with the envelope; a provider's own code stays in the log."""
    response = await api.acting_as("writer").post("/v1/test/orders", json={"party": party})

    assert (response.status_code, code_of(response)) == (status, code)


async def test_the_legacy_keys_of_a_402_stand_beside_the_error(api: ApiClient) -> None:
    """Clients of the older reference read them there."""
    response = await api.acting_as("writer").post("/v1/test/orders", json={"party": 5})

    assert response.json()["plan_type"] == "trial"
    assert response.json()["error"]["details"]["credits_used"] == 30


async def test_too_many_requests_are_told_when_to_come_back(store: Store) -> None:
    """429 with Retry-After, for users and for addresses."""
    app = build_v1(_services(store, per_minute=2), routers=(router,))
    async with api_client(app) as client:
        answers = [await client.get("/v1/test/open") for _ in range(3)]
        mine = [await client.acting_as("reader").get("/v1/test/mine") for _ in range(3)]

    for last in (answers[-1], mine[-1]):
        assert (last.status_code, code_of(last)) == (429, "rate_limited")
        assert 1 <= int(last.headers["retry-after"]) <= 60
    assert [answer.status_code for answer in answers[:2]] == [200, 200]
