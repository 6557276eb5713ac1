"""One key, one effect: replays get the first answer, other bodies are refused, old keys are forgotten."""

import asyncio
import datetime as dt

import pytest

from tests.fakes.accounts import NOW, Account, add_account
from voice_engine.errors import Conflict
from voice_engine.store import idempotency
from voice_engine.store.engine import Store
from voice_engine.store.idempotency import KeyedRequest, hash_body


def _request(account: Account, *, body: object = None, key: str = "k") -> KeyedRequest:
    return KeyedRequest(user_id=account.user_id, route="POST /v1/calls", key=key, body_hash=hash_body(body))


async def test_the_first_answer_is_given_again(store: Store) -> None:
    """Same key, same body."""
    ada = await add_account(store)
    async with store.begin(ada.organization_id) as work:
        assert await idempotency.claim(work, _request(ada), now=NOW) is None
        await idempotency.attach(work, _request(ada), resource_id="c1")
        await idempotency.answer(work, _request(ada), status=201, body={"a": 1})

    async with store.begin(ada.organization_id) as work:
        earlier = await idempotency.claim(work, _request(ada), now=NOW)

    assert earlier == idempotency.EarlierRequest(resource_id="c1", status=201, body={"a": 1})


async def test_another_body_is_a_conflict(store: Store) -> None:
    """A reused key must not answer for a different request."""
    ada = await add_account(store)
    async with store.begin(ada.organization_id) as work:
        await idempotency.claim(work, _request(ada, body={"to": "a"}), now=NOW)

    with pytest.raises(Conflict, match="another body"):
        async with store.begin(ada.organization_id) as work:
            await idempotency.claim(work, _request(ada, body={"to": "b"}), now=NOW)


async def test_a_refused_request_leaves_its_key_free(store: Store) -> None:
    """A 4xx rolls back: the client may mend the request and send the same key."""
    ada = await add_account(store)
    with pytest.raises(RuntimeError):
        async with store.begin(ada.organization_id) as work:
            await idempotency.claim(work, _request(ada, body=1), now=NOW)
            raise RuntimeError("refused later")

    async with store.begin(ada.organization_id) as work:
        assert await idempotency.claim(work, _request(ada, body=2), now=NOW) is None


async def test_a_key_is_forgotten_after_a_day(store: Store) -> None:
    """24 hours, then it is a new request."""
    ada = await add_account(store)
    async with store.begin(ada.organization_id) as work:
        await idempotency.claim(work, _request(ada, body=1), now=NOW)

    async with store.begin(ada.organization_id) as work:
        later = NOW + dt.timedelta(hours=24, seconds=1)
        assert await idempotency.claim(work, _request(ada, body=2), now=later) is None


async def test_of_twenty_at_once_one_wins(store: Store) -> None:
    """Lookup-then-insert lets several through; this lets one."""
    ada = await add_account(store)
    won: list[int] = []

    async def send(number: int) -> None:
        async with store.begin(ada.organization_id) as work:
            if await idempotency.claim(work, _request(ada), now=NOW) is None:
                won.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(20):
            group.create_task(send(number))

    assert len(won) == 1


def test_the_order_of_keys_does_not_matter() -> None:
    """Two serializers of one body agree."""
    assert hash_body({"a": 1, "b": [2]}) == hash_body({"b": [2], "a": 1})
