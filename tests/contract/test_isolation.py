"""Who may see what, asked of every operation of the contract that exists: nobody is trusted to remember a check.

What is Ada's is to Bob as if it were not there: the same answer as for an id of nothing, and nothing of it changes.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.contract.installation import (
    CALLER,
    CALLER_NAME,
    NOBODYS,
    Installation,
    furnish,
    open_installation,
    path_parameters,
    request_of,
    with_path,
)
from tests.fakes.api import ApiClient, Operation
from tests.fakes.database import Templates
from tests.fakes.statements import counted_statements
from voice_engine.domains.identity.scopes import ALL_SCOPES
from voice_engine.domains.models import METADATA

pytestmark = pytest.mark.slow


@pytest.fixture
async def place(templates: Templates, tmp_path: Path) -> AsyncIterator[Installation]:
    """An installation in which Ada has one of everything."""
    async with open_installation(templates.fresh_url(), tmp_path) as opened:
        await furnish(opened)
        yield opened


async def test_what_is_anothers_is_as_if_it_were_not_there(place: Installation) -> None:
    """404 and word for word the answer for an id of nothing; to the owner it is another one."""
    ada, bob = await place.acting_as(place.ada), await place.acting_as(place.bob)
    about = sorted((op for op in place.guarded() if with_path(op)), key=_destruction)
    before = await _rows_of(place, place.ada.organization_id)
    wrong: list[str] = []
    for op in about:
        foreign, nothing = await _answers(place, op, bob)
        if {status for status, _ in foreign} != {404} or any(answer != nothing for answer in foreign):
            wrong.append(f"{op.id}: {foreign} for Ada's, {nothing} for nothing")
    untouched = await _rows_of(place, place.ada.organization_id) == before
    for op in about:
        own, nothing = await _answers(place, op, ada)
        if all(answer == nothing for answer in own):
            wrong.append(f"{op.id}: Ada's own are not found either, so this proves nothing")

    assert not wrong, "\n".join(wrong)
    assert untouched
    assert len(about) >= 20


def _destruction(op: Operation) -> tuple[bool, int]:
    """What removes a resource comes last, and after what removes a part of it."""
    return op.method == "DELETE", -op.path.count("/")


async def _answers(place: Installation, op: Operation, api: ApiClient) -> tuple[list[Any], Any]:
    """Status and code for each of Ada's ids, and for an id of nothing."""
    name = path_parameters(op)[0]
    key = "inbound_call_id" if op.path.startswith("/v1/inbound/calls") else name
    found = [_gist(await request_of(op, {key: own}).send(api)) for own in place.ids[key]]
    return found, _gist(await request_of(op, {key: NOBODYS}).send(api))


def _gist(answer: Any) -> tuple[int, Any]:
    if answer.status_code < 400:
        return answer.status_code, None
    error = answer.json()["error"]
    return answer.status_code, (error["code"], error["message"], error["details"])


async def _rows_of(place: Installation, organization_id: str) -> dict[str, list[Any]]:
    """Every row of a tenant, as the database has it."""
    kept: dict[str, list[Any]] = {}
    async with place.service.store.system("tests", writes=False) as work:
        for table in METADATA.sorted_tables:
            if "organization_id" in table.c:
                wanted = sa.select(table).where(table.c.organization_id == organization_id)
                kept[table.name] = sorted((await work.session.execute(wanted)).all(), key=repr)
    return kept


async def test_lists_hold_nothing_of_anybody_else(place: Installation) -> None:
    """Bob's answers have none of the ids, names and numbers that Ada's have, and each of hers is in one of hers."""
    ada, bob = await place.acting_as(place.ada), await place.acting_as(place.bob)
    marks = {CALLER, CALLER_NAME, *(id for ids in place.ids.values() for id in ids)}
    reading = [op for op in place.guarded() if op.method == "GET" and not with_path(op)]

    hers = "".join([(await request_of(op, {}).send(ada)).text for op in reading])
    his = "".join([(await request_of(op, {}).send(bob)).text for op in reading])

    assert not {mark for mark in marks if mark in his}
    assert not {mark for mark in marks if mark not in hers}


async def test_ids_in_queries_and_bodies_find_nothing_of_anybody_else(place: Installation) -> None:
    """Deleting Ada's calls by id, or everything, takes none of them; filters by her ids find nothing."""
    bob = await place.acting_as(place.bob)
    theirs = place.ids.get("inbound_call_id", [NOBODYS])
    before = await _rows_of(place, place.ada.organization_id)
    served = {op.id for op in place.served()}
    answers = []
    if "deleteInboundCalls" in served:
        for body in ({"call_ids": theirs}, {"all": True}, {"before": "2100-01-01T00:00:00Z"}):
            answers.append(await bob.request("DELETE", "/v1/inbound/calls", json=body))
        answers.append(await bob.delete(f"/v1/inbound/calls?call_ids={theirs[0]}"))
    if "getInboundEvents" in served:
        answers.append(await bob.get(f"/v1/inbound/events?call_id={theirs[0]}"))
    text = "".join(answer.text for answer in answers)

    assert await _rows_of(place, place.ada.organization_id) == before
    assert not [mark for mark in (CALLER, CALLER_NAME) if mark in text]


async def test_every_guarded_operation_asks_for_its_token_and_its_scope(place: Installation) -> None:
    """Nobody: 401. Every scope but the one: 403, before the body is looked at. Nothing is done."""
    ids = {name: found[0] for name, found in place.ids.items()}
    scopes = {op.scope for op in place.guarded()} - {"any"}
    lacking = {scope: await place.acting_as(place.ada, ALL_SCOPES - {scope}) for scope in scopes}
    before = await _rows_of(place, place.ada.organization_id)
    wrong: list[str] = []
    for op in place.guarded():
        request = request_of(op, {**dict.fromkeys(path_parameters(op), NOBODYS), **ids})
        answers = {"nobody": _code(await request.send(place.anonymous))}
        answers["garbage"] = _code(await request.send(place.anonymous.acting_as("not.a.token")))
        wanted: dict[str, Any] = {"nobody": (401, "missing_token"), "garbage": (401, "invalid_token")}
        if op.scope != "any":
            answers["lacking"] = _code(await request.send(lacking[op.scope]))
            wanted["lacking"] = (403, "forbidden")
        if answers != wanted:
            wrong.append(f"{op.id}: {answers}")

    assert not wrong, "\n".join(wrong)
    assert await _rows_of(place, place.ada.organization_id) == before


def _code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("error", {}).get("code", "") if answer.status_code >= 400 else ""


async def test_longer_lists_take_no_more_queries(place: Installation) -> None:
    """For every operation that reads without an id, twelve of everything cost what one costs."""
    ada = await place.acting_as(place.ada)
    reading = [op for op in place.guarded() if op.method == "GET" and not with_path(op)]

    few = await _queries(place, reading, ada)
    await furnish(place, times=11)
    many = await _queries(place, reading, ada)

    assert not {name: said for name, said in many.items() if len(said) > len(few[name])}


async def _queries(place: Installation, reading: list[Operation], api: ApiClient) -> dict[str, list[str]]:
    all_said = {}  # without the list of revoked tokens, which is read again every few seconds
    for op in reading:
        await request_of(op, {}).send(api)  # what is read once a process is read now
        with counted_statements(place.service.store) as said:
            answer = await request_of(op, {}).send(api)
        assert answer.status_code == 200, (op.id, answer.text)
        all_said[op.id] = [statement for statement in said if "FROM revocations" not in statement]
    return all_said
