"""A task beside the calls is begun again when it breaks, and never takes its neighbours along."""

import asyncio

import pytest

from voice_engine.clock import run_virtual
from voice_engine.web.keeping import LONGEST_S, keep_running


class _Breaks:
    """Works for `after_s`, then raises, so many times; then ends."""

    def __init__(self, times: int, *, after_s: float = 0.0) -> None:
        self.left = times
        self.after_s = after_s
        self.begun_at: list[float] = []

    async def work(self) -> None:
        self.begun_at.append(asyncio.get_running_loop().time())
        if self.left:
            await asyncio.sleep(self.after_s)
            self.left -= 1
            raise ZeroDivisionError


def test_a_broken_task_is_begun_again_with_longer_pauses() -> None:
    """Not at once: a database that is away would be asked without end."""
    task = _Breaks(9)

    run_virtual(keep_running("desk", task.work))

    pauses = [later - earlier for earlier, later in zip(task.begun_at, task.begun_at[1:], strict=False)]
    assert pauses[:3] == pytest.approx([0.5, 1.0, 2.0])
    assert max(pauses) == pytest.approx(LONGEST_S)


def test_a_task_that_had_recovered_is_begun_again_at_once() -> None:
    """Breaks of a process's whole life do not add up: its calls would be taken for lost in the pause."""
    task = _Breaks(9, after_s=60.0)

    run_virtual(keep_running("desk", task.work))

    pauses = [later - earlier - 60.0 for earlier, later in zip(task.begun_at, task.begun_at[1:], strict=False)]
    assert pauses == pytest.approx([0.5] * 9)


def test_a_neighbour_goes_on_while_it_breaks() -> None:
    """In a plain task group the first error would cancel every call."""

    went_on: list[float] = []

    async def main() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_running("welcome", _Breaks(2).work))
            await asyncio.sleep(5.0)
            went_on.append(5.0)

    run_virtual(main())

    assert went_on == [5.0]


def test_being_cancelled_is_no_reason_to_begin_again() -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    async def main() -> bool:
        async with asyncio.TaskGroup() as tasks:
            kept = tasks.create_task(keep_running("orders", forever))
            await asyncio.sleep(1.0)
            kept.cancel()
        return kept.cancelled()

    assert run_virtual(main())
