"""The engine behind the web surface: one `CallSession` a call, re-attached when its stream comes back.

Call control needs no REST here: to press keys, transfer or hang up, the stream is closed, and the carrier's next
webhook is answered with what the call wanted.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import structlog

from voice_engine.errors import VoiceEngineError
from voice_engine.ports.call import CallReport, CallSpec, EngineEvent
from voice_engine.ports.media import MediaSocket
from voice_engine.ports.telephony import CallControl
from voice_engine.runtime.humanleg import HumanLeg
from voice_engine.runtime.services import CallServices
from voice_engine.runtime.session import CallSession
from voice_engine.runtime.stream import MediaStream, Party
from voice_engine.telemetry.metrics import Metrics
from voice_engine.telemetry.tracing import Answered, Tracing
from voice_engine.telephony.twilio.events import Started
from voice_engine.web.calls import (
    BRIDGE,
    Admitted,
    Answer,
    Authorize,
    CallbackKind,
    CallDesk,
    HangUp,
    IncomingCall,
    Next,
    Reconnect,
    Refuse,
    Talk,
    Visitor,
)
from voice_engine.web.control import LiveOrder
from voice_engine.web.controls import BrowserControl, StreamControl
from voice_engine.web.feed import BrowserSocket
from voice_engine.web.gate import TICKET_PARAMETER
from voice_engine.web.humans import Humans
from voice_engine.web.streams import StreamReports
from voice_engine.web.takeover import CALL_OVER, HumanDialer
from voice_engine.web.telling import Telling

LATE_ANSWER_MS = 1_500
"""An answer later than this is noticed by the other party; the operator is told (docs/SPEECH.md, "Load")."""

Room = Callable[[], bool]
"""Whether the providers have room for one more call, which then counts."""

Equip = Callable[[CallSpec, CallControl], CallServices]

Ahead = Callable[[CallSpec], Awaitable[None]]
"""Prepares what a call will say first, while its stream is still being set up."""

Furnish = Callable[[CallSpec], Awaitable[None]]
"""Looks up what `equip` will need of a call's organization. Fails silently: the call then has what all have."""

LET_GO_S = 2.0
"""How long a browser waits, after its call, for the call's rows to be written: its page shows them next."""

KEPT_ORDERS = 1000
"""Orders outlive their call: a transfer ends it before the carrier asks what next. The oldest are dropped."""

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Live:
    """One call that is up."""

    call: IncomingCall
    spec: CallSpec
    session: CallSession
    humans: Humans
    recording: Path | None
    socket: MediaSocket | None = None
    events: list[EngineEvent] = field(default_factory=list)


class LineEngine:
    """`CallHandler` over `CallSession`. `desk` says what calls are about and is told how they went.

    `directory` is where each call keeps its files, under its id; None keeps nothing of a call on disk. `dialer`
    rings humans who take calls over, or to whom they are transferred; None: transfers go to the carrier, for good.
    `transfers_ask`: whoever picks up at a transfer's target has to take the call by a key.
    """

    def __init__(
        self,
        *,
        desk: CallDesk,
        equip: Equip,
        directory: Path | None,
        tasks: asyncio.TaskGroup,
        room: Room = lambda: True,
        metrics: Metrics | None = None,
        dialer: HumanDialer | None = None,
        transfers_ask: bool = True,
        tracing: Tracing | None = None,
        ahead: Ahead | None = None,
        furnish: Furnish | None = None,
    ) -> None:
        self._ahead = ahead
        self._furnish = furnish
        self._metrics = metrics or Metrics()
        self._streams = StreamReports(self._metrics)
        self._tracing = tracing or Tracing()
        self._dialer = dialer
        self._transfers_ask = transfers_ask
        self._desk = desk
        self._room = room
        self._equip = equip
        self._telling = Telling(desk, directory)
        self._tasks = tasks
        self._live: dict[str, _Live] = {}
        self._orders: dict[str, Next] = {}

    @property
    def live(self) -> int:
        """How many calls are up."""
        return len(self._live)

    async def admit(self, call: IncomingCall) -> Answer:
        """What the desk plans for this call; a conversation only when the providers have room for it.

        A human who was rung for a call of ours is let in to it, and to nothing else.
        """
        if call.bridge is not None:
            return HangUp() if self._rung(call) is None else Admitted(call=call)
        plan = await self._desk.plan(call)
        if isinstance(plan, Refuse):
            self._metrics.refused.labels(plan.reason).inc()
        if not isinstance(plan, Talk):
            return plan
        if not (self.is_live(call.call_sid) or self.expect_call()):
            if call.dialled is None:
                return Refuse(reason="busy")
            await self.turn_away(call)
            return HangUp()
        if not self.is_live(call.call_sid):
            await self.prepare(plan.spec)
        return Admitted(call=replace(call, spec=plan.spec))

    def count_refusal(self, reason: str) -> None:
        """A call was not taken, before it came here."""
        self._metrics.refused.labels(reason).inc()

    async def turn_away(self, call: IncomingCall) -> None:
        """A call that we placed was answered and finds no room: the desk ends it."""
        await self._desk.turned_away(call)

    def expect_call(self) -> bool:
        """Whether the providers have room for one more call, which they then expect."""
        if self._room():
            return True
        self._metrics.refused.labels("no_room").inc()
        return False

    async def prepare(self, spec: CallSpec) -> None:
        """A call is let in: get what it brings along, and begin with what it will say first."""
        await self.furnish(spec)
        if self._ahead is not None:
            self._tasks.create_task(self._prepare(self._ahead, spec), name="opening ahead")

    async def furnish(self, spec: CallSpec) -> None:
        """Look up what this call's organization brings along; awaited before its stream is let in."""
        if self._furnish is not None:
            await self._furnish(spec)

    async def _prepare(self, ahead: Ahead, spec: CallSpec) -> None:
        try:
            await ahead(spec)
        except Exception:  # noqa: BLE001  # the edge of one call: it will speak without this
            _log.exception("call.not_prepared", call_id=spec.call_id)

    async def callback(self, kind: CallbackKind, query: Mapping[str, str], form: Mapping[str, str]) -> None:
        """The carrier's report goes to the desk; of a leg that we rang, to whoever waits for it."""
        if kind == "stream":
            live = self._live.get(form.get("CallSid", ""))
            self._streams.told(query, form, None if live is None else live.session)
        elif BRIDGE in query:
            live = self._find(query[BRIDGE])
            if live is not None and kind == "status":
                live.humans.report(query, form)
        else:
            await self._desk.callback(kind, query, form)

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

    @property
    def live_calls(self) -> list[str]:
        """The ids of the calls that are up."""
        return [live.spec.call_id for live in self._live.values() if not live.session.over]

    async def perform(self, order: LiveOrder) -> str | None:
        """Do what a call's owner ordered; the code of why not."""
        live = self._find(order.call_id)
        if live is None or live.session.over:
            return CALL_OVER
        match order.kind:
            case "stop":
                live.session.cancel()
            case "reject":
                live.session.say_goodbye()
            case "machine":
                live.session.machine_heard()
            case "transfer":
                return await live.humans.transfer(order.arguments.get("number"), order.arguments.get("announce"))
            case "takeover":
                return await live.humans.take_over(order.arguments.get("number"))
            case "join":
                return live.humans.expect_guest(order.arguments.get("ticket"), order.arguments.get("user"))
            case "whisper":
                return live.humans.whisper(order.arguments.get("text"))
            case "hand_back":
                return live.humans.hand_back()
            case _:
                return "order_unknown"
        return None

    def _find(self, call_id: str) -> _Live | None:
        return next((live for live in self._live.values() if live.spec.call_id == call_id), None)

    def _rung(self, leg: IncomingCall) -> _Live | None:
        """The call that this leg was rung for and still waits for it."""
        live = self._find(leg.bridge or "")
        return live if live is not None and live.humans.expects(leg) else None

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

        def resolve(start: Started) -> Party | None:
            call = authorize(start)
            if call is None:
                return self._guest(start, socket.visitor) if isinstance(socket, BrowserSocket) else None
            self._streams.opened(start)
            return self._session(call, socket) if call.bridge is None else self._human_leg(call)

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

    def keys_were_pressed(self, call_sid: str) -> None:
        """Keys that the call ordered were pressed without its stream being closed for them."""
        live = self._live.get(call_sid)
        if live is not None:
            live.session.keys_pressed()

    def find_call(self, call_id: str) -> IncomingCall | None:
        """The call of this id that is up here; None: there is none, or it is over."""
        live = self._find(call_id)
        return None if live is None or live.session.over else live.call

    def _session(self, call: IncomingCall, socket: MediaSocket) -> CallSession | None:
        live = self._live.get(call.call_sid)
        if live is None:
            live = self._open(call)
        if live is None or live.session.over:
            return None
        if isinstance(socket, BrowserSocket):
            socket.hold()
            if isinstance(live.socket, BrowserSocket):  # no carrier closes it
                self._tasks.create_task(live.socket.let_go(), name="older stream")
        live.socket = socket
        return live.session

    def _human_leg(self, leg: IncomingCall) -> HumanLeg | None:
        live = self._rung(leg)
        return None if live is None else live.humans.let_in(leg)

    def _guest(self, start: Started, visitor: Visitor | None) -> HumanLeg | None:
        """Somebody who takes a call over in a browser, by the ticket that its order promised."""
        ticket = start.custom_parameters.get(TICKET_PARAMETER, "")
        if visitor is None:
            return None
        legs = (live.humans.guest(ticket, visitor.user_id) for live in self._live.values())
        return next((leg for leg in legs if leg is not None), None)

    def _open(self, call: IncomingCall) -> _Live | None:
        spec = call.spec
        if spec is None:
            return None
        events: list[EngineEvent] = []

        def note(event: EngineEvent) -> None:
            events.append(event)
            self._count(event)
            self._desk.note(spec, event)
            self._tell(call.call_sid, event)

        recorder = self._telling.recorder(spec)
        humans = Humans(call, spec, dialer=self._dialer, tasks=self._tasks, asks=self._transfers_ask)
        session = CallSession(
            spec,
            self._services(call, spec, humans),
            sink=note,
            recorder=recorder,
        )
        humans.connect(session)
        recording = None if recorder is None else recorder.path
        live = _Live(call=call, spec=spec, session=session, humans=humans, recording=recording, events=events)
        self._live[call.call_sid] = live
        self._metrics.live.set(len(self._live))
        self._tasks.create_task(self._hold(call.call_sid, live), name=f"call {spec.call_id}")
        return live

    def _services(self, call: IncomingCall, spec: CallSpec, humans: Humans) -> CallServices:
        """What the call is made of. A browser is not redirected: transfers ring, or say that nobody can be rung."""
        if call.visitor is None:
            services = self._equip(spec, StreamControl(self))
            return replace(services, reach=None if self._dialer is None else humans)
        services = self._equip(spec, BrowserControl(self))
        return replace(services, reach=humans, session=replace(services.session, lost_is_hung_up=True))

    async def _hold(self, call_sid: str, live: _Live) -> None:
        kept, over = asyncio.Event(), asyncio.Event()
        structlog.contextvars.bind_contextvars(call_id=live.spec.call_id)
        try:
            async with asyncio.TaskGroup() as tasks:
                telling = self._telling.started(live.call, live.spec, over=over, unwanted=live.session.cancel)
                tasks.create_task(telling, name="started")
                report = await self._talk(live)
                over.set()
            if live.call.visitor is not None:
                self._tasks.create_task(self._let_go(live, kept), name="let go")
            await self._telling.ended(live.spec, report, live.events, live.recording)
            kept.set()
            self._measure(live.spec, report)
            _log.info("call.ended", call_id=report.call_id, **_summary(report))
            if late := late_answers(report):
                _log.warning("call.answered_late", call_id=report.call_id, turns=late, beyond_ms=LATE_ANSWER_MS)
        except VoiceEngineError as error:
            _log.error("call.failed", call_sid=call_sid, code=error.code, reason=error.message)
        except Exception:  # noqa: BLE001  # the edge of one call: the others go on
            _log.exception("call.failed", call_sid=call_sid)
        finally:
            del self._live[call_sid]
            self._desk.forget(live.spec)
            self._metrics.live.set(len(self._live))

    async def _talk(self, live: _Live) -> CallReport:
        try:
            return await live.session.run()
        finally:
            live.humans.call_over()

    async def _let_go(self, live: _Live, kept: asyncio.Event) -> None:
        """Close the socket of a browser whose call is over: once the end is written down, or soon in any case."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LET_GO_S):
                await kept.wait()
        if isinstance(live.socket, BrowserSocket):
            await live.socket.let_go()

    def _tell(self, call_sid: str, event: EngineEvent) -> None:
        """What happens in a call is told to the browser that is in it; no other socket hears of it."""
        live = self._live.get(call_sid)
        if live is not None and isinstance(live.socket, BrowserSocket):
            live.socket.tell(event)

    def _count(self, event: EngineEvent) -> None:
        self._metrics.events.labels(event.type).inc()
        if event.type == "provider.failed":
            facts = event.facts
            self._metrics.provider_errors.labels(str(facts.get("provider")), str(facts.get("code"))).inc()

    def _measure(self, spec: CallSpec, report: CallReport) -> None:
        answers = [
            Answered(turn=turn.index, at_ms=turn.start_ms, latency_ms=asdict(turn.latency))
            for turn in report.turns
            if turn.latency is not None and turn.latency.total is not None
        ]
        for answer in answers:
            self._metrics.answered(answer.latency_ms)
        self._tracing.call_ended(
            direction=spec.direction,
            status=report.outcome.status,
            disposition=report.outcome.disposition,
            answered_at=spec.answered_at,
            seconds=report.duration_seconds,
            answers=answers,
        )


@asynccontextmanager
async def open_line(
    *,
    desk: CallDesk,
    equip: Equip,
    directory: Path | None,
    room: Room = lambda: True,
    metrics: Metrics | None = None,
    dialer: HumanDialer | None = None,
    transfers_ask: bool = True,
    tracing: Tracing | None = None,
    ahead: Ahead | None = None,
    furnish: Furnish | None = None,
) -> AsyncIterator[LineEngine]:
    """The engine while the context is open; leaving it ends the calls that are still up."""
    async with asyncio.TaskGroup() as tasks:
        engine = LineEngine(
            desk=desk,
            equip=equip,
            directory=directory,
            tasks=tasks,
            room=room,
            metrics=metrics,
            dialer=dialer,
            transfers_ask=transfers_ask,
            tracing=tracing,
            ahead=ahead,
            furnish=furnish,
        )
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
