"""Work to be done after a commit, written in the same transaction: what is not committed is never done.

The worker (`jobs`) takes rows over; `key` makes a second enqueue of the same work a no-op.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.ports.jobs import JOBS_TOPIC
from voice_engine.store.rows import Row, id_column, new_id
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows, insert_once


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of durable work. `payload` holds ids, not objects; `due_at` None means at once.

    `key` names the work: a job with a key that is known, done or not, is not queued again.
    """

    kind: str
    payload: dict[str, Any] = field(default_factory=dict)
    key: str | None = None
    due_at: dt.datetime | None = None


class OutboxRow(Row):
    """A job on its way to the worker."""

    __tablename__ = "outbox"

    id: Mapped[str] = id_column()
    kind: Mapped[str] = mapped_column(sa.String(64))
    payload: Mapped[dict[str, Any]]
    key: Mapped[str | None] = mapped_column(sa.String(200), unique=True)
    due_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=lambda: dt.datetime.now(dt.UTC))
    taken_at: Mapped[dt.datetime | None]
    cancelled_at: Mapped[dt.datetime | None]

    __table_args__ = (sa.Index("ix_outbox_waiting", "taken_at", "cancelled_at", "due_at"),)


async def enqueue(work: UnitOfWork, job: Job) -> str | None:
    """Write the job in this unit of work; its id, or None when a job of that key is known already."""
    row_id = new_id()
    written = await insert_once(
        work,
        OutboxRow,
        {
            "id": row_id,
            "kind": job.kind,
            "payload": job.payload,
            "key": job.key,
            "due_at": job.due_at,
            "created_at": dt.datetime.now(dt.UTC),
        },
    )
    if not written:
        return None
    work.wake(JOBS_TOPIC)
    return row_id


async def cancel(work: UnitOfWork, *, key: str) -> bool:
    """Take back a job that no worker has taken over yet; False when it is too late or unknown."""
    waiting = (OutboxRow.key == key, OutboxRow.taken_at.is_(None), OutboxRow.cancelled_at.is_(None))
    withdrawn = sa.update(OutboxRow).where(*waiting).values(cancelled_at=dt.datetime.now(dt.UTC))
    return bool(await changed_rows(work, withdrawn))
