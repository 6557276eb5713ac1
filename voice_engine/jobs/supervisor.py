"""A child process that is kept running: `serve` starts a worker, restarts it when it dies, stops it at drain.

The child has a pipe as its standard input: when the parent dies, however it dies, the child reads the end of it and
drains by itself.
"""

import asyncio
import contextlib
import random
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPolicy:
    """Times in seconds. Pauses double from `first_s` to `longest_s`; a child that lived `steady_s` begins anew."""

    first_s: float = 0.5
    longest_s: float = 30.0
    steady_s: float = 60.0
    stop_s: float = 40.0
    """How long SIGTERM may take before SIGKILL; more than the worker's own drain."""

    def pause_s(self, deaths: int, chance: float) -> float:
        """Rest before the next start, after so many deaths in a row (from 1)."""
        full_s = min(self.longest_s, self.first_s * 2.0 ** min(deaths - 1, 16))
        return full_s * (1 - 0.5 * chance)


class Supervisor:
    """Keeps one child running from `run` until `stop`."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        policy: RestartPolicy | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._command = command
        self._policy = policy or RestartPolicy()
        self._chance = chance
        self._stopping = asyncio.Event()
        self._child: Process | None = None
        self.deaths = 0
        """Ends of the child that nobody asked for, in a row."""

    @property
    def pid(self) -> int | None:
        """The child's process id; None: none runs now."""
        return self._child.pid if self._child is not None and self._child.returncode is None else None

    def stop(self) -> None:
        """Have the child drain and `run` return."""
        self._stopping.set()

    async def run(self) -> None:
        """Keep the child running until `stop`; when cancelled, the child is killed."""
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            started_s = loop.time()
            try:
                status = await self._live()
            except OSError as error:
                _log.error("child.start_failed", reason=error.strerror)
                status = None
            if self._stopping.is_set():
                return
            lived_s = loop.time() - started_s
            self.deaths = 1 if lived_s >= self._policy.steady_s else self.deaths + 1
            pause_s = self._policy.pause_s(self.deaths, self._chance())
            _log.warning("child.died", status=status, lived_s=round(lived_s, 1), again_in_s=round(pause_s, 1))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._stopping.wait()

    async def _live(self) -> int:
        """One life of the child: its exit status, negative for a signal."""
        child = self._child = await asyncio.create_subprocess_exec(*self._command, stdin=PIPE, stdout=DEVNULL)
        _log.info("child.started", pid=child.pid)
        try:
            async with asyncio.TaskGroup() as group:
                ending = group.create_task(self._end(child))
                status = await child.wait()
                ending.cancel()
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        return status

    async def _end(self, child: Process) -> None:
        await self._stopping.wait()
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(signal.SIGTERM)
        await asyncio.sleep(self._policy.stop_s)
        _log.error("child.killed", pid=child.pid)
        with contextlib.suppress(ProcessLookupError):
            child.kill()
