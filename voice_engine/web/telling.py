"""The desk is told of a call's start and end: as often as it takes, and whatever becomes of the call's files."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import chain, repeat
from pathlib import Path

import structlog

from voice_engine.errors import InvalidInput, UpstreamFailed, VoiceEngineError
from voice_engine.ports.call import CallReport, CallSpec, EngineEvent
from voice_engine.runtime.recorder import Recorder
from voice_engine.runtime.result import write_result
from voice_engine.web.calls import CallDesk, IncomingCall

STARTED_AGAIN_S = (0.5, 1.0, 2.0, 4.0)
"""Waits between attempts to tell the desk that a call is up; the last one is repeated. Whoever is not told takes
the call for lost, and hangs it up."""

ENDED_AGAIN_S = (0.5, 2.0, 8.0, 30.0)
"""Waits between attempts to tell the desk that a call is over: a database may be away for so long."""

_log = structlog.get_logger(__name__)


class Telling:
    """What the engine tells of its calls. `directory` is where each call keeps its files; None keeps none."""

    def __init__(self, desk: CallDesk, directory: Path | None) -> None:
        self._desk = desk
        self._directory = directory

    def recorder(self, spec: CallSpec) -> Recorder | None:
        """What records this call. A disk that takes nothing costs the recording, not the call."""
        if self._directory is None or not spec.record:
            return None
        folder = self._directory / spec.call_id
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return Recorder(folder / "recording.wav")
        except (InvalidInput, OSError) as error:
            _log.error("call.recording_failed", call_id=spec.call_id, reason=str(error))
            return None

    async def started(
        self, call: IncomingCall, spec: CallSpec, *, over: asyncio.Event, unwanted: Callable[[], None]
    ) -> None:
        """Tell of the start until that is heard, or the call is `over`: then its end tells of it.

        The conversation neither waits for this nor ends by its faults. `unwanted`: the call is to be ended.
        """
        for wait_s in chain(STARTED_AGAIN_S, repeat(STARTED_AGAIN_S[-1])):
            try:
                if not await self._desk.started(call, spec):
                    unwanted()
                return
            except Exception as error:  # noqa: BLE001  # the edge of one word: the call goes on
                is_ours = isinstance(error, VoiceEngineError)
                code = error.code if isinstance(error, VoiceEngineError) else "defect"
                _log.warning(
                    "call.start_not_told", call_id=spec.call_id, code=code, again_s=wait_s, exc_info=not is_ours
                )
            try:
                async with asyncio.timeout(wait_s):
                    await over.wait()
                return
            except TimeoutError:
                continue

    async def ended(
        self, spec: CallSpec, report: CallReport, events: Sequence[EngineEvent], recording: Path | None
    ) -> None:
        """The files first: should the desk fail for good, what was said is still there. Should they, it is told."""
        in_thread = asyncio.get_running_loop().run_in_executor
        await in_thread(None, self._write, report, events)
        kept = recording if recording is not None and await in_thread(None, _is_there, recording) else None
        for wait_s in ENDED_AGAIN_S:
            try:
                await self._desk.finished(spec, report, events, kept)
            except UpstreamFailed as error:
                _log.warning("call.not_told", call_id=report.call_id, code=error.code, again_s=wait_s)
                await asyncio.sleep(wait_s)
            else:
                return
        await self._desk.finished(spec, report, events, kept)

    def _write(self, report: CallReport, events: Sequence[EngineEvent]) -> None:
        if self._directory is None:
            return
        try:
            write_result(self._directory / report.call_id, report, events)
        except InvalidInput as error:
            _log.error("call.files_failed", call_id=report.call_id, code=error.code, reason=error.message)
        except Exception:  # noqa: BLE001  # the edge of one call's files: its end is told without them
            _log.exception("call.files_failed", call_id=report.call_id)


def _is_there(recording: Path) -> bool:
    try:
        return recording.exists()
    except OSError:
        return False
