"""A call that a human may take over: an engine, two phones on fake sockets, virtual time, tones for voices."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from tests.fakes.call_rig import RECEPTIONIST, TextSTT, ToneTTS
from tests.web.fakes import ACCOUNT_SID, CALL_SID, OTHER_SID, FakeDesk, FakeSocket, call
from voice_engine.audio import mulaw
from voice_engine.clock import LoopClock
from voice_engine.errors import QuotaExceeded, UpstreamFailed
from voice_engine.ports.call import CallLimits, CallReport, CallSpec, EngineEvent
from voice_engine.ports.llm import LLM
from voice_engine.ports.stt import STT, STTRequest
from voice_engine.ports.telephony import CallControl
from voice_engine.runtime.services import CallServices
from voice_engine.telemetry.metrics import Metrics
from voice_engine.telemetry.tracing import Tracing
from voice_engine.web.calls import BRIDGE, LEG, Answer, IncomingCall, Talk, Visitor
from voice_engine.web.control import LiveOrder
from voice_engine.web.feed import BrowserSocket
from voice_engine.web.humans import digest_of
from voice_engine.web.line import LineEngine, open_line
from voice_engine.web.takeover import HumanCall

LEG_SID = OTHER_SID
BROWSER_SID = "CA" + "b" * 32
TICKET = "a ticket of somebody's"
COLLEAGUE = "+15550100777"
FRAME_S = 0.02
HUMAN_HZ, CALLER_HZ = 1000.0, 600.0


class Dialer:
    """Rings nobody: the test answers. It keeps whom it was to ring and what it hung up on."""

    def __init__(self, *, fault: UpstreamFailed | None = None) -> None:
        self.rung: list[HumanCall] = []
        self.hung_up: list[str] = []
        self.fault = fault

    async def dial_human(self, human: HumanCall) -> str:
        self.rung.append(human)
        if self.fault is not None:
            raise self.fault
        await asyncio.sleep(0.1)
        return LEG_SID

    async def hang_up(self, call_sid: str) -> None:
        self.hung_up.append(call_sid)


class Phone:
    """The carrier's end of one stream: sends a frame each 20 ms and keeps what it is to play, with its time."""

    def __init__(self, call_sid: str, tasks: asyncio.TaskGroup) -> None:
        self.call_sid = call_sid
        self.socket = FakeSocket()
        self._tasks = tasks
        self._audio = b""
        self._frames = self._seen = self._sequence = 0
        self._pumping: asyncio.Task[None] | None = None

    def start(self, ticket: str = "t") -> None:
        body = {
            "accountSid": ACCOUNT_SID,
            "streamSid": "MZ" + self.call_sid[2:],
            "callSid": self.call_sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {"ticket": ticket},
        }
        self._send({"event": "start", "start": body})
        self._pumping = self._tasks.create_task(self._pump())

    def say(self, mulaw_bytes: bytes) -> None:
        self._audio += mulaw_bytes

    def press(self, digit: str) -> None:
        self._send({"event": "dtmf", "dtmf": {"track": "inbound_track", "digit": digit}})

    async def hang_up(self) -> None:
        self._send({"event": "stop", "stop": {"accountSid": ACCOUNT_SID, "callSid": self.call_sid}})
        self.stop()
        self.socket.leave()
        await asyncio.sleep(0.1)

    def stop(self) -> None:
        if self._pumping is not None:
            self._pumping.cancel()

    def heard(self) -> bytes:
        """All media so far, one after the other."""
        messages = (json.loads(text) for text in self.socket.sent)
        return b"".join(
            base64.b64decode(message["media"]["payload"]) for message in messages if message["event"] == "media"
        )

    def _send(self, message: dict[str, object]) -> None:
        self._sequence += 1
        number = {"sequenceNumber": str(self._sequence), "streamSid": "MZ" + self.call_sid[2:]}
        self.socket.say(json.dumps(message | number))

    async def _pump(self) -> None:
        while self.socket.close_code is None:
            frame, self._audio = self._audio[:160].ljust(160, b"\xff"), self._audio[160:]
            self._frames += 1
            payload = base64.b64encode(frame).decode()
            chunk = {"track": "inbound", "chunk": str(self._frames), "payload": payload}
            self._send({"event": "media", "media": chunk | {"timestamp": str(20 * (self._frames - 1))}})
            self._echo_marks()
            await asyncio.sleep(FRAME_S)

    def _echo_marks(self) -> None:
        fresh, self._seen = self.socket.sent[self._seen :], len(self.socket.sent)
        for text in fresh:
            if '"mark"' in text:
                self._send({"event": "mark", "mark": json.loads(text)["mark"]})


def strength(audio: bytes, hz: float) -> float:
    """Share of the power that is at `hz`, over the loud part."""
    pcm = mulaw.decode_pcm(audio).astype(np.float64)
    if not pcm.size or not np.any(np.abs(pcm) > 500):
        return 0.0
    spectrum = np.abs(np.fft.rfft(pcm)) ** 2
    at = np.fft.rfftfreq(pcm.size, 1 / 8000)
    return float(spectrum[np.abs(at - hz) < 20].sum() / spectrum.sum())


class KeepingDesk(FakeDesk):
    """Keeps whole events too."""

    def __init__(self) -> None:
        super().__init__(Talk(spec=RECEPTIONIST))
        self.noted: list[EngineEvent] = []

    def note(self, spec: CallSpec, event: EngineEvent) -> None:
        super().note(spec, event)
        self.noted.append(event)

    @property
    def report(self) -> CallReport:
        (report,) = self.reports
        return report


@dataclass(slots=True, kw_only=True)
class Rig:
    """One call that is up, greeted, and whoever will take it over."""

    engine: LineEngine
    desk: KeepingDesk
    dialer: Dialer
    tts: ToneTTS
    caller: Phone
    tasks: asyncio.TaskGroup
    metrics: Metrics = field(default_factory=Metrics)
    answers: list[Answer] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)

    def order(self, kind: str, **arguments: str) -> LiveOrder:
        return LiveOrder(id="o1", call_id=RECEPTIONIST.call_id, kind=kind, arguments=arguments)

    def take_over(self) -> "asyncio.Task[str | None]":
        return self.tasks.create_task(self.engine.perform(self.order("takeover", number=COLLEAGUE)))

    def transfer(self) -> "asyncio.Task[str | None]":
        return self.tasks.create_task(self.engine.perform(self.order("transfer", number=COLLEAGUE)))

    def leg_call(self, *, leg: str | None = None, call_sid: str = LEG_SID) -> IncomingCall:
        query = {BRIDGE: RECEPTIONIST.call_id, LEG: leg or self.dialer.rung[-1].leg}
        return replace(call(call_sid), query=query, direction="outbound-api")

    async def answer(self, **changes: str) -> Phone:
        """The human picks up: the webhook, then the stream that its answer asks for."""
        leg = self.leg_call(**changes)
        answer = await self.engine.admit(leg)
        self.answers.append(answer)
        phone = Phone(leg.call_sid, self.tasks)
        self.phones.append(phone)
        self.tasks.create_task(self.engine.serve(phone.socket, lambda _: leg))
        phone.start()
        await asyncio.sleep(0.05)
        return phone

    async def taken_over(self) -> Phone:
        ordered = self.take_over()
        await asyncio.sleep(3.0)
        phone = await self.answer()
        assert await ordered is None
        return phone

    async def browse(self, ticket: str = TICKET, *, user: str = "ana") -> Phone:
        """A member takes the call over in a browser: the order, and then the stream with its ticket."""
        assert await self.engine.perform(self.order("join", ticket=digest_of(ticket), user=user)) is None
        return await self.browser(ticket, user=user)

    async def browser(self, ticket: str, *, user: str = "ana") -> Phone:
        """A stream of this person's browser that shows this ticket."""
        phone = Phone(BROWSER_SID, self.tasks)
        visitor = Visitor(user_id=user, organization_id="o1")
        self.phones.append(phone)
        self.tasks.create_task(self.engine.serve(BrowserSocket(phone.socket, visitor), lambda _: None))
        phone.start(ticket)
        await asyncio.sleep(0.05)
        return phone

    def facts(self, kind: str) -> list[dict[str, Any]]:
        return [dict(event.facts) for event in self.desk.noted if event.type == kind]

    async def ended(self) -> CallReport:
        """Wait until the call is over and told."""
        while self.engine.live:  # noqa: ASYNC110  # the engine has no event to wait for
            await asyncio.sleep(0.1)
        return self.desk.report

    def types(self) -> list[str]:
        return [event.type for event in self.desk.noted]


class OneEarSTT(TextSTT):
    """Has room for one stream."""

    def open(self, request: STTRequest) -> AbstractAsyncContextManager[Any]:  # type: ignore[override]  # narrower
        if self.open_streams:
            raise QuotaExceeded("stt_busy", "no room")
        return super().open(request)


@asynccontextmanager
async def rig(
    *texts: str,
    dialer: Dialer | None = None,
    directory: Path | None = None,
    stt: STT | None = None,
    limits: CallLimits | None = None,
    tracing: Tracing | None = None,
    transfers_ask: bool = True,
    tts: ToneTTS | None = None,
    spec: CallSpec = RECEPTIONIST,
    llm: LLM | None = None,
) -> AsyncIterator[Rig]:
    tts, stt, dialer, desk = tts or ToneTTS(), stt or TextSTT(texts), dialer or Dialer(), KeepingDesk()
    metrics = Metrics()
    told = replace(spec, limits=limits or spec.limits)

    def equip(spec: CallSpec, control: CallControl) -> CallServices:
        return CallServices(clock=LoopClock(), stt=stt, tts=tts, control=control, llm=llm)

    async with (
        asyncio.TaskGroup() as tasks,
        open_line(
            desk=desk,
            equip=equip,
            directory=directory,
            dialer=dialer,
            tracing=tracing,
            transfers_ask=transfers_ask,
            metrics=metrics,
        ) as engine,
    ):
        caller = Phone(CALL_SID, tasks)
        one = Rig(engine=engine, desk=desk, dialer=dialer, tts=tts, caller=caller, tasks=tasks, metrics=metrics)
        tasks.create_task(engine.serve(caller.socket, lambda _: call(spec=told)))
        caller.start()
        await asyncio.sleep(8.0)
        yield one
        for phone in [caller, *one.phones]:
            phone.stop()
            phone.socket.leave()
