"""The outline of a call's recording, for a page that draws it: computed once, kept beside the recording.

A browser would have to fetch and decode an hour of audio (115 MB) before it could draw a line of it.
"""

import asyncio
import base64
from collections.abc import AsyncGenerator
from contextlib import aclosing

import orjson
import structlog

from voice_engine.audio.peaks import Layout, PeakMeter, Peaks, read_layout
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.repository import calls
from voice_engine.ports.blobs import BlobStore
from voice_engine.store.engine import Store

MOST_PEAKS = 36_000
"""Of one channel: ten a second over an hour, where a screen shows two or three."""
MOST_PER_S = 50
"""More would draw single periods of a voice."""
BATCH_BYTES = 1 << 20
HEAD_BYTES = 4096

_log = structlog.get_logger(__name__)


def peaks_key(recording_key: str) -> str:
    """Where the outline of this recording is kept. Whoever deletes the recording deletes it too."""
    return f"{recording_key}.peaks"


class RecordingPeaks:
    """Computes outlines on first demand."""

    def __init__(self, store: Store, blobs: BlobStore) -> None:
        self._store = store
        self._blobs = blobs

    async def read(self, call: Call) -> bytes | None:
        """The outline as JSON: `duration_ms`, `per_s`, and `channels`, the peaks of each (0 to 255) in base64.

        None: no recording is kept, or none that can be read. Raises UpstreamFailed `blobs_unavailable`.
        """
        recording = call.recording_key
        if recording is None or await self._blobs.find(recording) is None:
            return None
        key = peaks_key(recording)
        if await self._blobs.find(key) is not None:
            return b"".join([chunk async for chunk in self._blobs.read(key)])
        outline = await self._compute(recording)
        if outline is None:
            _log.warning("recording.unreadable", call_id=call.id)
            return None
        await self._keep(call, key, outline)
        return outline

    async def _keep(self, call: Call, key: str, outline: bytes) -> None:
        """Keep it, unless the recording has gone meanwhile, and nobody would delete what is left of it."""
        await self._blobs.put(key, _whole(outline))
        async with self._store.read(call.organization_id) as work:
            now = await calls.find_call(work, call.id)
        if now is None or now.recording_key != call.recording_key:
            await self._blobs.delete(key)

    async def _compute(self, recording: str) -> bytes | None:
        loop, waiting, meter, layout = asyncio.get_running_loop(), bytearray(), None, None
        async with aclosing(self._blobs.read(recording)) as chunks:
            async for chunk in chunks:
                waiting += chunk
                if layout is None and len(waiting) >= HEAD_BYTES:
                    layout = read_layout(bytes(waiting[:HEAD_BYTES]))
                    if layout is None:
                        return None
                    meter = PeakMeter(layout, per_s=rate_of(layout))
                    del waiting[: layout.start]
                if meter is not None and len(waiting) >= BATCH_BYTES:
                    batch, waiting = bytes(waiting), bytearray()
                    await loop.run_in_executor(None, meter.push, batch)
        return await loop.run_in_executor(None, _finish, layout, meter, bytes(waiting))


async def _whole(content: bytes) -> AsyncGenerator[bytes, None]:
    yield content


def rate_of(layout: Layout) -> int:
    """Peaks a second for a recording of this length: as many as may be kept, within what is worth drawing."""
    return max(1, min(MOST_PER_S, MOST_PEAKS * 1000 // max(1, layout.duration_ms)))


def _finish(layout: Layout | None, meter: PeakMeter | None, rest: bytes) -> bytes | None:
    if layout is None or meter is None:  # a file of a few milliseconds
        layout = read_layout(rest)
        if layout is None:
            return None
        meter, rest = PeakMeter(layout, per_s=rate_of(layout)), rest[layout.start :]
    meter.push(rest)
    return _as_json(meter.finish(), per_s=meter.per_s)


def _as_json(peaks: Peaks, *, per_s: float) -> bytes:
    channels = [base64.b64encode(channel.tobytes()).decode() for channel in peaks]
    return orjson.dumps({"per_s": per_s, "count": peaks.shape[1], "channels": channels})
