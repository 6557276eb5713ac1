"""The session cookie leads to its person, plan and organization; nothing else does."""

import datetime as dt

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import NOW, add_account
from tests.fakes.api import ApiClient
from tests.fakes.business import add_business, business_api, business_identity, refusal
from tests.fakes.identity import Clock
from voice_engine.domains.accounts.models import Organization, OrganizationStatus, User
from voice_engine.domains.minutes.plans import Tier
from voice_engine.rest.api.auth.reader import BusinessSessions
from voice_engine.rest.api.router import api_router, operation
from voice_engine.rest.api.session import Session
from voice_engine.store.engine import Store

router = api_router("Test")


@router.get("/api/test/mine", openapi_extra=operation())
async def read_mine(session: Session) -> dict[str, str]:
    """Who is signed in."""
    return {
        "user": session.principal.user_id,
        "organization": session.principal.organization_id,
        "plan": session.plan,
    }


async def _mine(api: ApiClient) -> dict[str, str]:
    answer = await api.get("/api/test/mine")
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


async def test_a_session_is_its_owners_with_the_plan_of_the_organization(store: Store) -> None:
    pro, free = await add_business(store, Tier.PRO), await add_business(store, Tier.FREE)

    async with business_api(store, pro, routers=(router,)) as api:
        mine, theirs = await _mine(api), await _mine(api.signed_in_as(free.session_token))

    assert mine == {"user": pro.user_id, "organization": pro.organization_id, "plan": "PRO"}
    assert theirs == {"user": free.user_id, "organization": free.organization_id, "plan": "FREE"}


@pytest.mark.parametrize("token", ["", "nobody", "ves_" + "A" * 43, "ö", "\x7f"])
async def test_other_cookies_are_nobodys(store: Store, token: str) -> None:
    assert await BusinessSessions(business_identity(store, Clock())).read(token) is None


async def test_a_person_without_a_business_has_no_session_here(store: Store) -> None:
    """Their organization is metered in credits; nothing of this surface may be written into it."""
    person, identity = await add_account(store), business_identity(store, Clock())
    started = await identity.sessions.start(
        user_id=person.user_id, organization_id=person.organization_id, method="password"
    )

    assert await BusinessSessions(identity).read(started.token) is None


async def test_a_closed_account_and_a_purged_organization_have_none(store: Store) -> None:
    closed, purged = await add_business(store), await add_business(store)
    async with store.system("tests") as work:
        await work.session.execute(sa.update(User).where(User.id == closed.user_id).values(disabled_at=NOW))
        await work.session.execute(
            sa.update(Organization)
            .where(Organization.id == purged.organization_id)
            .values(status=OrganizationStatus.DELETED)
        )

    async with business_api(store, routers=(router,)) as api:
        for business in (closed, purged):
            answer = await api.signed_in_as(business.session_token).get("/api/test/mine")
            assert refusal(answer) == (401, "unauthenticated")


async def test_suspension_and_a_due_password_are_told(store: Store) -> None:
    suspended = await add_business(store, status=OrganizationStatus.SUSPENDED)
    due = await add_business(store, must_change_password=True)

    async with business_api(store, suspended, routers=(router,)) as api:
        assert refusal(await api.get("/api/test/mine")) == (403, "organization_suspended")
        answer = await api.signed_in_as(due.session_token).get("/api/test/mine")
        assert refusal(answer) == (403, "password_change_required")


async def test_use_moves_the_end_of_a_rolling_session(store: Store) -> None:
    business, clock = await add_business(store), Clock()
    identity = business_identity(store, clock)
    started = await identity.sessions.start(
        user_id=business.user_id, organization_id=business.organization_id, method="password", rolls=True
    )
    reader = BusinessSessions(identity)

    clock.advance(days=29)  # longer than a page of `/v1` may be idle
    assert await reader.read(started.token) is not None
    clock.advance(days=29)
    assert await reader.read(started.token) is not None
    clock.advance(days=30)
    assert await reader.read(started.token) is None


async def test_a_session_of_the_pages_ends_at_its_time_however_much_it_is_used(store: Store) -> None:
    business, clock = await add_business(store), Clock()
    identity = business_identity(store, clock)
    started = await identity.sessions.start(
        user_id=business.user_id, organization_id=business.organization_id, method="password"
    )

    for _ in range(14):
        clock.advance(days=2)
        assert await identity.sessions.find(started.token) is not None
    clock.at = NOW + dt.timedelta(days=30)
    assert await identity.sessions.find(started.token) is None
