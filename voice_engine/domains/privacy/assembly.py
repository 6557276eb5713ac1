"""The privacy domain put together: the service for commands, the jobs for the worker."""

import datetime as dt
from collections.abc import Callable

from voice_engine.domains.privacy.files import CallFiles
from voice_engine.domains.privacy.retention import Retention
from voice_engine.domains.privacy.words import RETENTION, RETENTION_EVERY_S
from voice_engine.ports.blobs import BlobStore
from voice_engine.ports.jobs import CronEntry, JobKind
from voice_engine.store.engine import Store


def build_privacy_jobs(
    store: Store, blobs: BlobStore, files: CallFiles, *, now: Callable[[], dt.datetime]
) -> tuple[JobKind, CronEntry]:
    """Retention, every hour. A run that breaks off is taken up by the next."""
    handler = Retention(store, blobs, files, now=now)
    kind = JobKind(name=RETENTION, handler=handler, timeout_s=3_000.0)
    return kind, CronEntry(name=RETENTION, kind=RETENTION, every_s=RETENTION_EVERY_S, offset_s=600)
