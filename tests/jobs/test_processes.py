"""Workers as processes: killed, stopped, drained, two at once. Real time; each test starts its own."""

import asyncio
import datetime as dt
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.database import Templates
from tests.jobs.installation import Installation
from voice_engine.jobs import ledger
from voice_engine.store.outbox import Job

pytestmark = pytest.mark.slow


@pytest.fixture
async def site(templates: Templates, tmp_path: Path) -> AsyncIterator[Installation]:
    installation = Installation(templates.fresh_url(), tmp_path)
    yield installation
    await installation.close()


def done(lines: list[str]) -> Counter[str]:
    """What was done, without who did it."""
    return Counter(line.rsplit(" ", 1)[0] for line in lines if not line.startswith("up"))


async def test_a_worker_killed_in_the_middle_of_a_job_goes_on_where_it_was(site: Installation) -> None:
    """Finished steps are not repeated; the one that was interrupted is."""
    await site.start("w1")
    await site.enqueue(Job(kind="steps", payload={"name": "a"}))
    await site.until(lambda lines: "hold a w1" in lines)

    site.send("w1", signal.SIGKILL)
    await site.ended("w1")
    site.open_gate()
    await site.start("w1")
    await site.settled("done")

    assert done(site.diary()) == {"first a": 1, "hold a": 2, "last a": 1}


async def test_another_worker_takes_the_jobs_of_one_that_died(site: Installation) -> None:
    await site.start("w1")
    await site.enqueue(Job(kind="steps", payload={"name": "a"}))
    await site.until(lambda lines: "hold a w1" in lines)
    await site.start("w2")

    site.send("w1", signal.SIGKILL)
    site.open_gate()
    lines = await site.until(lambda lines: "last a w2" in lines)

    assert done(lines) == {"first a": 1, "hold a": 2, "last a": 1}


async def test_a_worker_that_was_stopped_and_given_up_does_nothing_more(site: Installation) -> None:
    """It wakes in the middle of a step whose job has gone on elsewhere: it ends, and no step is done twice."""
    await site.start("w1")
    await site.enqueue(Job(kind="steps", payload={"name": "a"}))
    await site.until(lambda lines: "hold a w1" in lines)
    await site.start("w2")

    await site.freeze("w1")
    await site.until(lambda lines: "hold a w2" in lines)
    site.open_gate()
    await site.until(lambda lines: "last a w2" in lines)
    site.send("w1", signal.SIGCONT)
    status = await site.ended("w1")

    assert status == 75
    assert done(site.diary())["last a"] == 1


async def test_two_workers_do_each_job_once(site: Installation) -> None:
    await site.start("w1")
    await site.start("w2")

    for batch in range(6):
        await site.enqueue(*(Job(kind="plain", payload={"name": f"{batch}-{index}"}) for index in range(10)))
    runs = await site.settled("done", jobs=60)

    names = Counter(line.split()[1] for line in site.diary() if line.startswith("plain"))
    assert len(runs) == len(names) == 60
    assert set(names.values()) == {1}


async def test_a_queue_of_one_runs_one_at_a_time_in_all_workers(site: Installation) -> None:
    await site.start("w1")
    await site.start("w2")
    await site.enqueue(*(Job(kind="single", payload={"name": name}) for name in "abc"))
    await site.until(lambda lines: any(line.startswith("hold") for line in lines))
    await asyncio.sleep(1.5)  # longer than a poll: whoever would, would have begun another

    held = [line for line in site.diary() if line.startswith("hold")]
    site.open_gate()
    await site.until(lambda lines: sum(line.startswith("last") for line in lines) == 3)

    assert len(held) == 1


async def test_a_failed_attempt_is_tried_again_with_its_steps_remembered(site: Installation) -> None:
    await site.start("w1")
    await site.enqueue(Job(kind="flaky", payload={"name": "f"}))

    runs = await site.settled("done", "dead")

    assert done(site.diary()) == {"once f": 1, "try f 1": 1, "try f 2": 1, "try f 3": 1}
    assert [(run["state"], run["attempt"], len(run["log"])) for run in runs] == [("done", 3, 2)]


async def test_a_job_that_was_cancelled_before_its_time_never_runs(site: Installation) -> None:
    await site.start("w1")
    later = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=3)  # from now on: a worker takes its time to start
    await site.enqueue(
        Job(kind="plain", payload={"name": "cancelled"}, key="k1", due_at=later),
        Job(kind="plain", payload={"name": "kept"}, key="k2", due_at=later),
    )

    async with site.store.system("test") as work:
        assert await ledger.cancel(work, key="k1", now=later)
    lines = await site.until(lambda lines: any(line.startswith("plain") for line in lines))

    assert [line.split()[1] for line in lines if line.startswith("plain")] == ["kept"]


async def test_what_fell_due_while_no_worker_ran_runs_at_once(site: Installation) -> None:
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=0.2)
    await site.enqueue(Job(kind="plain", payload={"name": "due"}, due_at=soon))
    await asyncio.sleep(0.3)

    await site.start("w1")

    await site.until(lambda lines: any(line.startswith("plain due") for line in lines))


async def test_a_scheduled_job_starts_at_its_time_and_not_before(site: Installation) -> None:
    await site.start("w1")
    at = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1.5)
    await site.enqueue(Job(kind="plain", payload={"name": "timed", "at": at.timestamp()}, due_at=at))

    lines = await site.until(lambda lines: any(line.startswith("plain") for line in lines))

    late_ms = int(lines[-1].split()[2])
    assert 0 <= late_ms < 5_000  # never early; how late is a benchmark's question


async def test_calendar_entries_run_once_a_slot_whoever_keeps_them(site: Installation) -> None:
    await site.start("w1", "cron")
    await site.start("w2", "cron")

    await site.until(lambda lines: sum(line.startswith("plain") for line in lines) >= 4)

    slots = Counter(run["payload"]["slot"] for run in await site.runs())
    assert len(slots) >= 4
    assert set(slots.values()) == {1}


async def test_sigterm_lets_a_running_job_finish(site: Installation) -> None:
    await site.start("w1")
    await site.enqueue(Job(kind="steps", payload={"name": "a"}))
    await site.until(lambda lines: "hold a w1" in lines)

    site.send("w1", signal.SIGTERM)
    await site.enqueue(Job(kind="plain", payload={"name": "late"}))
    site.open_gate()
    status = await site.ended("w1")

    assert status == 0
    assert done(site.diary()) == {"first a": 1, "hold a": 1, "last a": 1}


async def test_a_job_longer_than_the_drain_goes_on_after_the_restart(site: Installation) -> None:
    await site.start("w1")
    await site.enqueue(Job(kind="steps", payload={"name": "a"}))
    await site.until(lambda lines: "hold a w1" in lines)

    site.send("w1", signal.SIGTERM)
    status = await site.ended("w1")
    site.open_gate()
    await site.start("w1")
    await site.settled("done")

    assert status == 0
    assert done(site.diary()) == {"first a": 1, "hold a": 2, "last a": 1}
