"""An installation with real worker processes, for tests that start, stop and kill them."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from voice_engine.bus.opening import open_bus
from voice_engine.jobs.models import JobRunRow
from voice_engine.store import outbox
from voice_engine.store.engine import Store, open_store
from voice_engine.store.outbox import Job

ROOT = Path(__file__).parents[2]
LOOK_S = 0.03


class Installation:
    """One database, one directory, some workers. `close` ends every process that was started."""

    def __init__(self, url: str, directory: Path) -> None:
        self._url = url
        self._directory = directory
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.store: Store = open_store(url)

    async def start(self, name: str, *options: str) -> None:
        """Start a worker and wait until it is up."""
        ups = self.diary().count(f"up {name}")
        self._spawn(name, options)
        await self.until(lambda lines: lines.count(f"up {name}") > ups)

    def _spawn(self, name: str, options: tuple[str, ...]) -> None:
        command = [sys.executable, "-m", "tests.jobs.worker_process", self._url, str(self._directory), name]
        with (self._directory / f"{name}.log").open("ab") as log:
            self._processes[name] = subprocess.Popen([*command, *options], cwd=ROOT, stdout=log, stderr=log)

    async def freeze(self, name: str) -> None:
        """Stop a worker where it stands, but not inside a transaction: on SQLite that would stop everybody."""
        while True:
            self.send(name, signal.SIGSTOP)
            if all(_is_writable(path) for path in self._directory.parent.rglob("*.db")):
                return
            self.send(name, signal.SIGCONT)
            await asyncio.sleep(LOOK_S)

    def send(self, name: str, number: signal.Signals) -> None:
        """Send a signal to one of our workers."""
        self._processes[name].send_signal(number)

    async def ended(self, name: str) -> int:
        """The exit status of a worker that ends by itself."""
        while (status := self._processes[name].poll()) is None:  # noqa: ASYNC110  # another process's doing
            await asyncio.sleep(LOOK_S)
        return status

    async def enqueue(self, *jobs: Job) -> None:
        """Write jobs as a service does, and wake the workers."""
        async with open_bus(self._url, self._directory) as bus:
            self.store.announce = bus.publish
            async with self.store.system("test") as work:
                for job in jobs:
                    await outbox.enqueue(work, job)
            await asyncio.sleep(2 * LOOK_S)
        self.store.announce = None

    def open_gate(self) -> None:
        """Let the steps go on that wait."""
        (self._directory / "go").touch()

    def diary(self) -> list[str]:
        """What the handlers wrote, in order."""
        path = self._directory / "diary"
        return path.read_text().splitlines() if path.exists() else []

    async def until(self, holds: Callable[[list[str]], bool], *, within_s: float = 30.0) -> list[str]:
        """The diary as soon as it is as it should be."""
        try:
            async with asyncio.timeout(within_s):
                while not holds(lines := self.diary()):  # noqa: ASYNC110  # another process's doing
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            raise AssertionError(f"the diary stayed at {self.diary()}; {self._logs()}") from None
        return lines

    async def runs(self) -> list[dict[str, Any]]:
        """Every job that was taken over."""
        columns = (JobRunRow.kind, JobRunRow.state, JobRunRow.attempt, JobRunRow.payload, JobRunRow.log)
        async with self.store.system("test", writes=False) as work:
            return [dict(row._mapping) for row in await work.session.execute(sa.select(*columns))]

    async def settled(self, *states: str, jobs: int = 1, within_s: float = 30.0) -> list[dict[str, Any]]:
        """The runs, as soon as there are so many and each is in one of the states."""
        async with asyncio.timeout(within_s):
            while True:
                runs = await self.runs()
                if len(runs) == jobs and all(run["state"] in states for run in runs):
                    return runs
                await asyncio.sleep(LOOK_S)

    async def close(self) -> None:
        """Kill what still runs."""
        for process in self._processes.values():
            process.kill()
            process.wait()
        await self.store.aclose()

    def _logs(self) -> str:
        return "\n".join(path.read_text()[-3000:] for path in self._directory.glob("*.log"))


def _is_writable(path: Path) -> bool:
    with closing(sqlite3.connect(path, timeout=0.1, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True
