"""A worker with a book of its own, for the tests that kill processes: `python -m tests.jobs.worker_process …`.

Handlers tell what they do by lines in a file; `hold` steps wait until a file named `go` is there.
"""

import asyncio
import datetime as dt
import random
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from voice_engine.bus.opening import open_bus
from voice_engine.jobs.durable import DurableEngine
from voice_engine.jobs.heart import FencedOff, Pulse
from voice_engine.jobs.sweep import SweepSettings
from voice_engine.jobs.worker import Worker, WorkerSettings
from voice_engine.ports.jobs import Attempt, CronEntry, JobBook, JobKind, JobQueue, RetryPolicy, job_book
from voice_engine.store.engine import open_store
from voice_engine.telemetry.logging import configure_logging

FAST = WorkerSettings(
    pulse=Pulse(beat_s=0.2, lease_s=0.8, dead_s=1.2),
    sweep=SweepSettings(every_s=0.3, patience_s=3.0),
    drain_s=2.0,
)


class Diary:
    """What the handlers did, over all processes: one line each."""

    def __init__(self, directory: Path, worker: str) -> None:
        self._directory = directory
        self._worker = worker

    def write(self, *words: object) -> None:
        line = " ".join(map(str, (*words, self._worker))) + "\n"
        with (self._directory / "diary").open("ab", buffering=0) as file:
            file.write(line.encode())

    async def gate(self) -> None:
        while not (self._directory / "go").exists():  # noqa: ASYNC110  # another process makes it
            await asyncio.sleep(0.02)


class Plain:
    """Notes the job and how long after its time it began, in milliseconds."""

    def __init__(self, diary: Diary) -> None:
        self._diary = diary

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        begun = dt.datetime.now(dt.UTC).timestamp()
        self._diary.write("plain", payload.get("name"), round((begun - payload.get("at", begun)) * 1000))


class Steps:
    """Three steps, of which the second waits at the gate."""

    def __init__(self, diary: Diary) -> None:
        self._diary = diary

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        name = payload["name"]

        async def first() -> dict[str, str]:
            self._diary.write("first", name)
            return {"call_sid": "CA1"}

        async def hold() -> None:
            self._diary.write("hold", name)
            await self._diary.gate()

        async def last() -> None:
            self._diary.write("last", name)

        assert await attempt.step("first", first) == {"call_sid": "CA1"}
        await attempt.step("hold", hold)
        await attempt.step("last", last)


class Flaky:
    """Does its one step, then fails twice."""

    def __init__(self, diary: Diary) -> None:
        self._diary = diary

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        async def once() -> None:
            self._diary.write("once", payload["name"])

        await attempt.step("once", once)
        self._diary.write("try", payload["name"], attempt.number)
        if attempt.number < 3:
            raise RuntimeError("not yet")


def book(diary: Diary, *, cron: bool) -> JobBook:
    quick = RetryPolicy(attempts=3, first_s=0.05, factor=1)
    kinds = [
        JobKind(name="plain", handler=Plain(diary)),
        JobKind(name="steps", handler=Steps(diary)),
        JobKind(name="single", handler=Steps(diary), queue="single"),
        JobKind(name="flaky", handler=Flaky(diary), retry=quick),
        JobKind(name="tick", handler=Plain(diary)),
    ]
    crons = [CronEntry(name="tick", kind="tick", every_s=1)] if cron else []
    return job_book(kinds, [JobQueue(name="single", concurrency=1)], crons)


async def main(url: str, directory: Path, name: str, cron: bool) -> int:
    store = open_store(url)
    try:
        async with open_bus(url, directory) as bus:
            engine = DurableEngine(url, data_dir=directory, executor=name)
            diary = Diary(directory, name)
            worker = Worker(
                store, bus, book(diary, cron=cron), engine,
                executor=name, settings=FAST, now=lambda: dt.datetime.now(dt.UTC), chance=random.random,
            )  # fmt: skip
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.drain)
            diary.write("up")
            await worker.run()
    except FencedOff:
        return 75
    finally:
        await store.aclose()
    return 0


if __name__ == "__main__":
    configure_logging(output="console", level="info")
    sys.exit(asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], "cron" in sys.argv[4:])))
