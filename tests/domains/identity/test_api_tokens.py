"""Tokens for servers, as bearers."""

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import Account, add_account
from tests.fakes.identity import Bench
from voice_engine.domains.identity import api_tokens
from voice_engine.domains.identity.api_tokens import CreatedApiToken, NewApiToken
from voice_engine.errors import InvalidInput, NotAllowed, NotFound
from voice_engine.store.engine import Store


async def make(bench: Bench, account: Account, **changes: Any) -> CreatedApiToken:
    wanted = NewApiToken(
        **{"user_id": account.user_id, "organization_id": account.organization_id, "label": "crm", **changes}
    )
    async with bench.store.begin(account.organization_id) as work:
        return await api_tokens.create(work, wanted, now=bench.clock(), actor="test")


async def refusal(bench: Bench, token: str) -> str:
    with pytest.raises(NotAllowed) as refused:
        await bench.identity.verify_access_token(token)
    return refused.value.code


async def test_a_token_stands_for_its_user_with_its_scopes(bench: Bench, ada: Account) -> None:
    made = await make(bench, ada, scopes=frozenset({"calls:read"}))

    caller = await bench.identity.verify_access_token(made.token)

    assert (caller.user_id, caller.organization_id) == (ada.user_id, ada.organization_id)
    assert caller.scopes == {"calls:read"}
    assert (caller.client_id, caller.token_id) == ("api_token", made.row.id)


async def test_a_revoked_token_is_refused_at_once(bench: Bench, ada: Account) -> None:
    made = await make(bench, ada)
    async with bench.store.begin(ada.organization_id) as work:
        await api_tokens.revoke(work, made.row, now=bench.clock(), actor="test")

    assert await refusal(bench, made.token) == "invalid_token"
    with pytest.raises(NotFound):
        async with bench.store.begin(ada.organization_id) as work:
            await api_tokens.revoke(work, made.row, now=bench.clock(), actor="test")


async def test_a_token_in_use_is_read_once_in_two_seconds(bench: Bench, ada: Account, store: Store) -> None:
    """And not longer: what another process revokes is refused by then."""
    made = await make(bench, ada)
    reads: list[str] = []
    await bench.identity.verify_access_token(made.token)
    sa.event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *args: reads.append(args[2]))

    for _ in range(5):
        await bench.identity.verify_access_token(made.token)
    assert not reads

    async with bench.store.begin(ada.organization_id) as work:
        await api_tokens.revoke(work, made.row, now=bench.clock(), actor="another process")
    bench.clock.advance(seconds=2)
    assert await refusal(bench, made.token) == "invalid_token"


async def test_a_token_that_this_process_ends_is_refused_at_once(bench: Bench, ada: Account) -> None:
    made = await make(bench, ada)
    await bench.identity.verify_access_token(made.token)

    async with bench.store.begin(ada.organization_id) as work:
        await bench.identity.endings.end_everything(work, ada.user_id, reason="disabled")

    assert await refusal(bench, made.token) == "invalid_token"


async def test_a_token_that_expires_within_the_two_seconds_is_refused(bench: Bench, ada: Account) -> None:
    made = await make(bench, ada, lifetime=dt.timedelta(seconds=1))
    await bench.identity.verify_access_token(made.token)
    bench.clock.advance(seconds=1)

    assert await refusal(bench, made.token) == "token_expired"


async def test_a_token_lives_as_long_as_it_was_given(bench: Bench, ada: Account) -> None:
    made = await make(bench, ada, lifetime=dt.timedelta(days=1))
    forever = await make(bench, ada)
    bench.clock.advance(days=1)

    assert await refusal(bench, made.token) == "token_expired"
    await bench.identity.verify_access_token(forever.token)


async def test_the_last_use_is_noted_to_the_minute(bench: Bench, ada: Account, store: Store) -> None:
    made = await make(bench, ada)
    writes: list[str] = []
    sa.event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *args: writes.append(args[2]))

    for _ in range(60):
        await bench.identity.verify_access_token(made.token)
        bench.clock.advance(seconds=2)

    assert len([statement for statement in writes if statement.startswith("UPDATE")]) == 2
    async with store.read(ada.organization_id) as work:
        (row,) = await api_tokens.list_tokens(work)
        assert row.last_used_at is not None


async def test_the_token_is_not_in_the_database(bench: Bench, ada: Account) -> None:
    made = await make(bench, ada)

    assert made.token not in str(
        {column.name: getattr(made.row, column.name) for column in made.row.__table__.columns}
    )
    assert made.token.startswith(made.row.prefix)
    assert made.token not in repr(made)


async def test_tokens_of_others_are_not_listed(bench: Bench, ada: Account) -> None:
    await make(bench, ada)
    bob = await add_account(bench.store, "Bob")

    async with bench.store.read(bob.organization_id) as work:
        assert await api_tokens.list_tokens(work) == []


@pytest.mark.parametrize("token", ["ve_", "ve_guess", "ve_" + "A" * 43])
async def test_an_unknown_token_is_refused(bench: Bench, token: str) -> None:
    assert await refusal(bench, token) == "invalid_token"


@pytest.mark.parametrize("label", ["", "   ", "x" * 101])
async def test_a_token_needs_a_label(bench: Bench, ada: Account, label: str) -> None:
    with pytest.raises(InvalidInput):
        await make(bench, ada, label=label)
