"""A process's heart: what it says when, and how long a drain waits for whoever is being rung."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from tests.web.fakes import FakeEngine
from voice_engine.clock import run_virtual
from voice_engine.domains.calls.media import NOTHING, Capacity
from voice_engine.errors import UpstreamFailed
from voice_engine.web.drain import RINGING_S, Drain
from voice_engine.web.heart import BEAT_S, DRAINING_BEAT_S, MediaHeart

AWAY = UpstreamFailed("database_busy", "away", provider="database", retryable=True)


class _Process:
    """A heart that beats into a list, with its times."""

    def __init__(self) -> None:
        self.engine = FakeEngine()
        self.clock = asyncio.get_running_loop().time
        self.drain = Drain(self.engine, timeout_s=900, farewell_s=20, now=self.clock)
        self.free = 3
        self.ringing = 0
        self.faults = 0
        self.said: list[tuple[float, Capacity]] = []
        self.before: list[Capacity] = []
        self.heart = MediaHeart(self.say, self.capacity, self.drain)

    def capacity(self) -> Capacity:
        free = 0 if self.drain.draining else self.free
        return Capacity(places=free, free=free, draining=self.drain.draining)

    async def say(self, capacity: Capacity, *, before: Capacity) -> int:
        if self.faults:
            self.faults -= 1
            raise AWAY
        self.said.append((round(self.clock(), 3), capacity))
        self.before.append(before)
        return self.ringing

    async def done_after(self) -> float:
        """When the drain is done, in seconds from now."""
        begun_at = self.clock()
        while not self.drain.done():  # noqa: ASYNC110  # the server's tick
            await asyncio.sleep(0.1)
        return round(self.clock() - begun_at, 1)


def beating(act: Callable[[_Process], Awaitable[Any]]) -> tuple[_Process, Any]:
    async def main() -> tuple[_Process, Any]:
        process = _Process()
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(process.heart.run())
            result = await act(process)
            running.cancel()
        return process, result

    return run_virtual(main())


def test_it_says_at_once_what_it_can_hold_and_again_and_again() -> None:
    async def act(process: _Process) -> None:
        await asyncio.sleep(1)
        process.free = 2
        await asyncio.sleep(BEAT_S)

    process, _ = beating(act)

    three, two = Capacity(places=3, free=3), Capacity(places=2, free=2)
    assert process.said == [(0.0, three), (BEAT_S, two)]
    assert process.before == [NOTHING, three]


def test_that_it_drains_is_said_at_once() -> None:
    """Until whoever dials knows it, people are rung whom nobody will talk to."""

    async def act(process: _Process) -> None:
        await asyncio.sleep(1)
        process.drain.begin()
        await asyncio.sleep(0.01)

    process, _ = beating(act)

    assert process.said[-1] == (1.0, Capacity(places=0, free=0, draining=True))


def test_a_drain_without_calls_is_over_once_it_is_known_that_nobody_is_being_rung() -> None:
    async def act(process: _Process) -> tuple[bool, float]:
        await asyncio.sleep(1)
        process.drain.begin()
        return process.drain.done(), await process.done_after()

    _, (at_once, after_s) = beating(act)

    assert (at_once, after_s) == (False, 0.1)


def test_a_drain_waits_for_whoever_is_being_rung() -> None:
    """They pick up, and are talked to; or they do not."""

    async def act(process: _Process) -> tuple[bool, float]:
        process.ringing = 1
        process.drain.begin()
        await asyncio.sleep(30)
        waits = not process.drain.done()
        process.ringing = 0
        return waits, await process.done_after()

    _, (waits, after_s) = beating(act)

    assert waits
    assert after_s <= DRAINING_BEAT_S + 0.1


def test_a_drain_does_not_wait_longer_than_anybody_rings() -> None:
    async def act(process: _Process) -> float:
        process.ringing = 1
        process.drain.begin()
        return await process.done_after()

    _, after_s = beating(act)

    assert RINGING_S <= after_s < RINGING_S + 1


def test_a_database_that_is_away_costs_a_beat() -> None:
    async def act(process: _Process) -> None:
        process.faults = 1
        await asyncio.sleep(BEAT_S + 1)

    process, _ = beating(act)

    assert [at_s for at_s, _ in process.said] == [BEAT_S]
