"""Attempts run to their end, and every end is noted."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from tests.jobs.engines import MemorySteps
from tests.jobs.rows import NOW, after, enqueue, run_of, take
from voice_engine.errors import NotFound, UpstreamFailed
from voice_engine.jobs.attempt import EngineStopped
from voice_engine.jobs.execution import KILLED, LOST, MOST_ADOPTIONS, Execution
from voice_engine.jobs.heart import Heart, Pulse
from voice_engine.jobs.models import JobRunRow, RunState
from voice_engine.ports.jobs import Attempt, JobBook, JobKind, RetryPolicy, job_book
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job


class Scripted:
    """Raises what it is told, after one step."""

    def __init__(self, *errors: BaseException | None, hangs: bool = False) -> None:
        self.errors = list(errors)
        self.hangs = hangs
        self.steps = 0
        self.seen: list[tuple[int, bool]] = []

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        async def count() -> int:
            self.steps += 1
            return self.steps

        assert await attempt.step("count", count) == 1
        self.seen.append((attempt.number, attempt.is_last))
        if self.hangs:
            await asyncio.Event().wait()
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error


class Bench:
    """One job, and an execution to run it on."""

    def __init__(self, store: Store, handler: Scripted, *, timeout_s: float = 5.0) -> None:
        self.store = store
        retry = RetryPolicy(attempts=2, first_s=10, factor=2, jitter=0)
        self.book: JobBook = job_book([JobKind(name="k", handler=handler, retry=retry, timeout_s=timeout_s)])
        heart = Heart(store, "w1", Pulse(), now=lambda: NOW, clock_s=lambda: 0.0)
        heart.lease.renew(asked_at_s=0.0)
        self.ends = 0
        self.execution = Execution(
            store, self.book, heart, now=lambda: NOW, chance=lambda: 0.0, on_ended=self._ended
        )
        self.steps = MemorySteps()
        self.job_id = ""

    def _ended(self) -> None:
        self.ends += 1

    async def taken(self, *, at: float = 0) -> None:
        if not self.job_id:
            (self.job_id,) = await enqueue(self.store, Job(kind="k", due_at=after(-1)))
        assert len(await take(self.store, self.book, now=after(at))) == 1

    async def attempt(self, number: int = 1) -> JobRunRow:
        await self.execution.execute(self.job_id, number, self.steps.of(f"{self.job_id}-{number}"))
        return await run_of(self.store, self.job_id)


async def test_a_job_that_succeeds_is_done(store: Store) -> None:
    bench = Bench(store, Scripted())
    await bench.taken()

    row = await bench.attempt()

    assert (row.state, row.log, bench.ends, dict(bench.execution.running)) == (RunState.DONE, [], 1, {})


async def test_a_job_that_fails_rests_then_dies(store: Store) -> None:
    handler = Scripted(RuntimeError("a"), RuntimeError("b"))
    bench = Bench(store, handler)
    await bench.taken()

    first = await bench.attempt(1)
    await bench.taken(at=10)
    second = await bench.attempt(2)

    assert (first.state, first.due_at, first.log[0]["code"]) == (RunState.WAITING, after(10), "job_bug")
    assert (second.state, len(second.log)) == (RunState.DEAD, 2)
    assert handler.seen == [(1, False), (2, True)]
    assert handler.steps == 1


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (NotFound("call_not_found", "it is gone"), RunState.DEAD),
        (UpstreamFailed("carrier_down", "later", provider="carrier", retryable=True), RunState.WAITING),
    ],
)
async def test_only_what_may_pass_gets_another_attempt(store: Store, error: Exception, state: RunState) -> None:
    bench = Bench(store, Scripted(error))
    await bench.taken()

    assert (await bench.attempt()).state == state


async def test_a_job_that_takes_too_long_is_broken_off(store: Store) -> None:
    bench = Bench(store, Scripted(hangs=True), timeout_s=0.05)
    await bench.taken()

    row = await bench.attempt()

    assert (row.state, row.log[0]["code"]) == (RunState.WAITING, "job_timeout")


async def test_an_attempt_that_is_over_is_not_run_again(store: Store) -> None:
    """The engine replays after a crash between the row's end and its own."""
    handler = Scripted()
    bench = Bench(store, handler)
    await bench.taken()
    await bench.attempt()

    await bench.attempt()

    assert len(handler.seen) == 1


async def test_a_replay_after_a_crash_does_the_rest_only(store: Store) -> None:
    handler = Scripted(hangs=True)
    bench = Bench(store, handler)
    await bench.taken()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await bench.attempt()  # the process is killed while the handler hangs
    handler.hangs = False

    row = await bench.attempt()

    assert (row.state, handler.steps, row.adoptions) == (RunState.DONE, 1, 2)


async def test_an_attempt_that_kills_its_workers_is_given_up(store: Store) -> None:
    handler = Scripted(hangs=True)
    bench = Bench(store, handler)
    await bench.taken()
    for _ in range(MOST_ADOPTIONS):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await bench.attempt()

    row = await bench.attempt()

    assert (row.state, row.log[0]["code"]) == (RunState.WAITING, KILLED)
    assert len(handler.seen) <= MOST_ADOPTIONS


async def test_when_the_engine_stops_nothing_is_noted(store: Store) -> None:
    """The job is still running, as far as anybody knows: the sweep sees to it."""
    bench = Bench(store, Scripted())
    bench.steps.broken = True
    await bench.taken()

    with pytest.raises(EngineStopped):
        await bench.attempt()

    assert (await run_of(store, bench.job_id)).state == RunState.RUNNING
    assert bench.ends == 1


async def test_a_lost_attempt_counts_as_failed_and_keeps_its_steps(store: Store) -> None:
    bench = Bench(store, Scripted())
    await bench.taken()

    await bench.execution.give_up(bench.job_id, 1, {"count": 1})
    await bench.execution.give_up(bench.job_id, 1, {"count": 1})

    row = await run_of(store, bench.job_id)
    assert (row.state, row.memory) == (RunState.WAITING, {"count": 1})
    assert [entry["code"] for entry in row.log] == [LOST]
