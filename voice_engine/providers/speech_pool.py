"""One process's worker threads for local speech models: bounded, by urgency, with admission control.

Models release the interpreter lock while they compute, so threads suffice; how many run at once, and how
many calls may lean on them, is decided here and nowhere else.
"""

import asyncio
import heapq
import itertools
import math
import sys
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from voice_engine.clock import is_virtual
from voice_engine.errors import QuotaExceeded
from voice_engine.providers.priority import give_way

T = TypeVar("T")

_SWITCH_INTERVAL_S = 0.001
"""The interpreter's own is 5 ms: so long would the loop wait for a worker that runs Python code."""

_USAGE_TAU_S = 15.0
"""Over what time the workers' use is averaged: a few turns of each call."""

_EXPECTED_CALL_LOAD = 0.15
"""Workers that a call is expected to keep busy until its own work shows: twice what a Spanish one does (English:
0.03), because what it needs shows a quarter of a minute after it was let in, and it cannot be sent away then."""

_ROUNDING = 1e-6
"""What sums of loads are off by: a call that just fits, fits."""

_DELAY_WEIGHT = 0.2
"""Of the newest recognition in the mean: some five are remembered."""


class Urgency(IntEnum):
    """Who goes first when all workers are busy; smaller is sooner."""

    FINAL = 0
    SPEAK = 1
    PAUSE = 2
    INTERIM = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechPoolSettings:
    """Limits of local speech in one process.

    `workers`: jobs at once (1 a core). `max_calls`: recognizer streams open at once (24
    English callers were answered in time on two cores: benchmarks/speech/capacity.py).
    `max_queued`: jobs that may wait; finals are exempt, because `max_calls` bounds them already.
    `most_busy`: the share of the workers' time, 0 to 1, and `most_delay_s`: the mean time of a recognition, its
    wait included, beyond which `expect_call` refuses. The silence that ends the caller's turn hides 0.5 s of it.
    """

    workers: int = 2
    max_calls: int = 24
    max_queued: int = 64
    most_busy: float = 0.6
    most_delay_s: float = 0.5


class Usage:
    """How many workers were busy, averaged with an exponential window. Times are the caller's, in seconds."""

    def __init__(self) -> None:
        self._running = 0
        self._mean = 0.0
        self._at_s = 0.0

    def mean(self, now_s: float) -> float:
        """The average at `now_s`, in workers."""
        decay = math.exp(-max(0.0, now_s - self._at_s) / _USAGE_TAU_S)
        return self._running + (self._mean - self._running) * decay

    def changed(self, running: int, now_s: float) -> None:
        """From `now_s` on so many workers are busy."""
        self._mean, self._at_s, self._running = self.mean(now_s), now_s, running

    def expect(self, workers: float, now_s: float) -> None:
        """Work that is about to come; forgotten at the rate at which the real work shows."""
        self._mean, self._at_s = self.mean(now_s) + workers, now_s


class SpeechPool:
    """Runs synchronous model calls off the event loop. Belongs to one event loop at a time.

    On a `VirtualTimeLoop` jobs run inline, at once and unbounded: media time stands still meanwhile.
    """

    def __init__(self, settings: SpeechPoolSettings | None = None) -> None:
        self._settings = settings or SpeechPoolSettings()
        self._executor = ThreadPoolExecutor(
            self._settings.workers, thread_name_prefix="speech", initializer=give_way
        )
        # The event loop waits at most this long for the interpreter while a worker runs Python code.
        sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH_INTERVAL_S))
        self._running = 0
        self._usage = Usage()
        self._delay_s = 0.0
        self._waiting: list[tuple[Urgency, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._calls = 0

    @property
    def busy(self) -> bool:
        """Whether a job handed in now would have to wait."""
        return self._running >= self._settings.workers

    @property
    def calls(self) -> int:
        """Admitted recognizer streams that are open now."""
        return self._calls

    @property
    def busy_share(self) -> float:
        """The share of the workers' time in use, 0 to 1, over the last quarter of a minute."""
        return self._usage.mean(_now_s()) / self._settings.workers

    def expect_call(self) -> bool:
        """Whether one more call would still be answered in time; if so, its work is expected from now on.

        Judged by what the workers measured, not by the number of calls: calls differ, and so do machines.
        """
        now_s = _now_s()
        if self._calls >= self._settings.max_calls:
            return False
        ahead = (self._usage.mean(now_s) + _EXPECTED_CALL_LOAD) / self._settings.workers
        late = self._delay_s > self._settings.most_delay_s
        if self._calls and (late or ahead > self._settings.most_busy):
            return False
        self._usage.expect(_EXPECTED_CALL_LOAD, now_s)
        return True

    @property
    def spare_calls(self) -> int:
        """How many calls in a row `expect_call` would take now: by the same measure, without expecting them."""
        left = max(0, self._settings.max_calls - self._calls)
        if self._calls and self._delay_s > self._settings.most_delay_s:
            return 0
        free = self._settings.most_busy * self._settings.workers - self._usage.mean(_now_s())
        fit = max(0, math.floor(free / _EXPECTED_CALL_LOAD + _ROUNDING))
        return min(left, fit if self._calls else max(1, fit))

    @contextmanager
    def admit(self) -> Generator[None, None, None]:
        """Hold one of the `max_calls` places. Raises QuotaExceeded (`stt_busy`) when all are taken."""
        if self._calls >= self._settings.max_calls:
            raise QuotaExceeded(
                "stt_busy", f"All {self._settings.max_calls} places for local speech recognition are taken."
            )
        self._calls += 1
        try:
            yield
        finally:
            self._calls -= 1

    async def run(self, urgency: Urgency, job: Callable[[], T]) -> T:
        """Run `job` on a worker and return its result; waits for a worker in order of urgency.

        A cancelled wait leaves the queue; a cancelled run keeps its worker until the job ends.

        Raises:
            QuotaExceeded: `speech_busy`, when `max_queued` jobs wait already (never for finals).
        """
        if is_virtual():
            return await asyncio.get_running_loop().run_in_executor(None, job)
        loop = asyncio.get_running_loop()
        asked_s = loop.time()
        await self._take_worker(urgency)
        try:
            running: Future[T] = self._executor.submit(job)
        except BaseException:
            self._free_worker()
            raise
        running.add_done_callback(lambda _: _call_in(loop, self._free_worker))
        result = await asyncio.wrap_future(running)
        if urgency in {Urgency.FINAL, Urgency.PAUSE}:
            self._delay_s += _DELAY_WEIGHT * (loop.time() - asked_s - self._delay_s)
        return result

    def close(self) -> None:
        """Let running jobs end and stop the workers."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    async def _take_worker(self, urgency: Urgency) -> None:
        if not self.busy:
            self._count(self._running + 1)
            return
        if urgency is not Urgency.FINAL and len(self._waiting) >= self._settings.max_queued:
            raise QuotaExceeded("speech_busy", "Local speech models have more work queued than they can finish.")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (urgency, next(self._order), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._free_worker()
            raise

    def _free_worker(self) -> None:
        """Hand the worker to the most urgent waiter, or count it free."""
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._count(self._running - 1)

    def _count(self, running: int) -> None:
        self._running = running
        self._usage.changed(running, _now_s())


def _now_s() -> float:
    return asyncio.get_running_loop().time()


def _call_in(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(callback)
