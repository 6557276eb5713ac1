"""The engine behind the web surface: one `CallSession` a call, re-attached when its stream comes back.

Call control needs no REST here: to press keys, transfer or hang up, the stream is closed, and the carrier's next
webhook is answered with what the call wanted.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from voice_engine.errors import VoiceEngineError
from voice_engine.ports.call import CallReport, CallSpec, EngineEvent
from voice_engine.ports.media import MediaSocket
from voice_engine.ports.telephony import CallControl
from voice_engine.runtime.recorder import Recorder
from voice_engine.runtime.result import write_result
from voice_engine.runtime.services import CallServices
from voice_engine.runtime.session import CallSession
from voice_engine.runtime.stream import MediaStream
from voice_engine.telephony.twilio.events import Started
from voice_engine.web.calls import (
    Authorize,
    ConnectTo,
    HangUp,
    IncomingCall,
    Next,
    PlayDigits,
    Reconnect,
)

LATE_ANSWER_MS = 1_500
"""An answer later than this is noticed by the other party; the operator is told (docs/SPEECH.md, "Load")."""

Compose = Callable[[IncomingCall], CallSpec | None]
"""What a call is about; None: nobody answers that number."""

Room = Callable[[], bool]
"""Whether the providers have room for one more call, which then counts."""

Equip = Callable[[CallSpec, CallControl], CallServices]

KEPT_ORDERS = 1000
"""Orders outlive their call: a transfer ends it before the carrier asks what next. The oldest are dropped."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Live:
    """One call that is up."""

    session: CallSession
    socket: MediaSocket | None = None
    events: list[EngineEvent] = field(default_factory=list)


class LineEngine:
    """`CallHandler` over `CallSession`. `directory` None keeps nothing of a call on disk."""

    def __init__(
        self,
        *,
        compose: Compose,
        equip: Equip,
        directory: Path | None,
        tasks: asyncio.TaskGroup,
        room: Room = lambda: True,
    ) -> None:
        self._compose = compose
        self._room = room
        self._equip = equip
        self._directory = directory
        self._tasks = tasks
        self._live: dict[str, _Live] = {}
        self._orders: dict[str, Next] = {}

    @property
    def live(self) -> int:
        """How many calls are up."""
        return len(self._live)

    def admit(self, call: IncomingCall) -> Mapping[str, str] | None:
        """Take the call when somebody answers that number and the providers have room for it."""
        if self._compose(call) is None:
            return None
        return {} if self.is_live(call.call_sid) or self._room() else None

    def is_live(self, call_sid: str) -> bool:
        """Whether this call is up here."""
        live = self._live.get(call_sid)
        return live is not None and not live.session.over

    def what_next(self, call_sid: str) -> Next:
        """What the call ordered, once; a call that ordered nothing gets its stream back."""
        order = self._orders.pop(call_sid, None)
        if order is not None:
            return order
        return Reconnect() if self.is_live(call_sid) else HangUp()

    def wind_down(self) -> None:
        """Have every live call say goodbye."""
        for live in self._live.values():
            live.session.say_goodbye()

    def end_all(self) -> None:
        """End every live call at once: the process stops."""
        for live in self._live.values():
            live.session.end("cancelled")

    async def serve(self, socket: MediaSocket, authorize: Authorize) -> None:
        """Serve one stream; the call outlives it, in this engine's task group."""

        def resolve(start: Started) -> CallSession | None:
            call = authorize(start)
            return None if call is None else self._session(call, socket)

        await MediaStream(socket, resolve).run()

    async def order(self, call_sid: str, order: Next) -> None:
        """Close the call's stream; the carrier's next webhook gets `order`."""
        live = self._live.get(call_sid)
        if live is None:
            return
        self._orders[call_sid] = order
        while len(self._orders) > KEPT_ORDERS:
            del self._orders[next(iter(self._orders))]
        if live.socket is not None:
            await live.socket.close()

    def _session(self, call: IncomingCall, socket: MediaSocket) -> CallSession | None:
        live = self._live.get(call.call_sid)
        if live is None:
            live = self._open(call)
        if live is None or live.session.over:
            return None
        live.socket = socket
        return live.session

    def _open(self, call: IncomingCall) -> _Live | None:
        spec = self._compose(call)
        if spec is None:
            return None
        events: list[EngineEvent] = []
        session = CallSession(
            spec,
            self._equip(spec, StreamControl(self)),
            sink=events.append,
            recorder=self._recorder(spec),
        )
        live = self._live[call.call_sid] = _Live(session=session, events=events)
        self._tasks.create_task(self._hold(call.call_sid, live), name=f"call {spec.call_id}")
        return live

    def _recorder(self, spec: CallSpec) -> Recorder | None:
        if self._directory is None or not spec.record:
            return None
        folder = self._directory / spec.call_id
        folder.mkdir(parents=True, exist_ok=True)
        return Recorder(folder / "recording.wav")

    async def _hold(self, call_sid: str, live: _Live) -> None:
        try:
            report = await live.session.run()
            await self._keep(report, live.events)
            _log.info("call.ended", call_id=report.call_id, **_summary(report))
            if late := late_answers(report):
                _log.warning("call.answered_late", call_id=report.call_id, turns=late, beyond_ms=LATE_ANSWER_MS)
        except VoiceEngineError as error:
            _log.error("call.failed", call_sid=call_sid, code=error.code, reason=error.message)
        except Exception:  # noqa: BLE001  # the edge of one call: the others go on
            _log.exception("call.failed", call_sid=call_sid)
        finally:
            del self._live[call_sid]

    async def _keep(self, report: CallReport, events: list[EngineEvent]) -> None:
        if self._directory is not None:
            folder = self._directory / report.call_id
            await asyncio.get_running_loop().run_in_executor(None, write_result, folder, report, events)


class StreamControl:
    """`CallControl` that acts by ending the stream: the carrier asks what next, and is told."""

    def __init__(self, engine: LineEngine) -> None:
        self._engine = engine

    async def hang_up(self, call_sid: str) -> None:
        """End the call."""
        await self._engine.order(call_sid, HangUp())

    async def send_digits(self, call_sid: str, digits: str) -> None:
        """Play DTMF, then another stream of the same call."""
        await self._engine.order(call_sid, PlayDigits(digits=digits))

    async def transfer(self, call_sid: str, number: str) -> None:
        """Connect the other party to `number`."""
        await self._engine.order(call_sid, ConnectTo(number=number))


@asynccontextmanager
async def open_line(
    *, compose: Compose, equip: Equip, directory: Path | None, room: Room = lambda: True
) -> AsyncIterator[LineEngine]:
    """The engine while the context is open; leaving it ends the calls that are still up."""
    async with asyncio.TaskGroup() as tasks:
        engine = LineEngine(compose=compose, equip=equip, directory=directory, tasks=tasks, room=room)
        try:
            yield engine
        finally:
            engine.end_all()


def late_answers(report: CallReport) -> int:
    """How many turns were answered later than `LATE_ANSWER_MS`."""
    return sum(
        turn.latency is not None and turn.latency.total is not None and turn.latency.total > LATE_ANSWER_MS
        for turn in report.turns
    )


def _summary(report: CallReport) -> dict[str, object]:
    answered = [turn.latency.total for turn in report.turns if turn.latency and turn.latency.total is not None]
    return {
        "status": report.outcome.status.value,
        "disposition": report.outcome.disposition.value,
        "seconds": report.duration_seconds,
        "credits": report.credits_used,
        "turns": len(report.turns),
        "slowest_answer_ms": round(max(answered)) if answered else None,
    }
