"""Durable work without a worker: a test writes outbox rows through its service, then runs them here, in order.

What a handler enqueues is run too; a failed attempt is repeated at once, as often as its kind allows, with the
memory of its steps. Rows of kinds that no handler was given for stay where they are.
"""

import datetime as dt
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa

from voice_engine.ports.jobs import JobKind, is_final
from voice_engine.store.engine import Store
from voice_engine.store.outbox import OutboxRow

T = TypeVar("T")


@dataclass(slots=True)
class InlineAttempt:
    """`Attempt` whose memory is a dictionary; results go through JSON, as they do in the real thing."""

    job_id: str
    number: int
    most: int
    memory: dict[str, str] = field(default_factory=dict)

    @property
    def is_last(self) -> bool:
        return self.number >= self.most

    async def step(self, name: str, do: Callable[[], Awaitable[T]]) -> T:
        if name not in self.memory:
            self.memory[name] = json.dumps(await do())
        result: T = json.loads(self.memory[name])
        return result


@dataclass(frozen=True, slots=True)
class RanJob:
    """A job that was run: `error` is the last attempt's, None when it was done."""

    id: str
    kind: str
    payload: dict[str, Any]
    attempts: int
    error: Exception | None


class InlineJobs:
    """Runs what is due by `now()`; `ran` tells what was."""

    def __init__(
        self,
        store: Store,
        kinds: Iterable[JobKind],
        *,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._store = store
        self._kinds = {kind.name: kind for kind in kinds}
        self._now = now
        self.ran: list[RanJob] = []

    async def run_due(self) -> list[RanJob]:
        """Run jobs until none is due, oldest first; those of this call."""
        before = len(self.ran)
        while (row := await self._take()) is not None:
            self.ran.append(await self._run(row))
        return self.ran[before:]

    async def waiting(self, kind: str | None = None) -> list[OutboxRow]:
        """The rows that are neither taken nor cancelled, soonest first."""
        async with self._store.system("tests: the outbox", writes=False) as work:
            of_kind = sa.true() if kind is None else OutboxRow.kind == kind
            rows = list(await work.session.scalars(self._open().where(of_kind)))
            work.session.expunge_all()
            return rows

    @staticmethod
    def _open() -> sa.Select[OutboxRow]:
        soonest = sa.func.coalesce(OutboxRow.due_at, OutboxRow.created_at)
        return (
            sa.select(OutboxRow)
            .where(OutboxRow.taken_at.is_(None), OutboxRow.cancelled_at.is_(None))
            .order_by(soonest, OutboxRow.created_at, OutboxRow.id)
        )

    async def _take(self) -> OutboxRow | None:
        due = sa.or_(OutboxRow.due_at.is_(None), OutboxRow.due_at <= self._now())
        async with self._store.system("tests: take a job") as work:
            ready = self._open().where(due, OutboxRow.kind.in_(self._kinds)).limit(1)
            row: OutboxRow | None = await work.session.scalar(ready)
            if row is not None:
                row.taken_at = self._now()
            return row

    async def _run(self, row: OutboxRow) -> RanJob:
        kind = self._kinds[row.kind]
        memory: dict[str, str] = {}
        error: Exception | None = None
        number = 0
        for number in range(1, kind.retry.attempts + 1):
            try:
                await kind.handler.run(
                    row.payload,
                    InlineAttempt(job_id=row.id, number=number, most=kind.retry.attempts, memory=memory),
                )
            except Exception as failure:  # noqa: BLE001  # the edge of a job
                error = failure
                if is_final(failure):
                    break
            else:
                error = None
                break
        return RanJob(row.id, row.kind, row.payload, number, error)
