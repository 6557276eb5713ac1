"""Calls inside the built-in carrier: dial, run the TwiML that the engine gives, update it, end.

| state       | on                            | to                                        |
|-------------|-------------------------------|-------------------------------------------|
| ringing     | answer_after_ms               | in-progress: the TwiML is run verb by verb |
| ringing     | line is busy, dead, or silent | busy, failed, no-answer                   |
| ringing     | <Reject> (incoming call)      | busy, no-answer                           |
| in-progress | stream's socket closes        | the <Connect> action, else the next verb  |
| in-progress | `update(twiml)`               | the stream ends, the new TwiML is run     |
| in-progress | last verb, `complete`, line hangs up | completed                          |

This exchange has no REST API, no voice and keeps no recordings: `carrier.rest` has.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from voice_engine.carrier import twiml
from voice_engine.carrier.faults import NO_FAULTS, FaultPlan
from voice_engine.carrier.leg import Leg, Line
from voice_engine.carrier.record import RING_TIMEOUT_MS, Answer, CallRecord, EndedBy, ring_outcome
from voice_engine.carrier.rooms import Room
from voice_engine.carrier.running import RunningCall
from voice_engine.carrier.switch import Document
from voice_engine.carrier.verbs import DialConference, DialNumber, RecordVerb, RejectVerb, Verb
from voice_engine.errors import NotFound, ProtocolError, UpstreamFailed
from voice_engine.ports.clock import Clock
from voice_engine.ports.media import MediaSocket
from voice_engine.ports.telephony import CallStatus, DialResult, DialStatus

__all__ = ["ACCOUNT_SID", "RING_TIMEOUT_MS", "Answer", "CallRecord", "Connector", "EndedBy", "LocalCarrier"]

Connector = Callable[[str], Awaitable[MediaSocket]]
"""Opens the socket of a stream URL. Raises UpstreamFailed when there is nobody."""

TwimlSource = Callable[[str, Mapping[str, str]], Awaitable[str]]
"""Fetches TwiML: (url, form parameters) → document."""

ACCOUNT_SID = "AC" + "0" * 31 + "1"
"""The built-in carrier's only account."""

NOBODY_AFTER_MS = 5_000
"""A number that no line stands behind fails after this long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _LocalEnd:
    """The other leg of a <Dial> in this process."""

    call_sid: str
    line: Line | None
    answer: Answer

    def moved(self, status: CallStatus) -> None:
        """Nobody is told."""


class _LocalSwitch:
    """`Switch` for calls whose lines live in this process."""

    account_sid = ACCOUNT_SID

    def __init__(
        self,
        *,
        connect: Connector,
        clock: Clock,
        fetch: TwimlSource | None,
        lines: Callable[[str], Line | None],
        faults: FaultPlan,
    ) -> None:
        self.clock = clock
        self.faults = faults
        self._connect = connect
        self._fetch = fetch
        self._lines = lines
        self._rooms: dict[str, Room] = {}
        self._sids = itertools.count(1)

    def new_sid(self, prefix: str) -> str:
        return f"{prefix}{next(self._sids):032x}"

    async def connect(self, url: str) -> MediaSocket:
        return await self._connect(url)

    async def fetch(self, record: CallRecord, url: str, form: Mapping[str, str]) -> Document | None:
        if self._fetch is None:
            record.errors.append(f"nothing answers {url}")
            return None
        form = {"CallSid": record.call_sid, "CallStatus": record.status, **form}
        return Document(await self._fetch(url, form), url)

    def tell(self, url: str, form: Mapping[str, str]) -> None:
        """Nobody is told."""

    async def ring(self, record: CallRecord, verb: DialNumber) -> _LocalEnd:
        line = self._lines(verb.number)
        answer = (
            Answer() if line else Answer(how="failed", after_ms=min(NOBODY_AFTER_MS, round(verb.timeout_s * 1000)))
        )
        return _LocalEnd(call_sid=self.new_sid("CA"), line=line, answer=answer)

    async def speak(self, text: str, language: str) -> bytes:
        raise UpstreamFailed("no_voice", "this carrier has no voice", provider="carrier", retryable=False)

    def room(self, verb: DialConference) -> Room:
        room = self._rooms.get(verb.name)
        if room is None or room.over:
            room = self._rooms[verb.name] = Room(verb.name, self.new_sid("CF"))
        return room

    async def keep(self, record: CallRecord, verb: RecordVerb, audio: bytes) -> Mapping[str, str]:
        record.errors.append("Record: this carrier keeps no recordings")
        return {}


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
        self._switch = _LocalSwitch(connect=connect, clock=clock, fetch=fetch, lines=lines, faults=faults)
        self._clock = clock
        self._tasks = tasks
        self._calls: dict[str, RunningCall] = {}
        self._records: dict[str, CallRecord] = {}

    async def dial(self, line: Line, *, to: str, document: str, answer: Answer | None = None) -> DialResult:
        """Ring `line`; when it answers, run the TwiML `document` in the background and return."""
        record = self._record(to, "outbound")
        status, ring_ms = ring_outcome(answer or Answer())
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
        status = rejection(record, document)
        if status is not None:
            record.status = status.value
            record.ended_at_ms = self._clock.now_ms()
            return DialResult(call_sid=record.call_sid, status=status)
        self._answer(record, line, document)
        return DialResult(call_sid=record.call_sid, status=DialStatus.ANSWERED)

    async def update(self, call_sid: str, document: str) -> None:
        """Replace a call's TwiML: its stream ends and the new document runs. A finished call is left alone."""
        call = self._find(call_sid)
        if call is not None:
            call.update(Document(document))

    async def complete(self, call_sid: str) -> None:
        """Hang up. A finished call is left alone."""
        call = self._find(call_sid)
        if call is not None:
            call.complete()

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

    def _record(self, to: str, direction: Literal["inbound", "outbound"]) -> CallRecord:
        record = CallRecord(call_sid=self._switch.new_sid("CA"), to=to, direction=direction)
        self._records[record.call_sid] = record
        return record

    def _find(self, call_sid: str) -> RunningCall | None:
        self.record(call_sid)
        return self._calls.get(call_sid)

    def _answer(self, record: CallRecord, line: Line, document: str) -> None:
        record.status = CallStatus.IN_PROGRESS.value
        record.answered_at_ms = self._clock.now_ms()
        call = RunningCall(record, Leg(line, self._clock), self._switch)
        self._calls[record.call_sid] = call
        self._tasks.create_task(call.run(Document(document)), name=record.call_sid)


def rejection(record: CallRecord, document: str) -> DialStatus | None:
    """How the first document of an incoming call refuses it; None: it takes the call."""
    verbs = _parse(record, document)
    match verbs:
        case ():
            return DialStatus.FAILED
        case (RejectVerb(reason=reason), *_):
            return DialStatus.BUSY if reason == "busy" else DialStatus.NO_ANSWER
        case _:
            return None


def _parse(record: CallRecord, document: str) -> tuple[Verb, ...]:
    try:
        return twiml.parse(document)
    except ProtocolError as error:
        record.errors.append(error.message)
        return ()
