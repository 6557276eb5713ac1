"""A child that is kept running, stopped in order, and does not outlive its parent."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from voice_engine.jobs.supervisor import RestartPolicy, Supervisor

pytestmark = pytest.mark.slow

QUICK = RestartPolicy(first_s=0.05, longest_s=0.2, stop_s=0.5)

CHILD = """
import pathlib, signal, sys, time
path, stubborn = pathlib.Path(sys.argv[1]), sys.argv[2:] == ["stubborn"]
def end(*_):
    with path.open("a") as file: file.write("term\\n")
    if not stubborn: sys.exit(0)
signal.signal(signal.SIGTERM, end)
with path.open("a") as file: file.write("up\\n")
sys.stdin.read()
with path.open("a") as file: file.write("orphan\\n")
"""


class Child:
    def __init__(self, path: Path, *options: str) -> None:
        self._path = path
        self.command = [sys.executable, "-c", CHILD, str(path), *options]

    def lines(self) -> list[str]:
        return self._path.read_text().splitlines() if self._path.exists() else []

    async def until(self, *lines: str) -> None:
        async with asyncio.timeout(10):
            while self.lines() != list(lines):  # noqa: ASYNC110  # the child writes them
                await asyncio.sleep(0.02)


@asynccontextmanager
async def supervised(child: Child, policy: RestartPolicy = QUICK) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(child.command, policy=policy, chance=lambda: 0.0)
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        group.create_task(supervisor.run())
        try:
            yield supervisor
        finally:
            supervisor.stop()


async def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    child = Child(tmp_path / "lines")
    async with supervised(child) as supervisor:
        await child.until("up")
        assert supervisor.pid is not None
        os.kill(supervisor.pid, signal.SIGKILL)
        await child.until("up", "up")

        assert supervisor.deaths == 1
    assert child.lines() == ["up", "up", "term"]


async def test_stop_asks_and_waits(tmp_path: Path) -> None:
    child = Child(tmp_path / "lines")
    async with supervised(child) as supervisor:
        await child.until("up")

    assert child.lines() == ["up", "term"]
    assert supervisor.pid is None


async def test_a_child_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    child = Child(tmp_path / "lines", "stubborn")
    async with supervised(child) as supervisor:
        await child.until("up")

    assert child.lines() == ["up", "term"]
    assert supervisor.pid is None


async def test_a_command_that_is_none_is_tried_again_and_can_be_stopped(tmp_path: Path) -> None:
    child = Child(tmp_path / "lines")
    child.command = [str(tmp_path / "nowhere")]
    async with supervised(child) as supervisor:
        async with asyncio.timeout(5):
            while supervisor.deaths < 2:  # noqa: ASYNC110  # it counts while we look
                await asyncio.sleep(0.02)


async def test_a_child_learns_of_its_parents_death(tmp_path: Path) -> None:
    """Its standard input ends, however the parent ended."""
    child = Child(tmp_path / "lines")
    script = f"""
import asyncio, os, sys
from voice_engine.jobs.supervisor import Supervisor
async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(Supervisor({child.command!r}).run())
        while not os.path.exists({str(tmp_path / "lines")!r}): await asyncio.sleep(0.02)
        os.kill(os.getpid(), 9)
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
    await parent.wait()

    await child.until("up", "orphan")


def test_pauses_grow_and_are_bounded() -> None:
    policy = RestartPolicy(first_s=0.5, longest_s=30)

    assert [policy.pause_s(deaths, 0.0) for deaths in (1, 2, 3, 8, 100)] == [0.5, 1, 2, 30, 30]
    assert policy.pause_s(3, 1.0) == 1.0
