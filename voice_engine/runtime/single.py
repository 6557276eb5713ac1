"""One call in this process with the carrier beside it: what demos, simulations and replays hold a call with."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from voice_engine.ports.call import CallReport, CallSpec, EngineEvent
from voice_engine.ports.media import MediaSocket
from voice_engine.ports.telephony import DialResult, DialStatus
from voice_engine.runtime import closing
from voice_engine.runtime.recorder import Recorder
from voice_engine.runtime.result import result_dict, write_result
from voice_engine.runtime.services import CallServices
from voice_engine.runtime.session import CallSession
from voice_engine.runtime.stream import MediaStream
from voice_engine.telephony.twilio.events import Started


class SingleCall:
    """The engine's end of one call. `directory` gets its files; None keeps nothing on disk.

    `watch` is told of every event as it happens.
    """

    def __init__(
        self,
        spec: CallSpec,
        services: CallServices,
        tasks: asyncio.TaskGroup,
        *,
        directory: Path | None = None,
        watch: Callable[[EngineEvent], None] | None = None,
    ) -> None:
        self.events: list[EngineEvent] = []
        self.report: CallReport | None = None
        self._spec = spec
        self._tasks = tasks
        self._directory = directory
        self._watch = watch
        self._running: asyncio.Task[CallReport] | None = None
        recorder = None
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
            recorder = Recorder(directory / "recording.wav")
        self._recorder = recorder
        self.session = CallSession(spec, services, sink=self._note, recorder=recorder)

    async def handle(self, socket: MediaSocket) -> None:
        """Serve one media stream of the call until its socket closes."""
        if self._running is None:
            self._running = self._tasks.create_task(self.session.run(), name="call")
        await MediaStream(socket, self._resolve).run()

    async def result(self, dialled: DialResult) -> Mapping[str, Any]:
        """The call's result as `result.json` has it, its files written."""
        if self._running is not None:
            self.report = await self._running
        else:
            status = DialStatus.FAILED if dialled.status is DialStatus.ANSWERED else dialled.status
            self.report = closing.unconnected(self._spec, status)
            if self._recorder is not None:
                self._recorder.discard()
        if self._directory is None:
            return result_dict(self.report)
        return await asyncio.get_running_loop().run_in_executor(
            None, write_result, self._directory, self.report, self.events
        )

    def _resolve(self, start: Started) -> CallSession | None:
        known = self.session.call_sid
        return self.session if known in {None, start.call_sid} and not self.session.over else None

    def _note(self, event: EngineEvent) -> None:
        self.events.append(event)
        if self._watch is not None:
            self._watch(event)
