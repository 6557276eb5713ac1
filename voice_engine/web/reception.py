"""The engine's end of incoming streams: one session a call, re-attached when the carrier streams it again.

Implements `web.calls.CallHandler` over `runtime`. Who answers, and with which providers, is decided by the
composition root, which gives two functions: `compose` and `equip`.
"""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import uuid4

import structlog

from voice_engine.ports.call import CallReport, CallSpec, EngineEvent
from voice_engine.ports.media import MediaSocket
from voice_engine.runtime.recorder import Recorder
from voice_engine.runtime.result import write_result
from voice_engine.runtime.services import CallServices
from voice_engine.runtime.session import CallSession
from voice_engine.runtime.stream import MediaStream
from voice_engine.telephony.twilio.events import Started
from voice_engine.web.calls import Authorize, IncomingCall

Compose = Callable[[str, IncomingCall], CallSpec]
"""(call id, announced call) → what the engine shall do with it."""

Equip = Callable[[CallSpec], CallServices]
"""The providers and adapters of one call."""

_log = structlog.get_logger(__name__)


class Reception:
    """Holds the calls of this process. `calls_dir` gets a folder a finished call."""

    def __init__(self, *, compose: Compose, equip: Equip, calls_dir: Path) -> None:
        self._compose = compose
        self._equip = equip
        self._calls_dir = calls_dir
        self._live: dict[str, CallSession] = {}

    @property
    def live(self) -> int:
        """How many calls are up."""
        return len(self._live)

    def admit(self, call: IncomingCall) -> Mapping[str, str] | None:
        """Every call that the web surface has room for."""
        return {}

    def is_live(self, call_sid: str) -> bool:
        """Whether this call is up here."""
        session = self._live.get(call_sid)
        return session is not None and not session.over

    async def serve(self, socket: MediaSocket, authorize: Authorize) -> None:
        """Serve one stream; the first stream of a call also holds the call, until it is over."""
        async with asyncio.TaskGroup() as tasks:

            def resolve(start: Started) -> CallSession | None:
                call = authorize(start)
                if call is None:
                    return None
                session = self._live.get(call.call_sid)
                if session is None or session.over:
                    session = self._open(call, tasks)
                return session

            await MediaStream(socket, resolve).run()

    def wind_down(self) -> None:
        """Say goodbye on every call that is still up."""
        for session in self._live.values():
            session.say_goodbye()

    def _open(self, call: IncomingCall, tasks: asyncio.TaskGroup) -> CallSession:
        spec = self._compose(f"call_{uuid4().hex}", call)
        directory = self._calls_dir / spec.call_id
        directory.mkdir(parents=True, exist_ok=True)
        recorder = Recorder(directory / "recording.wav") if spec.record else None
        events: list[EngineEvent] = []
        session = CallSession(spec, self._equip(spec), sink=events.append, recorder=recorder)
        self._live[call.call_sid] = session
        tasks.create_task(self._hold(call, session, directory, events), name=f"call {spec.call_id}")
        return session

    async def _hold(
        self, call: IncomingCall, session: CallSession, directory: Path, events: list[EngineEvent]
    ) -> None:
        try:
            report = await session.run()
        finally:
            self._live.pop(call.call_sid, None)
        await asyncio.get_running_loop().run_in_executor(None, write_result, directory, report, events)
        _log_summary(call, report)


def _log_summary(call: IncomingCall, report: CallReport) -> None:
    totals = sorted(turn.latency.total for turn in report.turns if turn.latency and turn.latency.total is not None)
    _log.info(
        "call.completed",
        call_id=report.call_id,
        call_sid=call.call_sid,
        status=report.outcome.status.value,
        disposition=report.outcome.disposition.value,
        seconds=report.duration_seconds,
        credits=report.credits_used,
        turns=len(report.turns),
        latency_median_ms=totals[len(totals) // 2] if totals else None,
    )
