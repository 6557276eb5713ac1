"""`voice-engine worker`: do durable work until SIGTERM, then let what runs end."""

import asyncio
import random
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from voice_engine.bootstrap.service import Service, build_job_book, open_service, place_of, utc_now
from voice_engine.cli.calls import read_settings
from voice_engine.cli.loops import fast_loop
from voice_engine.cli.serving.children import orphaned
from voice_engine.cli.serving.place import carrier_account, reached_url
from voice_engine.config import Settings
from voice_engine.domains.models import METADATA
from voice_engine.jobs.durable import DurableEngine
from voice_engine.jobs.heart import FencedOff
from voice_engine.jobs.housekeeping import housekeeping
from voice_engine.jobs.slots import executor_name
from voice_engine.jobs.worker import Worker, WorkerSettings
from voice_engine.ports.jobs import JobBook, job_book
from voice_engine.store import migrate

EXIT_FENCED = 75
"""EX_TEMPFAIL of sysexits.h: this worker was given up for dead; whoever keeps it running starts it anew."""


def run(*, name: str | None, public_url: str | None, as_json: bool, supervised: bool) -> int:
    """Work until a signal, or, `supervised`, until standard input ends: the parent is gone.

    `name` None: the configured one, or the first of this machine that is free.
    Raises InvalidInput, Conflict, QuotaExceeded, UpstreamFailed.
    """
    overrides = {"log.format": "json" if as_json else None, "public_url": public_url, "worker.name": name}
    settings = read_settings(overrides)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    migrate.upgrade(settings.store_url, METADATA)
    with (
        executor_name(settings.data_dir, name=settings.worker.name) as executor,
        asyncio.Runner(loop_factory=fast_loop()) as runner,
    ):
        try:
            runner.run(_work(settings, executor, supervised=supervised))
        except FencedOff:
            return EXIT_FENCED
    return 0


async def _work(settings: Settings, executor: str, *, supervised: bool) -> None:
    async with open_service(
        settings, place_of(settings, carrier_account(settings), reached_url(settings))
    ) as service:
        engine = DurableEngine(settings.store_url, data_dir=settings.data_dir, executor=executor)
        worker = Worker(
            service.store,
            service.bus,
            whole_book(service, engine),
            engine,
            executor=executor,
            settings=WorkerSettings(most_running=settings.worker.jobs),
            now=utc_now,
            chance=random.random,
        )
        with _drained_by_signals(worker), orphaned(worker.drain, supervised=supervised):
            await worker.run()


def whole_book(service: Service, engine: DurableEngine) -> JobBook:
    """The service's jobs and the worker's own."""
    book = build_job_book(service)
    kind, entry = housekeeping(service.store, engine, now=utc_now)
    return job_book([*book.kinds.values(), kind], book.queues.values(), [*book.crons, entry])


@contextmanager
def _drained_by_signals(worker: Worker) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, worker.drain)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
