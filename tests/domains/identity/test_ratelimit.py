"""Moving windows in the database: exact under concurrency, across processes and restarts."""

import asyncio

import pytest
import sqlalchemy as sa

from tests.fakes.identity import Clock
from voice_engine.domains.identity.models import RateHitRow
from voice_engine.domains.identity.ratelimit import Attempts, Rule, network_of
from voice_engine.errors import QuotaExceeded
from voice_engine.store.engine import Store
from voice_engine.store.secrets import SecretBox

RULE = Rule(name="test", most=3, seconds=60)


def attempts(store: Store, clock: Clock) -> Attempts:
    return Attempts(store, SecretBox(bytes(32)), now=clock)


async def refused(counter: Attempts, *who: str) -> int | None:
    """After how many seconds to come back; None when it was counted."""
    try:
        await counter.count(RULE, *who)
    except QuotaExceeded as error:
        assert error.code == "rate_limited"
        return int(error.details["retry_after_seconds"])
    return None


async def test_a_window_moves_attempt_by_attempt(store: Store) -> None:
    clock = Clock()
    counter = attempts(store, clock)
    for _ in range(3):
        assert await refused(counter, "a") is None
        clock.advance(seconds=10)

    assert await refused(counter, "a") == 30  # the first was 30 s ago
    clock.advance(seconds=30)
    assert await refused(counter, "a") is None
    assert await refused(counter, "a") == 10


async def test_refused_attempts_do_not_extend_the_wait(store: Store) -> None:
    clock = Clock()
    counter = attempts(store, clock)
    for _ in range(3):
        await refused(counter, "a")
    for _ in range(50):
        await refused(counter, "a")

    clock.advance(seconds=60)

    assert await refused(counter, "a") is None


async def test_buckets_and_rules_do_not_mix(store: Store) -> None:
    counter = attempts(store, Clock())
    for _ in range(3):
        await counter.count(RULE, "a", "b")

    assert await refused(counter, "a", "b") is not None
    assert await refused(counter, "b", "a") is None
    await counter.count(Rule(name="other", most=3, seconds=60), "a", "b")


async def test_another_process_and_a_restart_count_on(store: Store) -> None:
    clock = Clock()
    for _ in range(3):
        await attempts(store, clock).count(RULE, "a")

    assert await refused(attempts(store, clock), "a") is not None


async def test_many_at_once_are_counted_exactly(store: Store) -> None:
    clock = Clock()
    counters = [attempts(store, clock) for _ in range(2)]

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(refused(counters[n % 2], "a")) for n in range(12)]

    assert sum(task.result() is None for task in tasks) == 3


async def test_a_success_forgives(store: Store) -> None:
    counter = attempts(store, Clock())
    for _ in range(3):
        await counter.count(RULE, "a")

    await counter.forgive(RULE, "a")

    assert await refused(counter, "a") is None


async def test_no_address_stands_in_the_table(store: Store) -> None:
    await attempts(store, Clock()).count(RULE, "203.0.113.7", "ada@example.com")

    async with store.system("test", writes=False) as work:
        (bucket,) = await work.session.scalars(sa.select(RateHitRow.bucket))
    assert "ada" not in bucket
    assert len(bytes.fromhex(bucket)) == 32


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_a_subscriber_is_a_network(address: str, network: str) -> None:
    assert network_of(address) == network
