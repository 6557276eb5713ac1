"""Who lives, who is given up for dead, and whose jobs are whose then."""

import pytest

from tests.jobs.rows import NOW, book, enqueue, run_of, take
from voice_engine.jobs import roster
from voice_engine.jobs.heart import FencedOff, Heart, Pulse
from voice_engine.jobs.roster import Watch
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job

A, B = ("a", "t1"), ("b", "t1")


class Clock:
    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


def test_a_worker_is_dead_when_its_count_stood_still_long_enough() -> None:
    clock = Clock()
    watch = Watch(dead_s=10, now_s=clock)
    found = []

    for now_s, counts in [
        (0, {A: 5, B: 1}),
        (6, {A: 5, B: 2}),
        (10, {A: 5, B: 3}),
        (11, {B: 3}),
        (20, {A: 5, B: 3}),
    ]:
        clock.s = now_s
        found.append(watch.dead(counts))

    assert found == [[], [], [A], [], [B]]


def test_a_new_life_of_a_name_is_watched_afresh() -> None:
    clock = Clock()
    watch = Watch(dead_s=10, now_s=clock)
    watch.dead({A: 5})
    clock.s = 10

    assert watch.dead({("a", "t2"): 5}) == []


async def register(store: Store, executor: str, token: str) -> None:
    async with store.system("test") as work:
        await roster.register(work, executor, token, pid=1, now=NOW)


async def beat(store: Store, executor: str, token: str) -> bool:
    async with store.system("test") as work:
        return await roster.beat(work, executor, token, now=NOW)


async def test_a_second_worker_of_a_name_fences_off_the_first(store: Store) -> None:
    await register(store, "a", "t1")
    await register(store, "a", "t2")

    assert [await beat(store, "a", token) for token in ("t1", "t2")] == [False, True]


async def test_a_worker_that_moved_is_not_reaped(store: Store) -> None:
    await register(store, "a", "t1")
    await beat(store, "a", "t1")

    async with store.system("test") as work:
        late = await roster.reap(work, "a", "t1", at_count=0)
        right = await roster.reap(work, "a", "t1", at_count=1)
        twice = await roster.reap(work, "a", "t1", at_count=1)

    assert (late, right, twice) == (False, True, False)
    assert await beat(store, "a", "t1") is False


async def test_only_orphans_are_adopted(store: Store) -> None:
    await register(store, "alive", "t1")
    await enqueue(store, Job(kind="k"), Job(kind="k"))
    (kept,) = await take(store, book(), executor="alive", most=1)
    (orphan,) = await take(store, book(), executor="gone", most=1)

    async with store.system("test") as work:
        adopted = await roster.adopt_orphans(work, "me")

    assert adopted == 1
    assert (await run_of(store, kept.job_id)).executor == "alive"
    assert (await run_of(store, orphan.job_id)).executor == "me"


async def test_a_heart_that_was_reaped_stops(store: Store) -> None:
    heart = Heart(store, "a", Pulse(beat_s=0.01, lease_s=0.5, dead_s=1.0), now=lambda: NOW)
    await heart.begin()
    assert heart.lease.is_good
    async with store.system("test") as work:
        (worker,) = await roster.beats(work)
        await roster.reap(work, *worker, at_count=0)

    with pytest.raises(FencedOff):
        await heart.beat()


def test_a_pulse_whose_lease_outlives_its_death_is_refused() -> None:
    with pytest.raises(ValueError, match="beat_s < lease_s < dead_s"):
        Pulse(beat_s=1, lease_s=10, dead_s=5)
