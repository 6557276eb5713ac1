"""Steps of an attempt: once a name, remembered as JSON, errors raised alike at first and on replay."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.jobs.engines import MemorySteps
from voice_engine.errors import Conflict, NotFound, UpstreamFailed, VoiceEngineError
from voice_engine.jobs.attempt import EngineStopped, JobAttempt, describe, rebuild
from voice_engine.jobs.lease import Lease
from voice_engine.ports.jobs import StepFailed

Run = Callable[[Coroutine[Any, Any, Any]], Any]


def good_lease() -> Lease:
    lease = Lease(length_s=1e9, now_s=lambda: 0.0)
    lease.renew(asked_at_s=0.0)
    return lease


def attempt(
    steps: MemorySteps,
    *,
    number: int = 1,
    memory: dict[str, Any] | None = None,
    lease: Lease | None = None,
) -> JobAttempt:
    return JobAttempt(
        "j1", number=number, most=2, memory=memory or {}, run_step=steps.of("j1"), lease=lease or good_lease()
    )


class Counting:
    """A step's body that counts its runs."""

    def __init__(self, result: Any = None, error: Exception | None = None) -> None:
        self.result, self.error, self.runs = result, error, 0

    async def __call__(self) -> Any:
        self.runs += 1
        if self.error is not None:
            raise self.error
        return self.result


async def test_a_replay_gives_the_result_without_doing_the_step() -> None:
    steps, dial = MemorySteps(), Counting({"sid": "CA1", "parts": (1, 2)})

    first = await attempt(steps).step("dial", dial)
    replayed = await attempt(steps).step("dial", dial)

    assert first == replayed == {"sid": "CA1", "parts": [1, 2]}
    assert dial.runs == 1


async def test_a_later_attempt_has_the_steps_of_the_earlier() -> None:
    first, dial = attempt(MemorySteps()), Counting("CA1")
    await first.step("dial", dial)

    again = attempt(MemorySteps(), number=2, memory=first.memory)

    assert await again.step("dial", dial) == "CA1"
    assert dial.runs == 1


async def test_a_failed_step_is_done_again_in_the_next_attempt() -> None:
    first, dial = attempt(MemorySteps()), Counting(error=NotFound("call_not_found", "gone"))
    with pytest.raises(NotFound):
        await first.step("dial", dial)

    again = attempt(MemorySteps(), number=2, memory=first.memory)
    dial.error = None
    await again.step("dial", dial)

    assert dial.runs == 2


async def test_a_replayed_failure_is_the_same_kind_of_error() -> None:
    steps = MemorySteps()
    busy = Counting(error=UpstreamFailed("busy", "try later", provider="carrier", retryable=True))

    caught = []
    for _ in range(2):
        with pytest.raises(UpstreamFailed) as refused:
            await attempt(steps).step("dial", busy)
        caught.append((refused.value.code, refused.value.provider, refused.value.retryable))

    assert caught == [("busy", "carrier", True)] * 2
    assert busy.runs == 1


async def test_of_a_strange_error_only_the_class_is_kept() -> None:
    """Its text may hold anybody's words."""
    with pytest.raises(StepFailed) as failed:
        await attempt(MemorySteps()).step("dial", Counting(error=KeyError("+15551234567")))

    assert (failed.value.code, failed.value.message) == ("step_failed", "KeyError")
    assert isinstance(failed.value.__cause__, KeyError)


async def test_a_result_that_is_no_json_is_the_steps_failure() -> None:
    with pytest.raises(StepFailed, match="TypeError"):
        await attempt(MemorySteps()).step("dial", Counting(object()))


async def test_two_bodies_under_one_name_are_a_bug() -> None:
    running = attempt(MemorySteps())
    await running.step("dial", Counting())

    with pytest.raises(ValueError, match="two bodies"):
        await running.step("dial", Counting())


async def test_a_handler_cannot_swallow_that_the_engine_stopped() -> None:
    steps = MemorySteps()
    steps.broken = True

    async def handler() -> None:
        with contextlib.suppress(Exception):  # what a careless handler does
            await attempt(steps).step("dial", Counting())

    with pytest.raises(EngineStopped):
        await handler()


@pytest.mark.parametrize(
    "error",
    [Conflict("taken", "by another", details={"by": "w2"}), NotFound("gone", "it is"), StepFailed("a", "b")],
)
def test_an_error_comes_back_as_it_was_told(error: VoiceEngineError) -> None:
    back = rebuild(describe(error))

    assert (type(back), back.code, back.message, back.details) == (
        type(error), error.code, error.message, error.details
    )  # fmt: skip


def test_a_step_waits_for_the_lease(virtual: Run) -> None:
    """A worker that was asleep may be fenced off: it asks first."""

    async def main() -> tuple[int, int]:
        loop = asyncio.get_running_loop()
        lease = Lease(length_s=8.0, now_s=loop.time)
        dial = Counting()
        async with asyncio.TaskGroup() as group:
            group.create_task(attempt(MemorySteps(), lease=lease).step("dial", dial))
            await asyncio.sleep(5)
            before = dial.runs
            lease.renew(asked_at_s=loop.time())
        return before, dial.runs

    assert virtual(main()) == (0, 1)


def test_a_lease_counts_from_when_the_beat_was_asked_for(virtual: Run) -> None:
    """Not from when the database answered: it may have taken long."""

    async def main() -> list[bool]:
        lease = Lease(length_s=8.0, now_s=asyncio.get_running_loop().time)
        await asyncio.sleep(6)
        lease.renew(asked_at_s=0.0)
        goods = [lease.is_good]
        await asyncio.sleep(2)
        return [*goods, lease.is_good]

    assert virtual(main()) == [True, False]
