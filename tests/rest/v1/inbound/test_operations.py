"""What holds for every operation on inbound calls: tokens, scopes, and a bounded number of statements."""

import pytest

from tests.fakes.accounts import Account
from tests.fakes.api import code_of, operations
from tests.fakes.statements import counted_statements
from tests.rest.v1.inbound.conftest import NOBODYS, SCOPES, Surface
from tests.rest.v1.inbound.test_voicemails import leave
from voice_engine.store.rows import is_id

INBOUND = [operation for operation in operations() if "Inbound" in operation.tags]
BY_ID = [(operation.method, operation.path) for operation in INBOUND]


def concrete(path: str) -> str:
    """A path with an id of nothing."""
    for name in ("{call_id}", "{rule_id}", "{voicemail_id}", "{contact_id}"):
        path = path.replace(name, NOBODYS)
    return path.replace("{index}", "0")


def test_there_are_twenty_five_operations() -> None:
    """As the contract lists them."""
    assert len(INBOUND) == 25
    assert is_id(NOBODYS)


@pytest.mark.parametrize(("method", "path"), BY_ID)
@pytest.mark.parametrize(
    ("token", "code"), [(None, "missing_token"), ("forged", "invalid_token"), ("expired", "token_expired")]
)
async def test_without_a_good_token_nothing_is_served(
    surface: Surface, method: str, path: str, token: str | None, code: str
) -> None:
    """401 before anything else, whatever the body."""
    answer = await surface.api.acting_as(token).request(method, concrete(path))

    assert (answer.status_code, code_of(answer)) == (401, code)


@pytest.mark.parametrize("operation", INBOUND, ids=lambda operation: operation.id)
async def test_only_the_named_scope_opens_an_operation(surface: Surface, operation: object) -> None:
    """A token with every scope but the needed one is refused."""
    found = next(one for one in INBOUND if one is operation)
    wrong = surface.all_but(found.scope)

    answer = await surface.api.acting_as(wrong).request(found.method, concrete(found.path))

    assert found.scope in SCOPES
    assert (answer.status_code, code_of(answer)) == (403, "forbidden")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/inbound/calls",
        "/v1/inbound/voicemails",
        "/v1/inbound/contacts",
        "/v1/inbound/rules",
        "/v1/inbound/events",
        "/v1/inbound/calls/summary",
        "/v1/inbound/calls/analytics",
    ],
)
async def test_statements_do_not_grow_with_the_rows(surface: Surface, path: str) -> None:
    """Two rows cost as many statements as seven."""
    rig = surface.rig

    async def add(number: int) -> None:
        await rig.add_contact(f"+1212555{number:04d}")
        await rig.add_rule(f"r{number}", "voicemail", conditions={"caller_anonymous": False})
        await leave(rig, caller=f"+1212555{number:04d}")
        await rig.jobs.run_due()

    async def cost() -> int:
        with counted_statements(rig.store) as said:
            assert (await surface.api.get(path)).status_code == 200
        return len(said)

    for number in range(2):
        await add(number)
    few = await cost()
    for number in range(2, 7):
        await add(number)

    assert await cost() == few


async def test_nothing_of_somebody_else_is_listed(surface: Surface) -> None:
    """Every list of Bob's is empty while Ada has everything."""
    rig, bob = surface.rig, surface.bob
    await rig.add_contact()
    await rig.add_rule(action="voicemail")
    await leave(rig)
    await rig.jobs.run_due()

    lists = {
        "/v1/inbound/calls": "calls",
        "/v1/inbound/voicemails": "voicemails",
        "/v1/inbound/contacts": "contacts",
        "/v1/inbound/rules": "rules",
        "/v1/inbound/events": "events",
    }
    assert isinstance(bob, Account)
    for path, key in lists.items():
        assert (await surface.api.get(path)).json()[key], path
        assert (await surface.other.get(path)).json()[key] == [], path
