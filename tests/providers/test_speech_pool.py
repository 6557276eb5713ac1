"""The worker pool: order, bounds, admission, cancellation."""

import asyncio
import threading
from collections.abc import Callable, Generator

import pytest

from voice_engine.clock import run_virtual
from voice_engine.errors import QuotaExceeded
from voice_engine.providers.speech_pool import SpeechPool, SpeechPoolSettings, Urgency, Usage


@pytest.fixture
def pool() -> Generator[SpeechPool, None, None]:
    made = SpeechPool(SpeechPoolSettings(workers=1, max_calls=2, max_queued=2))
    yield made
    made.close()


class Gate:
    """A job that runs until it is let go, so that others have to wait."""

    def __init__(self) -> None:
        self._open = threading.Event()

    def job(self) -> str:
        assert self._open.wait(5)
        return "gate"

    def open(self) -> None:
        self._open.set()


async def started(pool: SpeechPool) -> None:
    await asyncio.sleep(0)
    assert pool.busy


async def test_waiting_jobs_run_by_urgency_not_by_arrival(pool: SpeechPool) -> None:
    """A final must not stand behind interim work that came first."""
    gate, order = Gate(), list[str]()

    def note(name: str) -> Callable[[], None]:
        return lambda: order.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(pool.run(Urgency.FINAL, gate.job))
        await started(pool)
        group.create_task(pool.run(Urgency.INTERIM, note("interim")))
        group.create_task(pool.run(Urgency.SPEAK, note("speak")))
        await asyncio.sleep(0)
        group.create_task(pool.run(Urgency.FINAL, note("final")))
        await asyncio.sleep(0)
        gate.open()

    assert order == ["final", "speak", "interim"]


async def test_full_queue_refuses_all_but_finals(pool: SpeechPool) -> None:
    """The queue is bounded, and a final is never refused."""
    gate = Gate()

    async with asyncio.TaskGroup() as group:
        group.create_task(pool.run(Urgency.FINAL, gate.job))
        await started(pool)
        for _ in range(2):
            group.create_task(pool.run(Urgency.SPEAK, int))
        await asyncio.sleep(0)
        with pytest.raises(QuotaExceeded) as refused:
            await pool.run(Urgency.SPEAK, int)
        final = group.create_task(pool.run(Urgency.FINAL, lambda: "heard"))
        await asyncio.sleep(0)
        gate.open()

    assert refused.value.code == "speech_busy"
    assert final.result() == "heard"


async def test_cancelled_wait_gives_its_place_to_the_next(pool: SpeechPool) -> None:
    """A cancelled waiter must neither run nor keep the worker."""
    gate, ran = Gate(), list[str]()

    async with asyncio.TaskGroup() as group:
        group.create_task(pool.run(Urgency.FINAL, gate.job))
        await started(pool)
        doomed = group.create_task(pool.run(Urgency.FINAL, lambda: ran.append("doomed")))
        group.create_task(pool.run(Urgency.FINAL, lambda: ran.append("next")))
        await asyncio.sleep(0)
        doomed.cancel()
        await asyncio.sleep(0)
        gate.open()

    assert ran == ["next"]


async def test_cancelled_run_keeps_its_worker_until_the_job_ends(pool: SpeechPool) -> None:
    """A thread cannot be stopped: counting it free would run more jobs than there are workers."""
    gate = Gate()

    async with asyncio.TaskGroup() as group:
        running = group.create_task(pool.run(Urgency.FINAL, gate.job))
        await started(pool)
        await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.sleep(0.01)
        held = pool.busy
        gate.open()

    assert held
    assert await pool.run(Urgency.FINAL, lambda: "free again") == "free again"


async def test_a_failing_job_raises_and_frees_its_worker(pool: SpeechPool) -> None:
    with pytest.raises(ZeroDivisionError):
        await pool.run(Urgency.FINAL, lambda: 1 // 0)

    assert await pool.run(Urgency.FINAL, lambda: 7) == 7


def test_admission_counts_open_calls(pool: SpeechPool) -> None:
    """The third call is refused politely, and a place that is given back can be taken again."""
    with pool.admit():
        with pool.admit(), pytest.raises(QuotaExceeded) as refused, pool.admit():
            pass
        with pool.admit():
            assert pool.calls == 2

    assert refused.value.code == "stt_busy"
    assert pool.calls == 0


def test_virtual_time_runs_jobs_inline(pool: SpeechPool) -> None:
    """No thread takes part in a replay: its order must not depend on the scheduler."""

    async def main() -> str:
        return await pool.run(Urgency.INTERIM, lambda: threading.current_thread().name)

    assert run_virtual(main()) == threading.main_thread().name


def test_usage_follows_what_runs_over_a_quarter_of_a_minute() -> None:
    usage = Usage()

    usage.changed(2, 0.0)
    rising, settled = usage.mean(15.0), usage.mean(120.0)
    usage.changed(0, 120.0)

    assert rising == pytest.approx(2 * (1 - 0.3679), abs=0.01)
    assert settled == pytest.approx(2.0, abs=0.01)
    assert usage.mean(300.0) == pytest.approx(0.0, abs=0.01)


def test_expected_work_counts_at_once_and_is_forgotten_as_the_real_work_shows() -> None:
    usage = Usage()

    usage.expect(0.5, 10.0)

    assert usage.mean(10.0) == pytest.approx(0.5)
    assert usage.mean(100.0) < 0.01


def test_a_burst_of_calls_is_not_all_let_in_before_the_first_one_speaks() -> None:
    pool = SpeechPool(SpeechPoolSettings(workers=2, max_calls=100, most_busy=0.75))

    async def main() -> list[bool]:
        with pool.admit():
            return [pool.expect_call() for _ in range(40)]

    answers = run_virtual(main())

    pool.close()
    assert answers == sorted(answers, reverse=True)
    assert 5 < sum(answers) < 30


@pytest.mark.parametrize(
    "settings",
    [
        SpeechPoolSettings(workers=2),
        SpeechPoolSettings(workers=2, max_calls=5),
        SpeechPoolSettings(workers=1, most_busy=0.01),
    ],
    ids=["load", "places", "tiny"],
)
def test_it_says_beforehand_how_many_calls_it_takes(settings: SpeechPoolSettings) -> None:
    """Whoever dials asks before anybody is rung; expecting none, it may ask again."""
    pool = SpeechPool(settings)

    async def main() -> tuple[int, int, int]:
        with pool.admit():
            said, again = pool.spare_calls, pool.spare_calls
            return said, again, sum(pool.expect_call() for _ in range(40) if pool.calls < settings.max_calls)

    said, again, taken = run_virtual(main())

    pool.close()
    assert said == again
    assert said <= taken
    assert said == min(taken, settings.max_calls - 1)


def test_calls_are_refused_while_the_workers_are_busy_and_taken_again_afterwards() -> None:
    pool = SpeechPool(SpeechPoolSettings(workers=1, max_calls=100, most_busy=0.5))

    async def main() -> tuple[bool, bool]:
        with pool.admit():
            pool._count(1)
            await asyncio.sleep(60)
            busy = pool.expect_call()
            pool._count(0)
            await asyncio.sleep(60)
            return busy, pool.expect_call()

    refused, taken = run_virtual(main())

    pool.close()
    assert (refused, taken) == (False, True)


def test_an_idle_process_takes_a_call_whatever_its_measure_says() -> None:
    pool = SpeechPool(SpeechPoolSettings(workers=1, most_busy=0.01))

    async def main() -> bool:
        return pool.expect_call()

    taken = run_virtual(main())

    pool.close()
    assert taken


def test_no_more_calls_are_expected_than_have_places() -> None:
    pool = SpeechPool(SpeechPoolSettings(workers=4, max_calls=1))

    async def main() -> bool:
        with pool.admit():
            return pool.expect_call()

    taken = run_virtual(main())

    pool.close()
    assert not taken


async def test_calls_are_refused_while_the_models_answer_late() -> None:
    pool = SpeechPool(SpeechPoolSettings(workers=1, most_busy=1000, most_delay_s=0.001))
    gate = Gate()

    with pool.admit():
        before = pool.expect_call()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(pool.run(Urgency.FINAL, gate.job))
            await started(pool)
            asyncio.get_running_loop().call_later(0.05, gate.open)
        after = pool.expect_call()

    pool.close()
    assert (before, after) == (True, False)
