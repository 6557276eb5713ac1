"""An engine and sockets for the web surface's tests: they note what reaches them."""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from voice_engine.errors import ProtocolError, UpstreamFailed
from voice_engine.ports.call import CallReport, CallSpec, EngineEvent
from voice_engine.ports.media import MediaSocket, Message
from voice_engine.telephony.twilio.events import Started
from voice_engine.telephony.twilio.protocol import StreamProtocol
from voice_engine.web.calls import (
    Admitted,
    Answer,
    Authorize,
    CallbackKind,
    HangUp,
    IncomingCall,
    Next,
    Plan,
    Reconnect,
    Refuse,
)
from voice_engine.web.settings import WebSettings

CALL_SID = "CA" + "1" * 32
OTHER_SID = "CA" + "2" * 32
STREAM_SID = "MZ" + "3" * 32
ACCOUNT_SID = "AC" + "4" * 32
TOKEN = "0123456789abcdef" * 2

POLICY_VIOLATION = 1008


def settings(**changes: Any) -> WebSettings:
    """Settings of a server that the carrier reaches on loopback."""
    known: dict[str, Any] = {"public_url": "http://127.0.0.1:8000", "auth_token": TOKEN}
    return WebSettings(**(known | changes))


def call(call_sid: str = CALL_SID, *, spec: CallSpec | None = None) -> IncomingCall:
    """An announced call."""
    return IncomingCall(
        call_sid=call_sid,
        account_sid=ACCOUNT_SID,
        caller="+15550100",
        callee="+15550199",
        direction="inbound",
        spec=spec,
    )


def start(ticket: str | None, *, call_sid: str = CALL_SID) -> str:
    """A `start` message as the carrier sends it."""
    parameters = {} if ticket is None else {"ticket": ticket}
    body = {
        "accountSid": ACCOUNT_SID,
        "streamSid": STREAM_SID,
        "callSid": call_sid,
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": parameters,
    }
    return json.dumps({"event": "start", "sequenceNumber": "1", "start": body, "streamSid": STREAM_SID})


class FakeEngine:
    """A `CallHandler` that opens a "provider" only for streams that were authorized."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.seen_parameters: list[Mapping[str, str]] = []
        self.answer: Answer | None = None
        self.admitting = True
        self.prepared: list[str] = []
        self.refusals: list[str] = []
        self.turned_away: list[str] = []
        self.expected = 0
        self.reports: list[tuple[CallbackKind, Mapping[str, str], Mapping[str, str]]] = []
        self.live_sids: set[str] = set()
        self.orders: dict[str, Next] = {}
        self.wound_down = 0
        self.fault: Exception | None = None

    @property
    def live(self) -> int:
        return len(self.live_sids)

    async def admit(self, call: IncomingCall) -> Answer:
        if self.answer is not None:
            return self.answer
        return (
            Admitted(call=replace(call, parameters={"line": "front-desk"}))
            if self.admitting
            else Refuse(reason="busy")
        )

    async def callback(self, kind: CallbackKind, query: Mapping[str, str], form: Mapping[str, str]) -> None:
        self.reports.append((kind, query, form))

    def count_refusal(self, reason: str) -> None:
        self.refusals.append(reason)

    async def turn_away(self, call: IncomingCall) -> None:
        self.turned_away.append(call.call_sid)

    def expect_call(self) -> bool:
        self.expected += self.admitting
        return self.admitting

    async def prepare(self, spec: CallSpec) -> None:
        self.prepared.append(spec.call_id)

    def is_live(self, call_sid: str) -> bool:
        return call_sid in self.live_sids

    def what_next(self, call_sid: str) -> Next:
        return self.orders.pop(call_sid, Reconnect() if call_sid in self.live_sids else HangUp())

    def wind_down(self) -> None:
        self.wound_down += 1

    async def serve(self, socket: MediaSocket, authorize: Authorize) -> None:
        """Parse as the engine does: refuse with 1008, or open a provider and echo marks."""
        stream = _Stream(self, authorize)
        async with asyncio.TaskGroup() as tasks:
            refuser = tasks.create_task(self._refuse(socket, stream))
            code = await socket.run(stream.on_message)
            refuser.cancel()
        self.live_sids.discard(stream.call_sid)
        stream.code = code

    async def _refuse(self, socket: MediaSocket, stream: "_Stream") -> None:
        while True:
            await stream.wake.wait()
            stream.wake.clear()
            while stream.outbox:
                await socket.send(stream.outbox.popleft())
            if stream.refused:
                await socket.close(POLICY_VIOLATION)
                return


class _Stream:
    def __init__(self, engine: FakeEngine, authorize: Authorize) -> None:
        self._engine = engine
        self._authorize = authorize
        self._protocol = StreamProtocol()
        self.wake = asyncio.Event()
        self.outbox: deque[str] = deque()
        self.refused = False
        self.call_sid = ""
        self.code = 0

    def on_message(self, message: Message) -> None:
        if self._engine.fault is not None:
            raise self._engine.fault
        try:
            event = self._protocol.parse(message)
        except ProtocolError:
            self._refuse()
            return
        if isinstance(event, Started):
            self._start(event)
        elif self.call_sid:
            self.outbox.append(self._protocol.mark("heard"))
            self.wake.set()

    def _start(self, event: Started) -> None:
        call = self._authorize(event)
        if call is None:
            self._refuse()
            return
        self.call_sid = call.call_sid
        self._engine.live_sids.add(call.call_sid)
        self._engine.opened.append(call.call_sid)
        self._engine.seen_parameters.append(call.parameters)

    def _refuse(self) -> None:
        self.refused = True
        self.wake.set()


class FakeSocket:
    """A `MediaSocket` on the test's side of the engine."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.close_code: int | None = None
        self._inbox: asyncio.Queue[Message | int] = asyncio.Queue()

    def say(self, message: Message) -> None:
        """The peer sends this."""
        self._inbox.put_nowait(message)

    def leave(self, code: int = 1000) -> None:
        """The peer closes."""
        self._inbox.put_nowait(code)

    async def run(self, on_message: Callable[[Message], None]) -> int:
        while True:
            item = await self._inbox.get()
            if isinstance(item, int):
                return item
            on_message(item)

    async def send(self, text: str) -> None:
        if self.close_code is None:
            self.sent.append(text)

    async def close(self, code: int = 1000) -> None:
        if self.close_code is None:
            self.close_code = code
            self._inbox.put_nowait(code)


class FakeDesk:
    """A `CallDesk` with one plan for every call, which remembers what it was told.

    `started` fails `start_faults` times, `finished` `faults` times.
    """

    def __init__(self, plan: Plan, *, faults: int = 0, start_faults: int = 0) -> None:
        self.planned = plan
        self.faults = faults
        self.start_faults = start_faults
        self.wanted = True
        self.told: list[str] = []
        self.events: list[str] = []
        self.forgotten: list[str] = []
        self.reports: list[CallReport] = []
        self.recordings: list[Path | None] = []

    async def plan(self, call: IncomingCall) -> Plan:
        return self.planned

    async def turned_away(self, call: IncomingCall) -> None:
        self.told.append("turned away")

    async def started(self, call: IncomingCall, spec: CallSpec) -> bool:
        self.told.append("started")
        if self.start_faults > 0:
            self.start_faults -= 1
            raise _away()
        return self.wanted

    def note(self, spec: CallSpec, event: EngineEvent) -> None:
        self.events.append(event.type)

    async def finished(
        self, spec: CallSpec, report: CallReport, events: Sequence[EngineEvent], recording: Path | None
    ) -> None:
        self.told.append("finished")
        if self.faults > 0:
            self.faults -= 1
            raise _away()
        self.reports.append(report)
        self.recordings.append(recording)

    def forget(self, spec: CallSpec) -> None:
        self.forgotten.append(spec.call_id)

    async def callback(self, kind: CallbackKind, query: Mapping[str, str], form: Mapping[str, str]) -> None:
        self.told.append(kind)


def _away() -> UpstreamFailed:
    return UpstreamFailed("database_busy", "try again", provider="database", retryable=True)
