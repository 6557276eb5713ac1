"""The administrator's orders about people."""

import datetime as dt
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import add_account
from tests.fakes.business import ADMIN_KEY, add_business, refusal
from tests.fakes.sign_in import JANE, NextAuthClient, open_desk
from voice_engine.store.audit import AuditRow
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id

ORDERS = ("magic-link", "force-password-change")
AS_ADMIN = {"headers": {"x-admin-key": ADMIN_KEY}}


async def test_a_link_is_handed_over_and_signs_in_once(store: Store) -> None:
    async with open_desk(store) as desk:
        made = await desk.register()
        issued = (await desk.api.post(f"/api/admin/users/{made['userId']}/magic-link", **AS_ADMIN)).json()
        link = urlsplit(issued["url"])
        opened = await desk.api.get(f"{link.path}?{link.query}")

        assert issued["expiresAt"] == "2026-02-13T15:45:00Z"
        assert issued["url"].startswith("http://api.test/api/auth/magic-link?token=")
        assert opened.headers["location"] == "/dashboard"
        assert (await NextAuthClient(desk.http).session())["user"]["id"] == made["userId"]
        assert [letter.kind for letter in await desk.letters()] == ["WELCOME"], "nothing is mailed"
    async with store.system("tests", writes=False) as work:
        audited = await work.session.scalars(sa.select(AuditRow).where(AuditRow.subject == made["userId"]))
        assert ("link.created", "administrator") in [(row.action, row.actor) for row in audited]


async def test_a_forced_change_stops_everything_else_until_it_is_made(store: Store) -> None:
    async with open_desk(store) as desk:
        made, client = await desk.register(), NextAuthClient(desk.http)
        await client.sign_in(JANE["email"], JANE["password"])
        ordered = await desk.api.post(f"/api/admin/users/{made['userId']}/force-password-change", **AS_ADMIN)

        assert ordered.json() == {"success": True}
        assert (await client.session())["user"]["mustChangePassword"] is True
        body = {"newPassword": "newSecurePass456", "forced": True}
        assert (await desk.api.put("/api/auth/password", json=body)).status_code == 200
        assert (await client.session())["user"]["mustChangePassword"] is False


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("key", [None, "", "wrong", "undefined", "None"])
async def test_nobody_else_may_order(store: Store, order: str, key: str | None) -> None:
    business = await add_business(store)
    headers = {} if key is None else {"x-admin-key": key}
    async with open_desk(store) as desk:
        api = desk.api.signed_in_as(business.session_token)
        answer = await api.post(f"/api/admin/users/{business.user_id}/{order}", headers=headers)

        assert refusal(answer) == (401, "unauthenticated")
        assert (await api.get("/api/auth/session")).json()["user"]["mustChangePassword"] is False


@pytest.mark.parametrize("order", ORDERS)
async def test_without_a_configured_key_the_orders_are_closed(store: Store, order: str) -> None:
    async with open_desk(store, admin_key=None) as desk:
        for key in ("", "None", ADMIN_KEY):
            answer = await desk.api.post(f"/api/admin/users/{new_id()}/{order}", headers={"x-admin-key": key})
            assert refusal(answer) == (401, "unauthenticated")


@pytest.mark.parametrize("order", ORDERS)
async def test_only_people_of_businesses_are_known_here(store: Store, order: str) -> None:
    person = await add_account(store)
    async with open_desk(store) as desk:
        for user_id in (person.user_id, new_id(), "clx0usr", "x" * 64, "..%2f"):
            answer = await desk.api.post(f"/api/admin/users/{user_id}/{order}", **AS_ADMIN)
            assert refusal(answer) == (404, "not_found")


async def test_an_issued_link_ends_with_its_quarter_of_an_hour(store: Store) -> None:
    async with open_desk(store) as desk:
        made = await desk.register()
        link = await desk.doors.recovery.issue_magic_link(made["userId"], actor="tests")
        assert link.expires_at - desk.clock() == dt.timedelta(minutes=15)
        desk.clock.advance(minutes=15)
        parts = urlsplit(link.url)

        opened = await desk.api.get(f"{parts.path}?{parts.query}")
        assert opened.headers["location"] == "/login?error=invalid_link"
