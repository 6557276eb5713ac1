"""Durable engines for tests: one that remembers steps as the real one does, without a database or threads."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from voice_engine.jobs.attempt import EngineStopped, Record, RunStep
from voice_engine.jobs.ledger import Taken
from voice_engine.jobs.workflows import Execute, Held, Progress, workflow_id


class MemorySteps:
    """Steps of attempts, kept over "crashes" as long as the object lives; `broken` refuses every step."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Record]] = {}
        self.broken = False

    def of(self, name: str) -> RunStep:
        """How the attempt of this name runs its steps."""
        kept = self.records.setdefault(name, {})

        async def run_step(step: str, do: Callable[[], Awaitable[Record]]) -> Record:
            if self.broken:
                raise EngineStopped("broken")
            if step not in kept:
                kept[step] = await do()
            return kept[step]

        return run_step


class MemoryWorkflows:
    """`Workflows` in memory: attempts are tasks of `group`; what a test puts into `views` is what it answers."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self._execute: Execute | None = None
        self.steps = MemorySteps()
        self.started: list[Taken] = []
        self.resumed: list[Taken] = []
        self.views: dict[str, Held] = {}
        self.closed = False

    def open(self, execute: Execute) -> None:
        self._execute = execute

    async def start(self, taken: Taken) -> None:
        name = workflow_id(taken)
        if name in self.steps.records:
            return
        self.started.append(taken)
        assert self._execute is not None
        run = self._execute(taken.job_id, taken.attempt, self.steps.of(name))
        self._group.create_task(_finished(run))

    async def held(self, taken: Sequence[Taken]) -> Mapping[str, Held]:
        unknown = Held(progress=Progress.UNKNOWN)
        return {each.job_id: self.views.get(each.job_id, unknown) for each in taken}

    async def resume(self, taken: Sequence[Taken]) -> None:
        self.resumed += taken

    async def memory(self, taken: Taken) -> Mapping[str, Any]:
        records = self.steps.records.get(workflow_id(taken), {})
        return {name: record["value"] for name, record in records.items() if "value" in record}

    async def forget(self, *, ended_before: dt.datetime, most: int) -> int:
        del ended_before, most
        return 0

    async def close(self) -> None:
        self.closed = True


async def _finished(run: Awaitable[None]) -> None:
    try:
        await run
    except EngineStopped:
        return
