"""Calls inside the built-in carrier: dial, run the TwiML that the engine gives, update it, end.

| state       | on                            | to                                        |
|-------------|-------------------------------|-------------------------------------------|
| ringing     | answer_after_ms               | in-progress: the TwiML is run verb by verb |
| ringing     | line is busy, dead, or silent | busy, failed, no-answer                   |
| ringing     | <Reject> (incoming call)      | busy, no-answer                           |
| in-progress | stream's socket closes        | the <Connect> action, else the next verb  |
| in-progress | `update(twiml)`               | the stream ends, the new TwiML is run     |
| in-progress | last verb, `complete`, line hangs up | completed                          |
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, assert_never

from voice_engine.carrier import twiml
from voice_engine.carrier.faults import NO_FAULTS, FaultPlan
from voice_engine.carrier.leg import Leg, Line
from voice_engine.carrier.messages import StreamIdentity, Violation
from voice_engine.carrier.stream import MediaStream, StreamReport
from voice_engine.errors import NotFound, ProtocolError, UpstreamFailed
from voice_engine.ports.clock import Clock
from voice_engine.ports.media import MediaSocket
from voice_engine.ports.telephony import DialResult, DialStatus

Connector = Callable[[str], Awaitable[MediaSocket]]
"""Opens the socket of a stream URL. Raises UpstreamFailed when there is nobody."""

TwimlSource = Callable[[str, Mapping[str, str]], Awaitable[str]]
"""Fetches TwiML: (url, form parameters) → document."""

EndedBy = Literal["line", "engine", "carrier"]

RING_TIMEOUT_MS = 60_000
"""How long a call rings unanswered (Twilio's `Timeout`, default 60 s)."""

TONE_MS = 200
"""One DTMF digit: 100 ms of tone and 100 ms of gap."""

WAIT_MS: Mapping[str, int] = {"w": 500, "W": 1000}
"""Pauses inside <Play digits>."""

ACCOUNT_SID = "AC" + "0" * 31 + "1"
"""The built-in carrier's only account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a number does when it is called."""

    how: Literal["answer", "busy", "no_answer", "failed"] = "answer"
    after_ms: int = 0


@dataclass(slots=True, kw_only=True)
class CallRecord:
    """One call as the carrier saw it. Times are ms on the carrier's clock."""

    call_sid: str
    to: str
    direction: Literal["inbound", "outbound"]
    status: str = "ringing"
    answered_at_ms: float | None = None
    ended_at_ms: float | None = None
    ended_by: EndedBy | None = None
    streams: list[StreamReport] = field(default_factory=list)
    digits_played: str = ""
    dialled: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def violations(self) -> list[Violation]:
        """Every refused message of every stream."""
        return [violation for stream in self.streams for violation in stream.violations]


class _Call:
    """One call's live state; only its own task changes it, `update` and `complete` leave a request."""

    def __init__(self, record: CallRecord, leg: Leg) -> None:
        self.record = record
        self.leg = leg
        self.stream: MediaStream | None = None
        self.next_twiml: str | None = None
        self.completed = False
        self.finished = asyncio.Event()

    @property
    def interrupted(self) -> bool:
        return self.completed or self.leg.hung_up or self.next_twiml is not None

    def interrupt(self) -> None:
        if self.stream is not None:
            self.stream.end()


class LocalCarrier:
    """The carrier's switch for calls whose lines live in this process.

    Calls and lingering streams run in `tasks`. `connect` opens stream URLs, `fetch` answers <Redirect> and action
    URLs, `lines` resolves <Dial> numbers (None: nobody answers there).
    """

    def __init__(
        self,
        *,
        connect: Connector,
        clock: Clock,
        tasks: asyncio.TaskGroup,
        fetch: TwimlSource | None = None,
        lines: Callable[[str], Line | None] = lambda number: None,
        faults: FaultPlan = NO_FAULTS,
    ) -> None:
        self._connect = connect
        self._clock = clock
        self._tasks = tasks
        self._fetch = fetch
        self._lines = lines
        self._faults = faults
        self._calls: dict[str, _Call] = {}
        self._records: dict[str, CallRecord] = {}
        self._sids = itertools.count(1)

    async def dial(self, line: Line, *, to: str, document: str, answer: Answer | None = None) -> DialResult:
        """Ring `line`; when it answers, run the TwiML `document` in the background and return."""
        answer = answer or Answer()
        record = self._record(to, "outbound")
        status, ring_ms = _ring(answer)
        await self._clock.sleep_ms(ring_ms)
        if status is not DialStatus.ANSWERED:
            record.status = status.value
            record.ended_at_ms = self._clock.now_ms()
        else:
            self._answer(record, line, document)
        return DialResult(call_sid=record.call_sid, status=status, ring_ms=ring_ms)

    def receive(self, line: Line, *, to: str, document: str) -> DialResult:
        """`line` calls in and the engine's webhook answered with `document`; <Reject> as first verb ends it."""
        record = self._record(to, "inbound")
        verbs = _parse(record, document)
        if not verbs or isinstance(verbs[0], twiml.RejectVerb):
            busy = bool(verbs) and isinstance(verbs[0], twiml.RejectVerb) and verbs[0].reason == "busy"
            status = DialStatus.BUSY if busy else DialStatus.NO_ANSWER if verbs else DialStatus.FAILED
            record.status = status.value
            record.ended_at_ms = self._clock.now_ms()
            return DialResult(call_sid=record.call_sid, status=status)
        self._answer(record, line, document)
        return DialResult(call_sid=record.call_sid, status=DialStatus.ANSWERED)

    async def update(self, call_sid: str, document: str) -> None:
        """Replace a call's TwiML: its stream ends and the new document runs. A finished call is left alone."""
        call = self._find(call_sid)
        if call is not None:
            call.next_twiml = document
            call.interrupt()

    async def complete(self, call_sid: str) -> None:
        """Hang up. A finished call is left alone."""
        call = self._find(call_sid)
        if call is not None:
            call.completed = True
            call.interrupt()

    async def wait(self, call_sid: str) -> CallRecord:
        """Wait until the call is over, its streams closed, and return its record."""
        call = self._find(call_sid)
        if call is not None:
            await call.finished.wait()
        return self.record(call_sid)

    def record(self, call_sid: str) -> CallRecord:
        """The call's record so far. Raises NotFound."""
        if call_sid not in self._records:
            raise NotFound("call_not_found", f"no call {call_sid}")
        return self._records[call_sid]

    def leg(self, call_sid: str) -> Leg:
        """The leg of an answered call, with both directions' audio. Raises NotFound."""
        call = self._find(call_sid)
        if call is None:
            raise NotFound("call_not_answered", f"call {call_sid} was not answered")
        return call.leg

    # -- one call --------------------------------------------------------------------------------------------

    def _record(self, to: str, direction: Literal["inbound", "outbound"]) -> CallRecord:
        record = CallRecord(call_sid=f"CA{next(self._sids):032x}", to=to, direction=direction)
        self._records[record.call_sid] = record
        return record

    def _find(self, call_sid: str) -> _Call | None:
        self.record(call_sid)
        return self._calls.get(call_sid)

    def _answer(self, record: CallRecord, line: Line, document: str) -> None:
        record.status = DialStatus.ANSWERED.value
        record.answered_at_ms = self._clock.now_ms()
        call = _Call(record, Leg(line, self._clock))
        self._calls[record.call_sid] = call
        self._tasks.create_task(self._run(call, document), name=record.call_sid)

    async def _run(self, call: _Call, document: str | None) -> None:
        async with asyncio.TaskGroup() as streams:
            while document is not None:
                document = await self._run_document(call, document, streams)
            call.record.status = "completed"
            call.record.ended_at_ms = self._clock.now_ms()
            call.record.ended_by = call.record.ended_by or ("line" if call.leg.hung_up else "engine")
        await call.leg.line.settle()
        call.finished.set()

    async def _run_document(self, call: _Call, document: str, streams: asyncio.TaskGroup) -> str | None:
        """Run verbs until one leads to another document (returned) or the call is over (None)."""
        for verb in _parse(call.record, document):
            following = await self._run_verb(call, verb, streams)
            if call.leg.hung_up or call.completed:
                return None
            if call.next_twiml is not None:
                following, call.next_twiml = call.next_twiml, None
            if following is not None:
                return following
            if isinstance(verb, twiml.HangupVerb):
                return None
        return None

    async def _run_verb(self, call: _Call, verb: twiml.Verb, streams: asyncio.TaskGroup) -> str | None:
        match verb:
            case twiml.ConnectStream():
                await self._stream(call, verb, streams)
                return None if call.interrupted else await self._follow(call, verb.action)
            case twiml.PlayDigits(digits=digits):
                await self._play_digits(call, digits)
            case twiml.DialNumber():
                await self._bridge(call, verb)
                return None if call.interrupted else await self._follow(call, verb.action)
            case twiml.PauseVerb(length_s=length_s):
                await call.leg.rest(length_s * 1000)
            case twiml.RedirectVerb(url=url):
                return await self._follow(call, url)
            case twiml.RejectVerb():
                call.record.errors.append("Reject after answer is ignored")
            case twiml.HangupVerb():
                pass
            case _:
                assert_never(verb)
        return None

    async def _stream(self, call: _Call, verb: twiml.ConnectStream, streams: asyncio.TaskGroup) -> None:
        try:
            socket = await self._connect(verb.url)
        except UpstreamFailed as error:
            call.record.errors.append(f"stream: {error.message}")
            return
        call.leg.catch_up()
        identity = StreamIdentity(
            account_sid=ACCOUNT_SID,
            call_sid=call.record.call_sid,
            stream_sid=f"MZ{next(self._sids):032x}",
            parameters=verb.parameters,
        )
        call.stream = MediaStream(socket, identity, call.leg, clock=self._clock, faults=self._faults)
        streams.create_task(self._run_stream(call, call.stream), name=identity.stream_sid)
        if call.interrupted:
            call.interrupt()
        await call.stream.ended.wait()
        call.stream = None

    async def _run_stream(self, call: _Call, stream: MediaStream) -> None:
        call.record.streams.append(await stream.run())

    async def _play_digits(self, call: _Call, digits: str) -> None:
        call.leg.catch_up()
        for digit in digits:
            if call.interrupted:
                return
            if digit in WAIT_MS:
                await call.leg.rest(WAIT_MS[digit])
                continue
            await call.leg.rest(TONE_MS)
            call.leg.line.press(digit, call.leg.at_ms)
            call.record.digits_played += digit

    async def _bridge(self, call: _Call, verb: twiml.DialNumber) -> None:
        """Connect the leg to another line until one of them hangs up; each hears the other one frame later."""
        call.record.dialled.append(verb.number)
        other = self._lines(verb.number)
        if other is None:
            await call.leg.rest(min(verb.timeout_s, 5.0) * 1000)
            return
        far = Leg(other, self._clock)
        from_far: bytes | None = None
        while not call.interrupted and not far.hung_up:
            await call.leg.next_frame()
            frame = call.leg.step(from_far)
            from_far = far.step(frame.mulaw).mulaw
        await other.settle()

    async def _follow(self, call: _Call, url: str | None) -> str | None:
        if url is None:
            return None
        if self._fetch is None:
            call.record.errors.append(f"nothing answers {url}")
            return None
        document = await self._fetch(url, {"CallSid": call.record.call_sid, "CallStatus": call.record.status})
        call.leg.catch_up()
        return document


def _ring(answer: Answer) -> tuple[DialStatus, int]:
    match answer.how:
        case "busy":
            return DialStatus.BUSY, answer.after_ms
        case "failed":
            return DialStatus.FAILED, answer.after_ms
        case "no_answer":
            return DialStatus.NO_ANSWER, RING_TIMEOUT_MS
        case "answer":
            if answer.after_ms >= RING_TIMEOUT_MS:
                return DialStatus.NO_ANSWER, RING_TIMEOUT_MS
            return DialStatus.ANSWERED, answer.after_ms


def _parse(record: CallRecord, document: str) -> tuple[twiml.Verb, ...]:
    """Twilio ends a call whose TwiML it cannot read ("an application error has occurred")."""
    try:
        return twiml.parse(document)
    except ProtocolError as error:
        record.errors.append(error.message)
        return ()
