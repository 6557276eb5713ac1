"""Every operation of `/api` is held to one order of checks and one error envelope."""

from collections.abc import AsyncIterator
from typing import Annotated

import pytest
from pydantic import BaseModel, Field, model_validator

from tests.fakes.accounts import NOW
from tests.fakes.api import ApiClient, api_client, contract
from tests.fakes.principals import KnownTokens, principal
from voice_engine.domains.minutes.plans import Tier
from voice_engine.errors import Conflict, InvalidInput, NotAllowed, UpstreamFailed
from voice_engine.rest.api.app import build_api
from voice_engine.rest.api.codes import PUBLISHED
from voice_engine.rest.api.router import api_router, operation
from voice_engine.rest.api.session import COOKIE, SECURE_COOKIE, Session, SignedIn
from voice_engine.rest.api.surface import ApiSurface
from voice_engine.rest.limits import RateLimits
from voice_engine.rest.services import Services
from voice_engine.store.engine import Store

router = api_router("Test")


class Name(BaseModel):
    """A body."""

    name: Annotated[str, Field(min_length=2, max_length=30)]
    again: str | None = None

    @model_validator(mode="after")
    def _agrees(self) -> "Name":
        if self.again not in {None, self.name}:
            raise ValueError("name and again differ")
        return self


@router.get("/api/test/mine", openapi_extra=operation())
async def read_mine(session: Session) -> dict[str, str]:
    """Signed in."""
    return {"user": session.principal.user_id, "plan": session.plan}


@router.get("/api/test/pro", openapi_extra=operation(plan=Tier.PRO))
async def read_pro() -> dict[str, bool]:
    """From PRO up."""
    return {"pro": True}


@router.put("/api/test/name", openapi_extra=operation())
async def put_name(body: Name) -> dict[str, str]:
    """A change."""
    match body.name:
        case "taken":
            raise Conflict("assistant_exists", "taken")
        case "own word":
            raise NotAllowed("toll_number", "that one costs")
        case "unheard of":
            raise InvalidInput("party_size_odd", "no such word on this surface")
        case "down":
            raise UpstreamFailed("carrier_down", "no", provider="twilio", retryable=True)
        case "bug":
            raise ZeroDivisionError
    return {"name": body.name}


@router.put("/api/test/password", openapi_extra=operation(while_password_is_due=True))
async def put_password() -> dict[str, bool]:
    """What a forced change needs."""
    return {"success": True}


@router.get("/api/test/admin", openapi_extra=operation("admin"))
async def read_admin() -> dict[str, bool]:
    """The administrator."""
    return {"admin": True}


class KnownSessions:
    """Sessions by name."""

    def __init__(self, **known: SignedIn) -> None:
        self._known = known

    async def read(self, token: str) -> SignedIn | None:
        """Whose it is."""
        return self._known.get(token)


def _session(name: str, plan: Tier, *, due: bool = False, suspended: bool = False) -> SignedIn:
    return SignedIn(principal=principal(name), plan=plan, must_change_password=due, is_suspended=suspended)


SESSIONS = KnownSessions(
    free=_session("free", Tier.FREE),
    pro=_session("pro", Tier.PRO),
    enterprise=_session("enterprise", Tier.ENTERPRISE),
    due=_session("due", Tier.PRO, due=True),
    out=_session("out", Tier.PRO, suspended=True),
)


def _services(
    store: Store,
    *,
    admin_key: str | None = "secret",
    per_minute: int = 1000,
    url: str = "https://calls.example.com",
) -> Services:
    return Services(
        store=store,
        authenticator=KnownTokens(),
        limits=RateLimits(user_per_minute=per_minute, address_per_minute=per_minute, now=lambda: 0.0),
        now=lambda: NOW,
        api=ApiSurface(sessions=SESSIONS, public_url=url, admin_key=admin_key),
    )


@pytest.fixture
async def api(store: Store) -> AsyncIterator[ApiClient]:
    async with api_client(build_api(_services(store), routers=(router,))) as client:
        yield client


def _as(name: str, **headers: str) -> dict[str, dict[str, str]]:
    return {"headers": {"Cookie": f"{SECURE_COOKIE}={name}", **headers}}


def test_the_codes_are_the_contracts() -> None:
    assert set(contract("api")["components"]["schemas"]["ErrorCode"]["enum"]) == PUBLISHED


@pytest.mark.parametrize("cookie", [None, f"{COOKIE}=", f"{COOKIE}=nobody"])
async def test_without_a_session_there_is_nothing(api: ApiClient, cookie: str | None) -> None:
    answer = await api.get("/api/test/mine", headers={"Cookie": cookie} if cookie else {})

    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"
    assert answer.json()["requestId"] == answer.headers["x-correlation-id"]


@pytest.mark.parametrize("is_secure", [True, False])
async def test_the_cookie_has_the_name_that_the_address_calls_for(store: Store, is_secure: bool) -> None:
    """Over HTTPS the plain name is nobody's: a page by plain HTTP or a neighbouring host could have planted it."""
    good, planted = (SECURE_COOKIE, COOKIE) if is_secure else (COOKIE, SECURE_COOKIE)
    services = _services(store, url="https://calls.example.com" if is_secure else "http://127.0.0.1:8000")
    async with api_client(build_api(services, routers=(router,))) as api:
        mine = await api.get("/api/test/mine", headers={"Cookie": f"{good}=pro; {planted}=free"})
        stranger = await api.get("/api/test/mine", headers={"Cookie": f"{planted}=pro"})

    assert mine.json()["plan"] == "PRO"
    assert stranger.status_code == 401


@pytest.mark.parametrize(("name", "status"), [("free", 403), ("pro", 200), ("enterprise", 200)])
async def test_the_plan_is_a_gate(api: ApiClient, name: str, status: int) -> None:
    answer = await api.get("/api/test/pro", **_as(name))

    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "plan_upgrade_required"
        assert answer.json()["details"] == {"requiredPlan": "PRO", "currentPlan": "FREE"}


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, False),
        ({"Origin": "https://calls.example.com"}, False),
        ({"Origin": "http://api.test"}, False),
        ({"Origin": "https://evil.example.com"}, True),
        ({"Origin": "https://calls.example.com.evil.net"}, True),
        ({"Origin": "null"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, False),
    ],
)
async def test_another_sites_page_changes_nothing(api: ApiClient, headers: dict[str, str], refused: bool) -> None:
    change = await api.put("/api/test/name", json={"name": "Alex"}, **_as("pro", **headers))
    look = await api.get("/api/test/mine", **_as("pro", **headers))

    assert look.status_code == 200
    assert change.status_code == (403 if refused else 200)
    if refused:
        assert change.json()["code"] == "bad_origin"


async def test_a_due_password_comes_first(api: ApiClient) -> None:
    elsewhere = await api.get("/api/test/mine", **_as("due"))

    assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "password_change_required")
    assert (await api.put("/api/test/password", **_as("due"))).status_code == 200


async def test_a_suspended_organization_does_nothing(api: ApiClient) -> None:
    answer = await api.get("/api/test/mine", **_as("out"))

    assert (answer.status_code, answer.json()["code"]) == (403, "organization_suspended")


@pytest.mark.parametrize(("key", "status"), [(None, 401), ("", 401), ("wrong", 401), ("secret", 200)])
async def test_administrators_have_the_key(api: ApiClient, key: str | None, status: int) -> None:
    headers = {} if key is None else {"x-admin-key": key}

    assert (await api.get("/api/test/admin", headers=headers)).status_code == status


@pytest.mark.parametrize("configured", [None, ""])
@pytest.mark.parametrize("given", ["", "None", "undefined"])
async def test_without_a_configured_key_nobody_is_administrator(
    store: Store, configured: str | None, given: str
) -> None:
    app = build_api(_services(store, admin_key=configured), routers=(router,))
    async with api_client(app) as api:
        assert (await api.get("/api/test/admin", headers={"x-admin-key": given})).status_code == 401


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b'{"name": "Alex"', "application/json", 400, "malformed_request"),
        (b"[]", "application/json", 400, "malformed_request"),
        (b"name=Alex", "application/x-www-form-urlencoded", 400, "malformed_request"),
        (b"{}", "application/json", 422, "validation_error"),
        (b'{"name": "A"}', "application/json", 422, "validation_error"),
        (b'{"name": "Alex", "again": "Alec"}', "application/json", 422, "validation_error"),
        (b'{"name": "taken"}', "application/json", 409, "assistant_exists"),
        (b'{"name": "own word"}', "application/json", 422, "number_not_callable"),
        (b'{"name": "unheard of"}', "application/json", 422, "validation_error"),
        (b'{"name": "down"}', "application/json", 502, "provider_error"),
        (b'{"name": "bug"}', "application/json", 500, "internal_error"),
        (b'{"name": "Alex"}', "application/json", 200, None),
    ],
)
async def test_faults_have_one_envelope(
    api: ApiClient, body: bytes, content_type: str, status: int, code: str | None
) -> None:
    answer = await api.put("/api/test/name", content=body, **_as("pro", **{"Content-Type": content_type}))

    assert answer.status_code == status
    assert answer.json().get("code") == code
    if code is not None:
        assert isinstance(answer.json()["error"], str)


@pytest.mark.parametrize(
    ("body", "path", "rule"),
    [
        ({}, "name", "required"),
        ({"name": "A"}, "name", "length"),
        ({"name": 7}, "name", "type"),
        ({"name": "Alex", "again": "Alec"}, "body", "invalid"),
    ],
)
async def test_every_field_at_fault_is_named_with_its_rule(
    api: ApiClient, body: dict[str, object], path: str, rule: str
) -> None:
    answer = await api.put("/api/test/name", json=body, **_as("pro"))

    fields = answer.json()["details"]["fields"]
    assert [(field["path"], field["rule"]) for field in fields] == [(path, rule)]
    assert fields[0]["message"]


async def test_what_is_not_there_is_told_in_the_envelope(api: ApiClient) -> None:
    nowhere, method = await api.get("/api/nowhere"), await api.delete("/api/test/mine")

    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not_found")
    assert method.status_code == 405


async def test_a_session_may_ask_only_so_often(store: Store) -> None:
    app = build_api(_services(store, per_minute=2), routers=(router,))
    async with api_client(app) as api:
        statuses = [(await api.get("/api/test/mine", **_as("pro"))).status_code for _ in range(3)]

    assert statuses == [200, 200, 429]
