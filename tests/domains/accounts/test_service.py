"""Accounts: one address, one person, one organization of their own."""

import asyncio

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import NOW, add_account
from tests.fakes.business import add_business
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import Membership, Organization, User
from voice_engine.domains.accounts.service import NewAccount
from voice_engine.errors import Conflict, InvalidInput, NotFound
from voice_engine.store.audit import AuditRow
from voice_engine.store.engine import Store


async def make(store: Store, email: str = "ada@example.com", **changes: str) -> User:
    async with store.system("test") as work:
        return await accounts.create(work, NewAccount(email=email, **changes), now=NOW, actor="test")  # type: ignore[arg-type]  # text fields only


async def test_an_account_has_an_organization_of_its_own(store: Store) -> None:
    user = await make(store, name="  Ada   Lovelace ", timezone="Europe/Madrid", country="ES")

    async with store.read(user.organization_id) as work:
        organization = await accounts.get_organization(work, user.organization_id)
        (membership,) = await work.session.scalars(sa.select(Membership))
        assert (organization.timezone, organization.country, organization.kind) == (
            "Europe/Madrid",
            "ES",
            "PERSONAL",
        )
        assert (membership.user_id, membership.role) == (user.id, "OWNER")
    assert (user.name, user.consented_at, user.email_verified_at) == ("Ada Lovelace", None, None)


@pytest.mark.parametrize("again", ["ada@example.com", " ADA@Example.COM "])
async def test_a_taken_address_leaves_nothing_behind(store: Store, again: str) -> None:
    await make(store)

    with pytest.raises(Conflict) as refused:
        await make(store, again)

    assert refused.value.code == "email_taken"
    async with store.system("test", writes=False) as work:
        assert await work.session.scalar(sa.select(sa.func.count()).select_from(Organization)) == 1


async def test_of_many_at_once_one_gets_the_address(store: Store) -> None:
    async def attempt() -> bool:
        try:
            await make(store)
        except Conflict:
            return False
        return True

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(attempt()) for _ in range(6)]

    assert sum(task.result() for task in tasks) == 1


@pytest.mark.parametrize(
    "email", ["", "ada", "ada@", "@example.com", "a b@example.com", "ada@exa mple.com", "ada@example..com",
              "a@-b.com", "ada@example.com\nBcc: x@y", "ada@example.com,eve@example.com", "é@example.com",
              "a" * 250 + "@b.co"],
)  # fmt: skip
def test_what_is_no_address(email: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        accounts.fold_email(email)

    assert refused.value.code == "email_invalid"


@pytest.mark.parametrize("email", ["ada@example.com", "operator@localhost", "a+b.c'd@sub.example.co.uk"])
def test_what_is_an_address(email: str) -> None:
    assert accounts.fold_email(email) == email


async def test_consent_is_noted_with_its_time_and_its_withdrawal(store: Store) -> None:
    user = await make(store)
    for given in (True, False):
        async with store.begin(user.organization_id) as work:
            await accounts.set_consent(work, user.id, given=given, now=NOW)
        async with store.system("test", writes=False) as work:
            assert (await accounts.get(work, user.id)).consented_at == (NOW if given else None)

    async with store.system("test", writes=False) as work:
        actions = set(await work.session.scalars(sa.select(AuditRow.action)))
    assert {"user.created", "consent.given", "consent.withdrawn"} <= actions


async def test_nobody_can_be_changed_who_is_not_there(store: Store) -> None:
    async with store.system("test") as work:
        with pytest.raises(NotFound):
            await accounts.set_consent(work, "nobody", given=True, now=NOW)
        with pytest.raises(NotFound):
            await accounts.get(work, "nobody")


async def test_the_first_start_is_over_with_the_first_account(store: Store) -> None:
    async with store.system("test", writes=False) as work:
        assert await accounts.is_first_start(work)
    await make(store)
    async with store.system("test", writes=False) as work:
        assert not await accounts.is_first_start(work)


async def test_a_business_does_not_take_the_operators_place(store: Store) -> None:
    """Whoever registers over the network on a fresh installation must not use up its first link."""
    await add_business(store)
    async with store.system("test", writes=False) as work:
        assert await accounts.is_first_start(work)
        assert await accounts.find_first(work) is None

    ada = await add_account(store)
    async with store.system("test", writes=False) as work:
        first = await accounts.find_first(work)
        assert not await accounts.is_first_start(work)
        assert first is not None
        assert first.id == ada.user_id


async def test_an_organization_moves_to_another_zone_and_it_is_noted(store: Store) -> None:
    ada = await add_account(store)
    async with store.begin(ada.organization_id) as work:
        for _ in range(2):
            await accounts.set_timezone(work, "Europe/Madrid", now=NOW, actor=ada.user_id)
        with pytest.raises(InvalidInput, match="time zone"):
            await accounts.set_timezone(work, "Europe/Nowhere", now=NOW, actor=ada.user_id)

    async with store.system("test", writes=False) as work:
        (noted,) = await work.session.scalars(sa.select(AuditRow))
        assert (await accounts.get_organization(work, ada.organization_id)).timezone == "Europe/Madrid"
    assert noted.facts == {"from": "America/New_York", "to": "Europe/Madrid"}


async def test_a_person_takes_another_name_that_can_be_read(store: Store) -> None:
    user = await make(store)
    async with store.begin(user.organization_id) as work:
        await accounts.set_name(work, user.id, "  Ada \u202e  Lovelace ")
        with pytest.raises(InvalidInput):
            await accounts.set_name(work, user.id, " \u202e ")
        found = await accounts.get(work, user.id)

    assert found.name == "Ada  Lovelace"
