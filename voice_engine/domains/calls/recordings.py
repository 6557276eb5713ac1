"""Recordings after the call: from the media process's disk into the blobs, and out again by their call's id."""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import structlog

from voice_engine.domains.calls.opening import open_call
from voice_engine.domains.calls.repository import calls, recordings
from voice_engine.domains.calls.words import SWEEP_RECORDINGS, call_topic, keep_recording
from voice_engine.ports.blobs import BlobStore
from voice_engine.ports.jobs import Attempt, CronEntry, RetryPolicy
from voice_engine.store.engine import Store
from voice_engine.store.outbox import enqueue

PATIENT = RetryPolicy(attempts=12, first_s=5.0, factor=3.0, longest_s=1_800.0)
"""Three hours: the file is on a disk of ours, and the blobs come back."""

SWEEP = CronEntry(name="calls-sweep-recordings", kind=SWEEP_RECORDINGS, every_s=3_600, offset_s=900)

SWEEP_AFTER = dt.timedelta(hours=1)
SWEEP_UNTIL = dt.timedelta(days=60)
"""As long as the worker remembers where the file is."""

SWEPT = dt.timedelta(hours=6)
"""A recording is tried anew so often."""

BATCH = 1_000

_log = structlog.get_logger(__name__)


class KeepRecording:
    """`JobHandler` of `call.keep_recording`. Repeating it is harmless: the same bytes under the same key."""

    def __init__(self, store: Store, blobs: BlobStore) -> None:
        self._store = store
        self._blobs = blobs

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Keep the file, then note it, then delete it: a crash in between leaves a copy too many, never too few."""
        call_id, file = str(payload["call_id"]), Path(str(payload["file"]))
        async with self._store.system("a call by its id", writes=False) as work:
            call = await calls.find_call(work, call_id)
        if call is None or call.emptied_at is not None:  # deleted meanwhile, and its recording with it
            await _delete(file)
            return
        key = f"{call.organization_id}/recordings/{call_id}.wav"
        if await asyncio.get_running_loop().run_in_executor(None, file.exists):
            await self._blobs.put_file(key, file)
        elif await self._blobs.find(key) is None:
            _log.error("recording.lost", call_id=call_id)
            return
        async with open_call(self._store, call_id) as opened:
            is_kept = opened is not None and opened[1].emptied_at is None
            if opened is not None and is_kept:
                await calls.set_recording(opened[0], call_id, key)
                opened[0].wake(call_topic(call_id))
        if not is_kept:
            await self._blobs.delete(key)
        await _delete(file)


class SweepRecordings:
    """`JobHandler` of `call.sweep_recordings`: recordings whose job died are kept by another one."""

    def __init__(self, store: Store, *, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._now = now

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Write jobs for the files that are still there."""
        now = self._now()
        async with self._store.system("recordings of all organizations", writes=False) as work:
            unkept = await recordings.list_unkept(
                work, since=now - SWEEP_UNTIL, before=now - SWEEP_AFTER, limit=BATCH
            )
        files = {call_id: str(first["file"]) for call_id, first in unkept}
        there = await asyncio.get_running_loop().run_in_executor(None, _there, files)
        async with self._store.system("recordings of all organizations") as work:
            for call_id in there:
                again = int(now.timestamp() // SWEPT.total_seconds())
                await enqueue(work, keep_recording(call_id, files[call_id], again=again))


async def find_recording(store: Store, call_id: str) -> str | None:
    """The blob of a call's recording; None when there is none. For signed links, which name no tenant."""
    async with store.system("a signed link names no tenant", writes=False) as work:
        call = await calls.find_call(work, call_id)
        return None if call is None else call.recording_key


def _there(files: Mapping[str, str]) -> list[str]:
    return [call_id for call_id, file in files.items() if Path(file).exists()]


async def _delete(file: Path) -> None:
    await asyncio.get_running_loop().run_in_executor(None, lambda: file.unlink(missing_ok=True))
