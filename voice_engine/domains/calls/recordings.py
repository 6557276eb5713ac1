"""Recordings after the call: from the media process's disk into the blobs, and out again by their call's id."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog

from voice_engine.domains.calls.opening import open_call
from voice_engine.domains.calls.repository import calls
from voice_engine.domains.calls.words import call_topic
from voice_engine.ports.blobs import BlobStore
from voice_engine.ports.jobs import Attempt
from voice_engine.store.engine import Store

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
            organization_id = await calls.find_organization_id(work, call_id)
        if organization_id is None:  # deleted meanwhile, and its recording with it
            await _delete(file)
            return
        key = f"{organization_id}/recordings/{call_id}.wav"
        if await asyncio.get_running_loop().run_in_executor(None, file.exists):
            await self._blobs.put_file(key, file)
        elif await self._blobs.find(key) is None:
            _log.error("recording.lost", call_id=call_id)
            return
        async with open_call(self._store, call_id) as opened:
            if opened is not None:
                await calls.set_recording(opened[0], call_id, key)
                opened[0].wake(call_topic(call_id))
        await _delete(file)


async def find_recording(store: Store, call_id: str) -> str | None:
    """The blob of a call's recording; None when there is none. For signed links, which name no tenant."""
    async with store.system("a signed link names no tenant", writes=False) as work:
        call = await calls.find_call(work, call_id)
        return None if call is None else call.recording_key


async def _delete(file: Path) -> None:
    await asyncio.get_running_loop().run_in_executor(None, lambda: file.unlink(missing_ok=True))
