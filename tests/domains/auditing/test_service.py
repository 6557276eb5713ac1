"""The audit as an organization reads it."""

import csv
import datetime as dt
import io

import pytest

from tests.fakes.accounts import NOW, add_account
from tests.fakes.business import Business, add_business
from voice_engine.domains.auditing.service import AuditLog, AuditPage, export_csv
from voice_engine.errors import InvalidInput
from voice_engine.store import audit
from voice_engine.store.engine import Store

LOG = AuditLog()


@pytest.fixture
async def business(store: Store) -> Business:
    return await add_business(store)


async def note(store: Store, organization_id: str, action: str, *, minutes: int = 0, actor: str = "cli") -> None:
    async with store.begin(organization_id) as work:
        at = NOW + dt.timedelta(minutes=minutes)
        audit.record(work, action, actor=actor, at=at, subject="thing", facts={"n": minutes})


async def read(store: Store, organization_id: str, **asked: object) -> AuditPage:
    async with store.read(organization_id) as work:
        return await LOG.page(work, **asked)  # type: ignore[arg-type]


async def test_pages_follow_each_other_without_gap_or_repeat(store: Store, business: Business) -> None:
    """Also where several deeds have one time."""
    for minutes in (0, 1, 1, 1, 2):
        await note(store, business.organization_id, "a.b", minutes=minutes)

    seen, cursor = [], None
    while True:
        page = await read(store, business.organization_id, cursor=cursor, limit=2)
        seen += [deed.id for deed in page.deeds]
        if page.older is None:
            break
        cursor = page.older

    assert len(seen) == len(set(seen)) == 5
    times = [deed.at for deed in (await read(store, business.organization_id)).deeds]
    assert times == sorted(times, reverse=True)


async def test_a_filter_finds_one_kind_of_deed(store: Store, business: Business) -> None:
    for action in ("webhook.created", "webhook.removed", "webhook.created"):
        await note(store, business.organization_id, action)

    page = await read(store, business.organization_id, action="webhook.created")
    async with store.read(business.organization_id) as work:
        actions = await LOG.actions(work)

    assert [deed.action for deed in page.deeds] == ["webhook.created"] * 2
    assert actions == ["webhook.created", "webhook.removed"]


async def test_members_have_names_and_strangers_do_not(store: Store, business: Business) -> None:
    """Whoever acts from outside (an operator, a job) is shown as they are noted."""
    stranger = await add_account(store, "Eve")
    for actor in (business.user_id, stranger.user_id, "hooks.deliver"):
        await note(store, business.organization_id, "a.b", actor=actor)

    page = await read(store, business.organization_id)

    assert {deed.actor: deed.actor_name for deed in page.deeds} == {
        business.user_id: "Jane Smith",
        stranger.user_id: None,
        "hooks.deliver": None,
    }


async def test_another_organizations_deeds_are_not_shown(store: Store, business: Business) -> None:
    other = await add_business(store, name="Other")
    await note(store, other.organization_id, "other.deed")
    await note(store, business.organization_id, "own.deed")

    page = await read(store, business.organization_id)
    async with store.read(business.organization_id) as work:
        actions = await LOG.actions(work)
    table = "".join([part async for part in export_csv(store, business.organization_id)])

    assert [deed.action for deed in page.deeds] == actions == ["own.deed"]
    assert "other" not in table


@pytest.mark.parametrize("cursor", ["", "x", "2026-01-01~x", "2026-01-01T00:00:00~" + "0" * 36, "~"])
async def test_a_mistyped_cursor_is_refused(store: Store, business: Business, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        await read(store, business.organization_id, cursor=cursor)


async def test_the_table_has_every_deed_and_no_formula(store: Store, business: Business) -> None:
    for minutes in range(3):
        await note(store, business.organization_id, "a.b", minutes=minutes)
    await note(store, business.organization_id, "a.b", minutes=9, actor="=cmd()")

    text = "".join([part async for part in export_csv(store, business.organization_id)])

    header, first, *rest = csv.reader(io.StringIO(text))
    assert header == ["at", "action", "actor", "actor_name", "subject", "facts"]
    assert first[:3] == [(NOW + dt.timedelta(minutes=9)).isoformat(), "a.b", "'=cmd()"]
    assert first[5] == '{"n": 9}'
    assert len(rest) == 3
