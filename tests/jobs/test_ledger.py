"""Take-over within the queues' limits, and what becomes of attempts."""

import asyncio
import datetime as dt

import sqlalchemy as sa

from tests.jobs.rows import NOW, after, book, enqueue, run_of, take
from voice_engine.jobs import ledger
from voice_engine.jobs.ledger import Done, Failed, Horizon, Outcome
from voice_engine.jobs.models import RunState
from voice_engine.ports.jobs import JobQueue
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job, OutboxRow


async def finish(store: Store, job_id: str, attempt: int, outcome: Outcome, *, now: dt.datetime = NOW) -> bool:
    async with store.system("test") as work:
        return await ledger.finish(work, job_id, attempt, outcome, now=now)


def due(name: str, seconds: float = -60, key: str | None = None) -> Job:
    return Job(kind="k", payload={"name": name}, due_at=after(seconds), key=key)


async def test_due_jobs_are_taken_once_the_longest_due_first(store: Store) -> None:
    late, early, _future = await enqueue(store, due("b", -10), due("a", -20), due("c", 1))

    taken = await take(store, book())
    again = await take(store, book())

    assert [each.job_id for each in taken] == [early, late]
    assert again == []
    assert (await run_of(store, early)).payload == {"name": "a"}


async def test_kinds_without_handler_are_left_for_workers_that_have_one(store: Store) -> None:
    await enqueue(store, Job(kind="other", due_at=after(-1)))

    assert await take(store, book()) == []
    assert len(await take(store, book(kinds=("other",)))) == 1


async def test_a_queue_has_so_many_places_in_all_workers(store: Store) -> None:
    jobs = book(JobQueue(name="q", concurrency=2), queue="q")
    await enqueue(store, *(due(name) for name in "abcd"))

    first = await take(store, jobs, executor="w1", most=1)
    second = await take(store, jobs, executor="w2")
    third = await take(store, jobs, executor="w1")
    await finish(store, first[0].job_id, 1, Done())
    freed = await take(store, jobs, executor="w1")

    assert [len(each) for each in (first, second, third, freed)] == [1, 1, 0, 1]


async def test_a_rate_counts_starts_in_a_sliding_time(store: Store) -> None:
    jobs = book(JobQueue(name="q", concurrency=9, rate=2, rate_period_s=10), queue="q")
    await enqueue(store, *(due(name) for name in "abcde"))

    counts = [len(await take(store, jobs, now=after(seconds))) for seconds in (0, 5, 9.9, 10.1, 12, 21)]

    assert counts == [2, 0, 0, 2, 0, 1]


async def test_two_workers_at_once_do_not_share_the_last_place(store: Store) -> None:
    jobs = book(JobQueue(name="q", concurrency=3), queue="q")
    await enqueue(store, *(due(str(index)) for index in range(8)))

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(take(store, jobs, executor=f"w{index}", most=2)) for index in range(4)]

    taken = [each.job_id for task in tasks for each in task.result()]
    assert len(taken) == len(set(taken)) == 3


async def test_a_failed_attempt_waits_and_remembers_its_steps(store: Store) -> None:
    (job_id,) = await enqueue(store, due("a"))
    await take(store, book())

    failed = Failed(code="busy", message="later", again_at=after(30), memory={"dial": "CA1"})
    await finish(store, job_id, 1, failed)
    too_soon = await take(store, book(), now=after(29))
    again = await take(store, book(), now=after(30))
    async with store.system("test") as work:
        run = await ledger.begin(work, job_id, 2, executor="w1")

    assert too_soon == []
    assert [(each.job_id, each.attempt) for each in again] == [(job_id, 2)]
    assert run is not None
    assert run.memory == {"dial": "CA1"}
    assert (await run_of(store, job_id)).log == [
        {"attempt": 1, "at": NOW.isoformat(), "code": "busy", "message": "later"}
    ]


async def test_the_last_failure_puts_a_job_among_the_dead(store: Store) -> None:
    (job_id,) = await enqueue(store, due("a"))
    await take(store, book())

    await finish(store, job_id, 1, Failed(code="gone", message="no such call", again_at=None))

    row = await run_of(store, job_id)
    assert (row.state, row.finished_at, row.executor) == (RunState.DEAD, NOW, None)


async def test_an_end_counts_once_and_only_for_its_own_attempt(store: Store) -> None:
    """A worker that comes back late must not end the attempt that runs elsewhere now."""
    (job_id,) = await enqueue(store, due("a"))
    await take(store, book())
    await finish(store, job_id, 1, Failed(code="lost", message="", again_at=after(0)))
    await take(store, book())

    stale = await finish(store, job_id, 1, Done())
    current = await finish(store, job_id, 2, Done())
    again = await finish(store, job_id, 2, Failed(code="x", message="", again_at=None))

    assert (stale, current, again) == (False, True, False)
    assert (await run_of(store, job_id)).state == RunState.DONE


async def test_an_attempt_that_is_over_is_not_begun_again(store: Store) -> None:
    (job_id,) = await enqueue(store, due("a"))
    await take(store, book())
    await finish(store, job_id, 1, Done())

    async with store.system("test") as work:
        assert await ledger.begin(work, job_id, 1, executor="w2") is None


async def test_beginnings_of_one_attempt_are_counted(store: Store) -> None:
    (job_id,) = await enqueue(store, due("a"))
    await take(store, book())

    counted = []
    for executor in ("w1", "w2"):
        async with store.system("test") as work:
            run = await ledger.begin(work, job_id, 1, executor=executor)
            assert run is not None
            counted.append(run.adoptions)

    assert counted == [1, 2]
    assert (await run_of(store, job_id)).executor == "w2"


async def test_cancel_reaches_what_waits_and_not_what_runs(store: Store) -> None:
    fresh, running, resting = "fresh", "running", "resting"
    await enqueue(store, due("f", 60, key=fresh))
    _, resting_id = await enqueue(store, due("r", key=running), due("s", key=resting))
    await take(store, book())
    await finish(store, resting_id, 1, Failed(code="busy", message="", again_at=after(60)))

    cancelled: dict[str, list[bool]] = {}
    for key in (fresh, running, resting, fresh, "unknown"):
        async with store.system("test") as work:
            cancelled.setdefault(key, []).append(await ledger.cancel(work, key=key, now=NOW))

    assert cancelled == {fresh: [True, False], running: [False], resting: [True], "unknown": [False]}
    assert await take(store, book(), now=after(3600)) == []


async def test_a_race_of_cancel_and_take_over_has_one_winner(store: Store) -> None:
    for index in range(10):
        key = f"k{index}"
        (job_id,) = await enqueue(store, due("a", key=key))

        async def cancel(key: str = key) -> bool:
            async with store.system("test") as work:
                return await ledger.cancel(work, key=key, now=NOW)

        async with asyncio.TaskGroup() as group:
            cancelling = group.create_task(cancel())
            taking = group.create_task(take(store, book()))

        won = [each.job_id for each in taking.result()]
        assert cancelling.result() is (won == []), job_id


async def test_the_next_due_time_is_the_soonest_of_both_tables(store: Store) -> None:
    async def soonest() -> dt.datetime | None:
        async with store.system("test", writes=False) as work:
            return await ledger.next_due(work, ["k"])

    none = await soonest()
    await enqueue(store, due("later", 90), Job(kind="other", due_at=after(1)))
    in_outbox = await soonest()
    (job_id,) = await enqueue(store, due("a"))
    await take(store, book())
    await finish(store, job_id, 1, Failed(code="x", message="", again_at=after(45)))
    resting = await soonest()

    assert (none, in_outbox, resting) == (None, after(90), after(45))


async def test_a_job_without_a_time_is_due_since_it_was_written(store: Store) -> None:
    await enqueue(store, Job(kind="k"))

    async with store.system("test", writes=False) as work:
        soonest = await ledger.next_due(work, ["k"])

    assert soonest is not None
    assert soonest.tzinfo is dt.UTC
    assert abs((soonest - dt.datetime.now(dt.UTC)).total_seconds()) < 60


async def test_what_ended_long_ago_is_forgotten_and_nothing_else(store: Store) -> None:
    old, recent, calendar, live = await enqueue(
        store, due("old", key="a"), due("recent", key="b"), due("tick", key="cron:tick:1"), due("live", key="d")
    )
    await take(store, book())
    await finish(store, old, 1, Done(), now=after(-1000))
    await finish(store, recent, 1, Done(), now=after(-50))
    await finish(store, calendar, 1, Done(), now=after(-50))
    horizon = Horizon(runs=after(-100), keys=after(60), calendar=after(-20))

    async with store.system("test") as work:
        forgotten = await ledger.forget(work, horizon, most=100)
    async with store.system("test", writes=False) as work:
        left = set(await work.session.scalars(sa.select(OutboxRow.id)))

    assert forgotten == 4  # two runs and their outbox rows
    assert left == {recent, live}


async def test_depths_tell_what_waits_and_what_died(store: Store) -> None:
    first, _ = await enqueue(store, due("a"), due("b"))
    await take(store, book(), most=1)
    await finish(store, first, 1, Failed(code="x", message="", again_at=None))

    async with store.system("test", writes=False) as work:
        depths = await ledger.depths(work)

    assert depths == {"queued": 1, "running": 0, "waiting": 0, "done": 0, "dead": 1, "cancelled": 0}
