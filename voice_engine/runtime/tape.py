"""A call's recording as the session sees it: there may be none, and one that fails costs no more than itself."""

import asyncio

import structlog

from voice_engine.errors import InvalidInput
from voice_engine.runtime.recorder import Recorder

log = structlog.get_logger(__name__)


class Tape:
    """A recorder, or the place of one that was not wanted, was declined, or could not write any more."""

    def __init__(self, recorder: Recorder | None, *, call_id: str) -> None:
        self._recorder = recorder
        self._call_id = call_id

    def other(self, media_ms: int, pcm: bytes) -> None:
        """What the other party said (int16 bytes), from `media_ms` on."""
        if self._recorder is not None:
            self._recorder.other(media_ms, pcm)

    def engine(self, media_ms: int, pcm: bytes) -> None:
        """What is said to the other party (int16 bytes), from the media time at which it plays."""
        if self._recorder is not None:
            self._recorder.engine(media_ms, pcm)

    def truncate_engine(self, media_ms: int) -> None:
        """What would have played from `media_ms` on was cleared."""
        if self._recorder is not None:
            self._recorder.truncate_engine(media_ms)

    async def flush(self) -> None:
        """Write what is old enough. A full disk costs the recording, not the call."""
        recorder = self._recorder
        if recorder is None:
            return
        batch = recorder.pending()
        if not batch:
            return
        try:
            await asyncio.get_running_loop().run_in_executor(None, recorder.write, batch)
        except InvalidInput as error:
            log.error("call.recording_failed", call_id=self._call_id, code=error.code)
            self._recorder = None

    async def close(self) -> None:
        """Write the rest. A full disk costs that, not the call's end."""
        if self._recorder is None:
            return
        try:
            await asyncio.get_running_loop().run_in_executor(None, self._recorder.close)
        except InvalidInput as error:
            log.error("call.recording_failed", call_id=self._call_id, code=error.code)

    async def discard(self) -> None:
        """Nothing of the call is kept. What cannot be deleted now is deleted by whoever is told of the end."""
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return
        try:
            await asyncio.get_running_loop().run_in_executor(None, recorder.discard)
        except OSError as error:
            log.error("call.recording_not_deleted", call_id=self._call_id, reason=error.strerror)
