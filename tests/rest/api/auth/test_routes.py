"""Registration, passwords and links over HTTP, each answer held to the contract."""

import asyncio
import statistics
import time

import pytest
import sqlalchemy as sa

from tests.fakes.api import ApiClient
from tests.fakes.business import add_business, refusal
from tests.fakes.sign_in import JANE, PASSWORD, Desk, NextAuthClient, open_desk
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import Membership, Organization, OrganizationKind, User
from voice_engine.domains.identity.recovery import MAIL_LINK
from voice_engine.domains.usage.models import BillingAccount, UsageCycle
from voice_engine.store.engine import Store
from voice_engine.store.outbox import OutboxRow

SESSION = "next-auth.session-token"
NEW = "newSecurePass456"


async def _signed_in(desk: Desk, password: str = PASSWORD) -> str:
    """Sign Jane in from a browser of her own; her session's token."""
    desk.http.cookies.clear()
    assert (await NextAuthClient(desk.http).sign_in(JANE["email"], password))["ok"]
    token = desk.http.cookies[SESSION]
    desk.http.cookies.clear()
    return token


async def _lives(desk: Desk, session: str) -> bool:
    answer = await desk.api.get("/api/auth/session", headers={"Cookie": f"{SESSION}={session}"})
    desk.http.cookies.clear()
    return bool(answer.json())


# --- registration ------------------------------------------------------------------------------------------------


async def test_a_registration_makes_everything_that_a_business_needs(store: Store) -> None:
    async with open_desk(store) as desk:
        made = await desk.register()
        (letter,) = await desk.letters()

    async with store.system("tests", writes=False) as work:
        organization = await accounts.get_organization(work, made["organizationId"])
        user = await accounts.get(work, made["userId"])
        roles = (await work.session.scalars(sa.select(Membership.role))).all()
        account = (await work.session.scalars(sa.select(BillingAccount))).one()
        cycle = (await work.session.scalars(sa.select(UsageCycle))).one()

        assert made["message"] == "Registration successful"
        assert (organization.kind, organization.name) == (OrganizationKind.BUSINESS, "Acme Corp")
        assert (user.organization_id, user.email, user.name) == (organization.id, "jane@example.com", "Jane Smith")
        assert user.password_hash is not None
        assert PASSWORD not in user.password_hash
        assert roles == ["OWNER"]
        assert (account.organization_id, account.product, account.plan) == (organization.id, "EPOCH", "FREE")
        assert cycle.billing_account_id == account.id
        assert (letter.kind, letter.to) == ("WELCOME", "jane@example.com")


async def test_an_address_registers_once_however_it_is_written(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        answer = await desk.api.post("/api/auth/register", json={**JANE, "email": "JANE@Example.com"})

        assert refusal(answer) == (409, "email_taken")
    async with store.system("tests", writes=False) as work:
        assert await work.session.scalar(sa.select(sa.func.count()).select_from(Organization)) == 1


async def test_of_many_at_once_one_registers(store: Store) -> None:
    async with open_desk(store) as desk:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(desk.api.post("/api/auth/register", json=JANE)) for _ in range(8)]
        statuses = sorted(task.result().status_code for task in tasks)

        assert statuses == [200] + [409] * 7
    async with store.system("tests", writes=False) as work:
        for table in (Organization, User, Membership, BillingAccount, UsageCycle):
            assert await work.session.scalar(sa.select(sa.func.count()).select_from(table)) == 1, table


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "newPass"},
        {"password": "a" * 201},
        {"password": "password1"},
        {"password": "jane@example.com"},
        {"email": "jane"},
        {"email": "a@" + "b" * 260 + ".com"},
        {"email": "jane@example.com\r\nBcc: all@example.com"},
        {"name": ""},
        {"name": " \u200b "},
        {"name": "x" * 101},
        {"organizationName": ""},
        {"organizationName": "x" * 121},
        {"organizationName": "a\0b"},
        {"email": 7},
    ],
)
async def test_what_does_not_fit_registers_nobody(store: Store, changes: dict[str, object]) -> None:
    async with open_desk(store) as desk:
        answer = await desk.api.post("/api/auth/register", json={**JANE, **changes})

        assert refusal(answer) == (422, "validation_error")
    async with store.system("tests", writes=False) as work:
        assert await work.session.scalar(sa.select(sa.func.count()).select_from(User)) == 0


async def test_an_address_registers_ten_businesses_an_hour(store: Store) -> None:
    async with open_desk(store) as desk:
        statuses = [
            (await desk.api.post("/api/auth/register", json={**JANE, "email": f"j{n}@example.com"})).status_code
            for n in range(11)
        ]

        assert statuses == [200] * 10 + [429]


# --- forgotten passwords -----------------------------------------------------------------------------------------


async def test_a_mailed_link_sets_a_new_password_and_ends_every_session(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        stolen, other = await _signed_in(desk), await _signed_in(desk)
        asked = await desk.api.post("/api/auth/forgot-password", json={"email": "JANE@example.com"})
        token = await desk.token()
        answer = await desk.api.post("/api/auth/reset-password", json={"token": token, "password": NEW})
        again = await desk.api.post("/api/auth/reset-password", json={"token": token, "password": "another-9-Pass"})

        assert asked.json() == {"message": "If an account with that email exists, a reset link has been sent."}
        assert answer.json() == {"message": "Password has been reset successfully."}
        assert refusal(again) == (400, "invalid_or_expired_token")
        assert not await _lives(desk, stolen)
        assert not await _lives(desk, other)
        assert (await NextAuthClient(desk.http).sign_in(JANE["email"], PASSWORD))["error"] == "CredentialsSignin"
        await _signed_in(desk, NEW)


@pytest.mark.parametrize("path", ["forgot-password", "magic-link"])
async def test_nobody_learns_which_addresses_have_accounts(store: Store, path: str) -> None:
    """Known and unknown are one path until after the answer: the same rows are written, the same words said."""
    async with open_desk(store) as desk:
        await desk.register()
        await desk.letters()
        known = await desk.api.post(f"/api/auth/{path}", json={"email": JANE["email"]})
        unknown = await desk.api.post(f"/api/auth/{path}", json={"email": "nobody@example.com"})
        written = await desk.jobs.waiting()
        await desk.jobs.run_due()

        assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
        assert known.status_code == 200
        assert _shape(known.headers) == _shape(unknown.headers)
        assert [(row.kind, sorted(row.payload)) for row in written] == [(MAIL_LINK, ["email", "purpose"])] * 2
        assert len(await desk.letters()) == 2
        assert not await desk.letters("nobody@example.com")


def _shape(headers: object) -> list[str]:
    return sorted(name for name in headers)  # type: ignore[attr-defined]  # httpx2's mapping


@pytest.mark.acceptance
@pytest.mark.parametrize("path", ["forgot-password", "magic-link"])
async def test_the_time_of_the_answer_does_not_tell_either(store: Store, path: str) -> None:
    """The middle halves of both distributions overlap; the rate limit counts each address for itself."""
    async with open_desk(store) as desk:
        for n in range(12):
            await desk.register(email=f"known{n}@example.com") if n < 10 else None
        spans: dict[str, list[float]] = {"known": [], "unknown": []}
        for n in range(10):
            for kind, found in spans.items():
                started = time.perf_counter()
                await desk.api.post(f"/api/auth/{path}", json={"email": f"{kind}{n}@example.com"})
                found.append(time.perf_counter() - started)
        known, unknown = (statistics.quantiles(found, n=4) for found in spans.values())

        assert known[0] <= unknown[2]
        assert unknown[0] <= known[2]


async def test_links_are_asked_for_so_often_and_no_more(store: Store) -> None:
    async with open_desk(store) as desk:
        for path in ("forgot-password", "magic-link"):
            mine, hers = {"email": "nobody@example.com"}, {"email": "somebody@example.com"}
            statuses = [(await desk.api.post(f"/api/auth/{path}", json=mine)).status_code for _ in range(6)]
            assert statuses == [200] * 5 + [429]
            assert (await desk.api.post(f"/api/auth/{path}", json=hers)).status_code == 200
        desk.clock.advance(hours=1, seconds=1)
        assert (await desk.api.post("/api/auth/forgot-password", json=mine)).status_code == 200


@pytest.mark.parametrize("token", ["vel_" + "A" * 43, "x" * 16, "\u00e9" * 20])
async def test_tokens_that_we_did_not_give_set_nothing(store: Store, token: str) -> None:
    async with open_desk(store) as desk:
        answer = await desk.api.post("/api/auth/reset-password", json={"token": token, "password": NEW})

        assert refusal(answer) == (400, "invalid_or_expired_token")


async def test_a_sign_in_link_resets_no_password_and_the_other_way_round(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        await desk.api.post("/api/auth/magic-link", json={"email": JANE["email"]})
        magic = await desk.token()
        reset = await desk.api.post("/api/auth/reset-password", json={"token": magic, "password": NEW})
        assert refusal(reset) == (400, "invalid_or_expired_token")
        await desk.api.post("/api/auth/forgot-password", json={"email": JANE["email"]})
        opened = await desk.api.get("/api/auth/magic-link", params={"token": await desk.token()})

        assert opened.headers["location"] == "/login?error=invalid_link"


async def test_a_password_that_does_not_fit_leaves_the_link_good(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        await desk.api.post("/api/auth/forgot-password", json={"email": JANE["email"]})
        token = await desk.token()
        for bad in ("short", "password1", JANE["email"]):
            answer = await desk.api.post("/api/auth/reset-password", json={"token": token, "password": bad})
            assert refusal(answer) == (422, "validation_error")

        answer = await desk.api.post("/api/auth/reset-password", json={"token": token, "password": NEW})
        assert answer.status_code == 200


# --- changing it while signed in ---------------------------------------------------------------------------------


async def _change(api: ApiClient, session: str, **body: object) -> tuple[int, str | None]:
    answer = await api.put(
        "/api/auth/password", json={"newPassword": NEW, **body}, headers={"Cookie": f"{SESSION}={session}"}
    )
    return answer.status_code, answer.json().get("code")


async def test_a_changed_password_ends_the_other_sessions_and_links(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        mine, stolen = await _signed_in(desk), await _signed_in(desk)
        await desk.api.post("/api/auth/magic-link", json={"email": JANE["email"]})
        link = await desk.token()

        assert await _change(desk.api, mine, currentPassword=PASSWORD) == (200, None)
        assert await _lives(desk, mine)
        assert not await _lives(desk, stolen)
        opened = await desk.api.get("/api/auth/magic-link", params={"token": link})
        assert opened.headers["location"] == "/login?error=invalid_link"
        await _signed_in(desk, NEW)


async def test_the_current_password_is_asked_for_and_not_guessed(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        mine = await _signed_in(desk)

        assert await _change(desk.api, mine) == (422, "validation_error")
        assert await _change(desk.api, mine, currentPassword=PASSWORD, newPassword="newPass") == (
            422,
            "validation_error",
        )
        assert [await _change(desk.api, mine, currentPassword=f"guess {n}") for n in range(11)] == [
            (400, "wrong_password")
        ] * 10 + [(429, "rate_limited")]
        await _signed_in(desk)


async def test_forced_skips_the_current_password_only_while_an_administrator_asks_for_it(store: Store) -> None:
    async with open_desk(store) as desk:
        made = await desk.register()
        mine = await _signed_in(desk)
        assert await _change(desk.api, mine, forced=True) == (403, "forced_change_not_pending")
        assert await _change(desk.api, mine, forced=True, currentPassword=PASSWORD) == (
            403,
            "forced_change_not_pending",
        )
        await desk.doors.recovery.force_change(made["userId"], actor="tests")

        assert await _change(desk.api, mine, forced="true") == (422, "validation_error")
        assert await _change(desk.api, mine, forced=True) == (200, None)
        assert await _change(desk.api, mine, forced=True, newPassword="yetAnother789") == (
            403,
            "forced_change_not_pending",
        )


async def test_of_two_forced_changes_at_once_one_counts(store: Store) -> None:
    business = await add_business(store, must_change_password=True)
    async with open_desk(store) as desk:
        session = business.session_token
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_change(desk.api, session, forced=True, newPassword=f"newSecurePass{n}"))
                for n in range(4)
            ]

        assert sorted(task.result()[0] for task in tasks) == [200, 403, 403, 403]


async def test_anonymous_changes_are_refused(store: Store) -> None:
    async with open_desk(store) as desk:
        answer = await desk.api.put("/api/auth/password", json={"newPassword": NEW, "forced": True})

        assert refusal(answer) == (401, "unauthenticated")


# --- links that sign in ------------------------------------------------------------------------------------------


async def test_a_magic_link_signs_in_once(store: Store) -> None:
    async with open_desk(store) as desk:
        made = await desk.register()
        await desk.api.post("/api/auth/magic-link", json={"email": JANE["email"]})
        token = await desk.token()
        first = await desk.api.get("/api/auth/magic-link", params={"token": token})
        session = desk.http.cookies[SESSION]
        desk.http.cookies.clear()
        second = await desk.api.get("/api/auth/magic-link", params={"token": token})

        assert (first.status_code, first.headers["location"]) == (302, "/dashboard")
        assert "HttpOnly" in first.headers["set-cookie"]
        assert first.headers["cache-control"] == "private, no-cache, no-store"
        assert (second.status_code, second.headers["location"]) == (302, "/login?error=invalid_link")
        assert "set-cookie" not in second.headers
        found = await desk.identity.sessions.find(session)
        assert found is not None
        assert found.user_id == made["userId"]


async def test_looking_at_a_link_does_not_spend_it(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        await desk.api.post("/api/auth/magic-link", json={"email": JANE["email"]})
        token = await desk.token()
        for _ in range(3):
            looked = await desk.http.head("/api/auth/magic-link", params={"token": token})
            assert looked.status_code == 302
            assert "set-cookie" not in looked.headers

        opened = await desk.api.get("/api/auth/magic-link", params={"token": token})
        assert opened.headers["location"] == "/dashboard"


@pytest.mark.parametrize("query", ["", "?token=", "?token=x", "?token=" + "x" * 5_000, "?token=%00%ff", "?tok=1"])
async def test_links_that_we_did_not_give_lead_to_the_sign_in_page(store: Store, query: str) -> None:
    async with open_desk(store) as desk:
        answer = await desk.api.get(f"/api/auth/magic-link{query}")

        assert (answer.status_code, answer.headers["location"]) == (302, "/login?error=invalid_link")
        assert "set-cookie" not in answer.headers


async def test_a_new_link_makes_the_earlier_ones_worthless(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        tokens = []
        for _ in range(2):
            await desk.api.post("/api/auth/magic-link", json={"email": JANE["email"]})
            tokens.append(await desk.token())
        older, newer = tokens
        first = await desk.api.get("/api/auth/magic-link", params={"token": older})
        second = await desk.api.get("/api/auth/magic-link", params={"token": newer})

        assert first.headers["location"] == "/login?error=invalid_link"
        assert second.headers["location"] == "/dashboard"


async def test_a_closed_accounts_link_signs_nobody_in(store: Store) -> None:
    async with open_desk(store) as desk:
        made = await desk.register()
        await desk.api.post("/api/auth/magic-link", json={"email": JANE["email"]})
        token = await desk.token()
        async with store.system("tests") as work:
            await accounts.set_disabled(work, made["userId"], disabled=True, now=desk.clock(), actor="tests")

        answer = await desk.api.get("/api/auth/magic-link", params={"token": token})
        assert answer.headers["location"] == "/login?error=invalid_link"


async def test_no_token_stands_in_the_database_in_clear(store: Store) -> None:
    async with open_desk(store) as desk:
        await desk.register()
        tokens = []
        for path in ("forgot-password", "magic-link"):
            await desk.api.post(f"/api/auth/{path}", json={"email": JANE["email"]})
            tokens.append(await desk.token())
        await _signed_in(desk)

    async with store.system("tests", writes=False) as work:
        names = [table.name for table in Organization.metadata.sorted_tables]
        assert OutboxRow.__tablename__ in names
        dump = "\n".join(
            [str(row) for name in names for row in (await work.session.execute(sa.text(f'SELECT * FROM "{name}"')))]
        )
        assert JANE["email"] in dump, "the dump is a dump"
        for secret in (*tokens, PASSWORD):
            assert secret not in dump
