"""The worker's own tables: jobs that were taken over, and the workers that are alive.

waiting ─(due)─▶ running ─▶ done
   ▲                │  └──▶ dead      (no attempt left, or the handler's verdict)
   └──(back-off)────┘
waiting ─(cancel)─▶ cancelled
"""

import datetime as dt
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.store.rows import Row, id_column


class RunState(StrEnum):
    """Where a job is that a worker took over."""

    RUNNING = "running"
    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"


class JobRunRow(Row):
    """A job from its take-over on. `id` is the outbox row's.

    `attempt` counts from 1; `adoptions` counts how often an attempt was begun again because its worker died;
    `memory` holds the results of steps by name, for the next attempt; `log` has one entry a failed attempt.
    """

    __tablename__ = "job_runs"

    id: Mapped[str] = id_column()
    kind: Mapped[str] = mapped_column(sa.String(64))
    queue: Mapped[str] = mapped_column(sa.String(64))
    key: Mapped[str | None] = mapped_column(sa.String(200), index=True)
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(sa.String(16))
    attempt: Mapped[int]
    adoptions: Mapped[int] = mapped_column(default=0)
    executor: Mapped[str | None] = mapped_column(sa.String(200))
    due_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
    memory: Mapped[dict[str, Any]] = mapped_column(default=dict)
    log: Mapped[list[Any]] = mapped_column(default=list)

    __table_args__ = (
        sa.Index("ix_job_runs_waiting", "state", "due_at"),
        sa.Index("ix_job_runs_queue", "queue", "state"),
        sa.Index("ix_job_runs_started", "queue", "started_at"),
    )


class JobWorkerRow(Row):
    """A worker that is up. Who finds another `token` in its row, or no row, was given up for dead and must stop."""

    __tablename__ = "job_workers"

    executor: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    token: Mapped[str] = mapped_column(sa.String(36))
    beats: Mapped[int]
    pid: Mapped[int]
    started_at: Mapped[dt.datetime]
    beat_at: Mapped[dt.datetime]
