"""The running of attempts: load the job, let its handler do it, note what became of it.

Knows no durable engine: it is handed a way to run steps. The same attempt may be run again after a crash.
"""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import structlog

from voice_engine.errors import UpstreamFailed, VoiceEngineError
from voice_engine.jobs import ledger
from voice_engine.jobs.attempt import JobAttempt, RunStep
from voice_engine.jobs.heart import Heart
from voice_engine.jobs.ledger import Done, Failed, Outcome, Run
from voice_engine.ports.jobs import CRON_PREFIX, JobBook, JobKind, is_final
from voice_engine.store.engine import Store

MOST_ADOPTIONS = 5
"""A job that was begun so often in one attempt kills its workers: the attempt has failed."""

WRITE_FOR_S = 60.0
"""How long the outcome is tried to be written while the database is away."""

WRITE_PAUSE_S = 0.5

LOST = "attempt_lost"
"""Code of an attempt whose end nobody noted."""

KILLED = "worker_killed"

_log = structlog.get_logger(__name__)


class Execution:
    """Runs attempts for one worker. `chance` gives random numbers in 0..1, for the jitter of pauses; `on_ended` is
    told of every attempt's end: there is room for another.
    """

    def __init__(
        self,
        store: Store,
        book: JobBook,
        heart: Heart,
        *,
        now: Callable[[], dt.datetime],
        chance: Callable[[], float],
        on_ended: Callable[[], None],
    ) -> None:
        self._store = store
        self._book = book
        self._heart = heart
        self._now = now
        self._chance = chance
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._on_ended = on_ended

    @property
    def running(self) -> Mapping[str, "asyncio.Task[Any]"]:
        """Attempts that run here now, by job."""
        return self._running

    async def execute(self, job_id: str, attempt: int, run_step: RunStep) -> None:
        """Run the attempt to its end and note it; nothing, when it is no longer to be run.

        Raises:
            UpstreamFailed: the outcome could not be written; the job is found again by the sweep.
            EngineStopped: a step could not be run or remembered; likewise.
        """
        task = asyncio.current_task()
        assert task is not None
        self._running[job_id] = task
        with structlog.contextvars.bound_contextvars(job_id=job_id, attempt=attempt):
            try:
                await self._execute(job_id, attempt, run_step)
            finally:
                if self._running.get(job_id) is task:
                    del self._running[job_id]
                self._on_ended()

    async def _execute(self, job_id: str, attempt: int, run_step: RunStep) -> None:
        await self._heart.lease.hold()
        async with self._store.system("jobs: begin an attempt") as work:
            run = await ledger.begin(work, job_id, attempt, executor=self._heart.executor)
        if run is None:
            return
        started_s = asyncio.get_running_loop().time()
        kind = self._book.kinds[run.kind]
        if run.adoptions > MOST_ADOPTIONS:
            outcome: Outcome = self._failed(run, kind, KILLED, "its workers died", memory=run.memory)
        else:
            outcome = await self._run(run, kind, run_step)
        await self._write(job_id, attempt, outcome)
        # The calendar comes round every few seconds: that it did, and found nothing wrong, is no news.
        is_routine = isinstance(outcome, Done) and (run.key or "").startswith(CRON_PREFIX)
        (_log.debug if is_routine else _log.info)(
            "job.attempt_ended",
            kind=kind.name,
            outcome=outcome.code if isinstance(outcome, Failed) else "done",
            again_at=outcome.again_at.isoformat() if isinstance(outcome, Failed) and outcome.again_at else None,
            ms=round((asyncio.get_running_loop().time() - started_s) * 1000, 1),
        )

    async def _run(self, run: Run, kind: JobKind, run_step: RunStep) -> Outcome:
        tried = JobAttempt(
            run.job_id,
            number=run.attempt,
            most=kind.retry.attempts,
            memory=run.memory,
            run_step=run_step,
            lease=self._heart.lease,
        )
        try:
            async with asyncio.timeout(kind.timeout_s):
                await kind.handler.run(run.payload, tried)
        except VoiceEngineError as error:
            _log.warning("job.attempt_failed", kind=kind.name, code=error.code, pii_message=error.message)
            return self._failed(run, kind, error.code, error.message, memory=tried.memory, final=is_final(error))
        except TimeoutError:
            _log.warning("job.attempt_failed", kind=kind.name, code="job_timeout")
            return self._failed(run, kind, "job_timeout", f"took over {kind.timeout_s} s", memory=tried.memory)
        except Exception as error:  # noqa: BLE001  # the edge of a job
            _log.exception("job.attempt_failed", kind=kind.name, code="job_bug")
            return self._failed(run, kind, "job_bug", type(error).__name__, memory=tried.memory)
        return Done()

    def _failed(
        self,
        run: Run,
        kind: JobKind,
        code: str,
        message: str,
        *,
        memory: Mapping[str, Any],
        final: bool = False,
    ) -> Failed:
        pause_s = None if final else kind.retry.pause_s(run.attempt, self._chance())
        again_at = None if pause_s is None else self._now() + dt.timedelta(seconds=pause_s)
        if again_at is None:
            _log.error("job.dead", kind=kind.name, job_id=run.job_id, code=code)
        return Failed(code=code, message=message, again_at=again_at, memory=memory)

    async def _write(self, job_id: str, attempt: int, outcome: Outcome) -> None:
        """Note the outcome, also when the database is away for a while."""
        async with asyncio.timeout(WRITE_FOR_S):
            while True:
                try:
                    async with self._store.system("jobs: end of an attempt") as work:
                        await ledger.finish(work, job_id, attempt, outcome, now=self._now())
                except UpstreamFailed as error:
                    _log.warning("job.outcome_unwritten", code=error.code)
                    await asyncio.sleep(WRITE_PAUSE_S)
                else:
                    return

    async def give_up(self, job_id: str, attempt: int, memory: Mapping[str, Any]) -> None:
        """Note that nobody knows how this attempt ended: it has failed, its finished steps are kept."""
        async with self._store.system("jobs: a lost attempt") as work:
            run = await ledger.begin(work, job_id, attempt, executor=self._heart.executor)
            if run is not None:
                kind = self._book.kinds[run.kind]
                outcome = self._failed(run, kind, LOST, "its end was not noted", memory=memory)
                await ledger.finish(work, job_id, attempt, outcome, now=self._now())
