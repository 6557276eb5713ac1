"""Who may do what on `/api`, asked of every operation of the contract that exists, on every plan.

Nobody is trusted to remember a check: plans, edit flags and ids are read from the published description.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from tests.contract.businesses import (
    CALLER,
    NOBODYS,
    ROUTES,
    SUMMARY,
    Businesses,
    Owned,
    body_ids,
    least_of,
    open_businesses,
    parameter_ids,
    served,
    shape,
)
from tests.fakes.api import ApiClient, Operation, operations
from tests.fakes.database import Templates
from voice_engine.domains.minutes.plans import Tier, includes
from voice_engine.domains.models import METADATA

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

GARBAGE = b"{"
"""A body that no operation can read: what may be done is judged before it, so a request with it does nothing."""

NO_TENANTS = {"POST /api/assistants": "vapiAssistantId", "PUT /api/voice": "voiceId"}
"""Ids in a body that name something new, or of the catalogue."""


@pytest.fixture
async def place(templates: Templates, tmp_path: Path) -> AsyncIterator[Businesses]:
    """A service with a business on each plan."""
    async with open_businesses(templates.fresh_url(), tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("op", served(), ids=lambda op: op.id)
def test_routes_ask_for_the_contracts_plan(op: Operation) -> None:
    """And for a session or the administrator's key exactly where the contract does."""
    declared = ROUTES[(op.method, shape(op.path))].openapi_extra or {}

    assert Tier(declared["x-min-plan"]) is least_of(op)
    for auth in ("session", "admin"):
        assert (declared["x-auth"] == auth) is (op.spec["x-auth"] == auth)


@pytest.mark.parametrize("op", [op for op in served() if "x-can-edit-plan" in op.spec], ids=lambda op: op.id)
def test_who_may_edit_is_whom_the_change_lets_in(op: Operation) -> None:
    changes = [each for each in operations("api") if (each.method, each.path) == ("PUT", op.path)]

    assert all(least_of(change) == op.spec["x-can-edit-plan"] for change in changes)


async def test_every_operation_on_every_plan(place: Businesses) -> None:
    """Below the least plan 403 with both plans named; from it on the gate is open."""
    wrong: list[str] = []
    for op in served("session"):
        for tier, owned in place.by_tier.items():
            answer = await _knock(op, owned.api)
            gated = _code(answer) == (403, "plan_upgrade_required")
            details = {"requiredPlan": least_of(op), "currentPlan": tier}
            told = not gated or answer.json()["details"] == details
            if gated is includes(tier, least_of(op)) or not told or answer.status_code in {401, 500}:
                wrong.append(f"{op.id} on {tier}: {answer.status_code} {answer.text[:200]}")

    assert not wrong, "\n".join(wrong)
    assert len(served("session")) >= 30


async def test_can_edit_follows_the_plan(place: Businesses) -> None:
    asked = [op for op in served("session") if "x-can-edit-plan" in op.spec]
    wrong: list[str] = []
    for op in asked:
        for tier, owned in place.by_tier.items():
            said = (await owned.api.get(op.path)).json().get("canEdit")
            if said is not includes(tier, Tier(op.spec["x-can-edit-plan"])):
                wrong.append(f"{op.id} on {tier}: canEdit {said}")

    assert not wrong, "\n".join(wrong)
    assert len(asked) >= 5


async def test_what_is_anothers_is_as_if_it_were_not_there(place: Businesses) -> None:
    """404, the same as for an id of nothing, and nothing changes; to its owner it is there."""
    about = sorted((op for op in served("session") if _takes_ids(op)), key=lambda op: op.method == "DELETE")
    before = await _rows_of(place, place.mine)
    wrong: list[str] = []
    for op in about:
        foreign, nothing = await _about(op, place.mine, place.other.api), await _about(op, None, place.other.api)
        if foreign[0] != 404 or foreign != nothing:
            wrong.append(f"{op.id}: {foreign} for another's, {nothing} for nothing")
    untouched = await _rows_of(place, place.mine) == before
    for op in about:
        if (own := await _about(op, place.mine, place.mine.api))[0] >= 400:
            wrong.append(f"{op.id}: {own} for one's own, so this proves nothing")

    assert not wrong, "\n".join(wrong)
    assert untouched
    assert len(about) >= 7


async def test_answers_hold_nothing_of_anybody_else(place: Businesses) -> None:
    """None of the ids and words that one business's answers have are in another's."""
    reading = [op for op in served("session") if op.method == "GET" and not _takes_ids(op)]
    marks = {*place.mine.ids.values(), place.mine.business.organization_id, "Desk of Ada"}

    mine = "".join([(await place.mine.api.get(op.path)).text for op in reading])
    others = "".join([(await place.other.api.get(op.path)).text for op in reading])

    assert not {mark for mark in marks if mark in others}
    assert {mark for mark in marks if mark in mine} >= {
        place.mine.ids[("/api/assistants", "id")],
        place.mine.ids[("/api/calls", "id")],
        place.mine.ids[("/api/kb", "section")],
        "Desk of Ada",
    }
    assert CALLER in mine and SUMMARY in mine


async def test_nobody_does_anything_without_a_session_or_the_key(place: Businesses) -> None:
    """Anonymous, with a cookie of nothing, and administrators' operations with a session: 401 before all else."""
    before = await _rows_of(place, place.mine)
    stranger = place.anonymous.signed_in_as("ves_nothing")
    wrong: list[str] = []
    for op in served("session", "admin"):
        callers = [place.anonymous, stranger, *([place.mine.api] if op.spec["x-auth"] == "admin" else [])]
        codes = {_code(await _knock(op, caller)) for caller in callers}
        if codes != {(401, "unauthenticated")}:
            wrong.append(f"{op.id}: {codes}")

    assert not wrong, "\n".join(wrong)
    assert await _rows_of(place, place.mine) == before


async def _knock(op: Operation, api: ApiClient) -> httpx2.Response:
    """A request that gets to the plan's gate, and where it could change something can do nothing behind it."""
    options: dict[str, Any] = {}
    if op.method != "GET" and "requestBody" in op.spec:
        options = {"content": GARBAGE, "headers": {"Content-Type": "application/json"}}
    return await api.request(op.method, *_addressed(op, None), **options)


def _takes_ids(op: Operation) -> bool:
    return any(parameter_ids(op)) or any(_foreign_fields(op))


def _foreign_fields(op: Operation) -> list[str]:
    return [name for name in body_ids(op) if NO_TENANTS.get(f"{op.method} {op.path}") != name]


async def _about(op: Operation, owner: Owned | None, api: ApiClient) -> tuple[int, Any]:
    """Status, code and details of an answer about what `owner` has, or about nothing."""
    path, options = _addressed(op, owner)[0], {}
    if "requestBody" in op.spec:
        content = op.spec["requestBody"]["content"]["application/json"]
        ids = {name: _id_of(op, owner, name) for name in _foreign_fields(op)}
        options = {"json": {**_example(content, without=frozenset({"text"}) if ids else frozenset()), **ids}}
    answer = await api.request(op.method, path, **options)
    if answer.status_code < 400:
        return answer.status_code, None
    said = answer.json()
    return answer.status_code, (said["code"], said.get("details"))


def _example(content: Any, *, without: frozenset[str]) -> dict[str, Any]:
    given = content["example"] if "example" in content else next(iter(content["examples"].values()))["value"]
    return {name: value for name, value in given.items() if name not in without}


def _addressed(op: Operation, owner: Owned | None) -> tuple[str]:
    """The operation's address about what `owner` has; None: about nothing that there is."""
    path, query = op.path, []
    for where, name in parameter_ids(op):
        value = _id_of(op, owner, name)
        if where == "path":
            path = path.replace(f"{{{name}}}", value)
        else:
            query.append(f"{name}={value}")
    return (f"{path}?{'&'.join(query)}" if query else path,)


def _id_of(op: Operation, owner: Owned | None, name: str) -> str:
    return NOBODYS if owner is None else owner.id_for(op, name)


def _code(answer: httpx2.Response) -> tuple[int, str]:
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    return answer.status_code, answer.json().get("code", "") if answer.status_code >= 400 and is_json else ""


async def _rows_of(place: Businesses, owned: Owned) -> dict[str, list[Any]]:
    """Every row of a tenant, as the database has it."""
    kept: dict[str, list[Any]] = {}
    async with place.service.store.system("tests", writes=False) as work:
        for table in METADATA.sorted_tables:
            if "organization_id" in table.c:
                wanted = sa.select(table).where(table.c.organization_id == owned.business.organization_id)
                kept[table.name] = sorted((await work.session.execute(wanted)).all(), key=repr)
    return kept
