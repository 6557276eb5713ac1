"""Signing keys: made once, sealed, rotated without a broken token."""

import asyncio

import pytest
import sqlalchemy as sa

from tests.fakes.accounts import Account
from tests.fakes.identity import Setup, open_bench, ready_key
from voice_engine.domains.identity import keys as module
from voice_engine.domains.identity.keys import KeyRing, generate_key
from voice_engine.domains.identity.models import SigningKeyRow
from voice_engine.errors import InvalidInput, NotAllowed
from voice_engine.store.engine import Store
from voice_engine.store.secrets import SecretBox


def ring(store: Store, setup: Setup, *, key: bytes | None = None) -> KeyRing:
    """A process's keys, made anew each time."""
    box = SecretBox(key or setup.key)
    return KeyRing(store, box, setup.settings, now=setup.clock, generate=generate_key)


async def rows(store: Store) -> list[tuple[str, str, bool]]:
    async with store.system("test", writes=False) as work:
        found = await work.session.scalars(sa.select(SigningKeyRow).order_by(SigningKeyRow.created_at))
        return [(row.kid, row.private_sealed, row.retired_at is None) for row in found]


async def test_the_first_need_makes_one_key_however_many_ask(store: Store) -> None:
    keys = ring(store, Setup())

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(keys.signing_key()) for _ in range(5)]

    assert len({task.result().kid for task in tasks}) == 1
    assert len(await rows(store)) == 1


async def test_the_private_key_is_sealed_at_rest(store: Store) -> None:
    setup = Setup()
    key = await ring(store, setup).signing_key()

    ((kid, sealed, _),) = await rows(store)

    assert kid == key.kid
    assert str(key.as_dict(private=True)["d"]) not in sealed
    with pytest.raises(InvalidInput):
        await ring(store, setup, key=bytes(32)).signing_key()


async def test_after_a_rotation_the_new_key_signs_and_old_tokens_hold(store: Store, ada: Account) -> None:
    setup = Setup()
    bench = open_bench(store, setup)
    old = await bench.bearer(ada)
    setup.clock.advance(minutes=1)

    fresh = generate_key()
    bench.identity.keys._generate = lambda: fresh
    await bench.identity.keys.rotate()

    await bench.identity.verify_access_token(old)
    await bench.identity.verify_access_token(await bench.bearer(ada))
    published = await bench.identity.keys.public_set()
    assert [key["kid"] for key in published["keys"]] == [fresh.kid, ready_key().kid]


async def test_another_process_finds_a_new_key_when_it_meets_it(store: Store, ada: Account) -> None:
    setup = Setup()
    here, elsewhere = open_bench(store, setup), open_bench(store, setup)
    await elsewhere.identity.verify_access_token(await here.bearer(ada))
    setup.clock.advance(seconds=module.SECONDS_BETWEEN_RELOADS)

    fresh = generate_key()
    here.identity.keys._generate = lambda: fresh
    await here.identity.keys.rotate()

    await elsewhere.identity.verify_access_token(await here.bearer(ada))


async def test_strange_key_ids_do_not_hammer_the_database(store: Store, ada: Account) -> None:
    setup = Setup()
    keys = ring(store, setup)
    await keys.signing_key()
    queries: list[str] = []
    sa.event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *args: queries.append(args[2]))

    for n in range(50):
        assert await keys.find(f"forged-{n}") is None
    assert queries == []
    setup.clock.advance(seconds=module.SECONDS_BETWEEN_RELOADS)
    for n in range(50):
        assert await keys.find(f"forged-{n}") is None

    assert len([query for query in queries if "signing_keys" in query]) == 1


async def test_a_retired_key_verifies_for_two_lives_of_a_token(store: Store, ada: Account) -> None:
    setup = Setup()
    bench = open_bench(store, setup)
    await bench.bearer(ada)
    fresh = generate_key()
    bench.identity.keys._generate = lambda: fresh
    await bench.identity.keys.rotate()

    setup.clock.advance(hours=2)

    assert await bench.identity.keys.find(ready_key().kid) is None
    with pytest.raises(NotAllowed):
        await open_bench(store, setup).identity.verify_access_token("e30.e30.e30")
