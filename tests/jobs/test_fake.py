"""The in-process runner that domains test with keeps the promises of the real one."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from tests.fakes.jobs import InlineJobs
from voice_engine.ports.jobs import Attempt, JobAbandoned, JobKind, RetryPolicy
from voice_engine.store import outbox
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


class Handler:
    """Fails in its first attempts, after one step."""

    def __init__(self, *, failures: int = 0, verdict: bool = False) -> None:
        self.failures, self.verdict = failures, verdict
        self.steps: list[str] = []
        self.seen: list[int] = []

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        async def dial() -> list[str]:
            self.steps.append("dial")
            return ["CA1"]

        assert await attempt.step("dial", dial) == ["CA1"]
        self.seen.append(payload["n"])
        if self.verdict:
            raise JobAbandoned("no_such_call", "the call is gone")
        if attempt.number <= self.failures:
            raise RuntimeError("busy")


def runner(store: Store, handler: Handler, **options: Any) -> InlineJobs:
    kind = JobKind(name="k", handler=handler, retry=RetryPolicy(attempts=3))
    return InlineJobs(store, [kind], now=lambda: NOON, **options)


async def enqueue(store: Store, *jobs: Job) -> None:
    async with store.system("test") as work:
        for job in jobs:
            await outbox.enqueue(work, job)


async def test_what_is_due_is_run_once_and_the_rest_waits(store: Store) -> None:
    handler = Handler()
    jobs = runner(store, handler)
    later = NOON + dt.timedelta(seconds=1)
    await enqueue(store, Job(kind="k", payload={"n": 1}), Job(kind="k", payload={"n": 2}, due_at=later))

    await jobs.run_due()
    await jobs.run_due()

    assert handler.seen == [1]
    assert [row.payload for row in await jobs.waiting("k")] == [{"n": 2}]


async def test_a_retry_remembers_its_steps(store: Store) -> None:
    handler = Handler(failures=2)
    jobs = runner(store, handler)
    await enqueue(store, Job(kind="k", payload={"n": 1}))

    ran = await jobs.run_due()

    assert [(job.attempts, job.error) for job in ran] == [(3, None)]
    assert handler.steps == ["dial"]


async def test_an_abandoned_job_is_not_tried_again(store: Store) -> None:
    jobs = runner(store, Handler(verdict=True))
    await enqueue(store, Job(kind="k", payload={"n": 1}))

    ran = await jobs.run_due()

    assert [(job.attempts, type(job.error)) for job in ran] == [(1, JobAbandoned)]


async def test_a_kind_without_handler_stays(store: Store) -> None:
    jobs = runner(store, Handler())
    await enqueue(store, Job(kind="other", payload={}))

    assert await jobs.run_due() == []
    assert len(await jobs.waiting("other")) == 1
