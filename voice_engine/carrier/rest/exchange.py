"""The live exchange: calls placed over REST or coming in from lines, from the first ring to the last verb.

| status      | on                                            | to                                     |
|-------------|-----------------------------------------------|----------------------------------------|
| queued      | its turn                                      | ringing (callbacks initiated, ringing) |
| ringing     | the line answers                              | in-progress (callback answered)        |
| ringing     | busy, no answer, failure, `complete`          | busy, no-answer, failed, canceled      |
| in-progress | last verb, `complete`, hang-up, time limit    | completed                              |

Every end has its callback `completed`, whose CallStatus says which.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any

import structlog

from voice_engine.carrier.calls import rejection
from voice_engine.carrier.leg import Leg, Line, LineFrame
from voice_engine.carrier.record import ring_outcome
from voice_engine.carrier.rest.amd import AmdSettings, MachineDetector
from voice_engine.carrier.rest.book import CallBook
from voice_engine.carrier.rest.call import Call, CallOrder, Webhook
from voice_engine.carrier.rest.parts import ExchangeParts
from voice_engine.carrier.rest.switching import RestSwitch
from voice_engine.carrier.running import RunningCall
from voice_engine.carrier.switch import Document
from voice_engine.ports.telephony import CallStatus, DialStatus

_log = structlog.get_logger(__name__)


class OverheardLine:
    """A line whose frames `hear` gets too, until it returns False."""

    def __init__(self, line: Line, hear: Callable[[bytes], bool]) -> None:
        self._line = line
        self._hear: Callable[[bytes], bool] | None = hear

    def step(self, at_ms: int, heard: bytes | None) -> LineFrame:
        """The line's 20 ms."""
        frame = self._line.step(at_ms, heard)
        if self._hear is not None and not self._hear(frame.mulaw):
            self._hear = None
        return frame

    def press(self, digits: str, at_ms: int) -> None:
        """Keys reach the line."""
        self._line.press(digits, at_ms)

    async def settle(self) -> None:
        """The line finishes."""
        await self._line.settle()


class Exchange:
    """Places, takes and steers calls. Its tasks run in the parts' group and end with their calls."""

    def __init__(self, parts: ExchangeParts) -> None:
        self.book = CallBook(parts)
        self._parts = parts
        self._switch = RestSwitch(parts, self.book)

    def place(self, order: CallOrder) -> Call:
        """Queue a call; it begins to ring at once."""
        call = self.book.open(to=order.to, from_number=order.from_number, direction="outbound-api")
        call.status_hook, call.status_events = order.status, order.status_events
        self._start(call, self._outbound(call, order))
        return call

    def receive(
        self,
        line: Line,
        *,
        caller: str,
        to: str,
        number_sid: str,
        voice: Webhook,
        fallback: Webhook | None = None,
        status: Webhook | None = None,
    ) -> Call:
        """`line` calls a customer's number: its `voice` webhook is asked, and rings until it answers."""
        call = self.book.open(to=to, from_number=caller, direction="inbound")
        call.number_sid, call.status_hook = number_sid, status
        self.book.move(call, CallStatus.RINGING)
        self._start(call, self._inbound(call, line, voice, fallback))
        return call

    def complete(self, call: Call) -> None:
        """End a call, ringing or up; an ended one is left alone."""
        call.stop.set()
        if call.running is not None:
            call.running.complete()

    async def redirect(self, call: Call, to: Webhook | str) -> None:
        """Have a call that is up go on with a URL's TwiML, or with a document; it ends when there is none."""
        document = Document(to) if isinstance(to, str) else await self._fetch(call, to, {})
        if call.running is None:
            return
        if document is None:
            call.running.complete()
        else:
            call.running.update(document)

    # -- outbound --------------------------------------------------------------------------------------------

    async def _outbound(self, call: Call, order: CallOrder) -> None:
        self.book.dialling(call)
        reached = await self._parts.reach.reach(call.to)
        self.book.move(call, CallStatus.RINGING)
        status, ring_ms = ring_outcome(reached.answer, order.timeout_s * 1000)
        if await _stopped_within(call, ring_ms):
            status = DialStatus.CANCELED
        if status is not DialStatus.ANSWERED or reached.line is None:
            self.book.move(call, CallStatus(status.value), sip_code=reached.sip_code)
            return
        line = self._listening(call, reached.line, order)
        async with self._up(call, line, keep_audio=order.record) as running, asyncio.TaskGroup() as beside:
            watcher = beside.create_task(self._limit(running, order.time_limit_s))
            await running.run(await self._first_document(call, running, order))
            watcher.cancel()
            await self._record(call, running, order)

    async def _first_document(self, call: Call, running: RunningCall, order: CallOrder) -> Document | None:
        extra: dict[str, str] = {}
        if order.amd is not None and not order.amd_async:
            call.answered_by = extra["AnsweredBy"] = await self._detect(running, order.amd)
        if order.send_digits is not None:
            await running.play_digits(order.send_digits)
        if order.answer is None:
            return Document(order.twiml or "")
        document = await self._fetch(call, order.answer, extra, order.fallback)
        running.leg.catch_up()
        return document

    async def _limit(self, running: RunningCall, seconds: int) -> None:
        await self._parts.clock.sleep_ms(1000.0 * seconds)
        running.complete()

    async def _record(self, call: Call, running: RunningCall, order: CallOrder) -> None:
        """`Record`: what both sides said, in two channels or the far end's alone."""
        if not order.record:
            return
        sides = [bytes(running.leg.said), bytes(running.leg.heard)]
        recording = await self._parts.recordings.keep(
            sides if order.record_dual else sides[:1],
            account_sid=call.account_sid,
            call_sid=call.sid,
            source="OutboundAPI",
            now=self._parts.now(),
        )
        if order.recording_callback is not None:
            self._switch.tell_recording(recording, order.recording_callback)

    # -- machine detection -----------------------------------------------------------------------------------

    async def _detect(self, running: RunningCall, settings: AmdSettings) -> str:
        """Before any TwiML: the line hears nothing meanwhile."""
        detector = MachineDetector(settings)
        while not running.interrupted:
            verdict = detector.step((await running.frame()).mulaw)
            if verdict is not None:
                return verdict
        return "unknown"

    def _listening(self, call: Call, line: Line, order: CallOrder) -> Line:
        """The line, overheard until it is known who answered; the verdict goes to the callback."""
        if order.amd is None or not order.amd_async:
            return line
        detector = MachineDetector(order.amd)

        def hear(frame: bytes) -> bool:
            verdict = detector.step(frame)
            if verdict is None:
                return True
            call.answered_by = verdict
            if order.amd_callback is not None:
                form = {
                    "CallSid": call.sid,
                    "AccountSid": call.account_sid,
                    "AnsweredBy": verdict,
                    "MachineDetectionDuration": str(detector.duration_ms),
                }
                self.book.post(order.amd_callback, form, event="amd", order=call.sid)
            return False

        return OverheardLine(line, hear)

    # -- inbound ---------------------------------------------------------------------------------------------

    async def _inbound(self, call: Call, line: Line, voice: Webhook, fallback: Webhook | None) -> None:
        document = await self._fetch(call, voice, {}, fallback)
        refused = DialStatus.FAILED if document is None else rejection(call.record, document.text)
        if call.stop.is_set():
            refused = DialStatus.CANCELED
        if refused is not None or document is None:
            self.book.move(call, CallStatus(refused.value if refused else "failed"))
            return
        async with self._up(call, line) as running:
            await running.run(document)

    # -- both ------------------------------------------------------------------------------------------------

    def _start(self, call: Call, life: Coroutine[Any, Any, None]) -> None:
        self._parts.tasks.create_task(self._live(call, life), name=call.sid)

    async def _live(self, call: Call, life: Coroutine[Any, Any, None]) -> None:
        try:
            await life
        except Exception:  # noqa: BLE001  # the edge of one call: the others go on
            _log.exception("carrier.call_failed", call_sid=call.sid)
            self.book.move(call, CallStatus.FAILED)

    @asynccontextmanager
    async def _up(self, call: Call, line: Line, *, keep_audio: bool = False) -> AsyncIterator[RunningCall]:
        """The call while somebody is on the line; it ends `completed`, whatever happens inside."""
        self.book.move(call, CallStatus.IN_PROGRESS)
        leg = Leg(line, self._parts.clock, keep_audio=keep_audio)
        call.running = RunningCall(call.record, leg, self._switch)
        if call.stop.is_set():
            call.running.complete()
        try:
            yield call.running
        finally:
            self.book.move(call, CallStatus.COMPLETED)

    async def _fetch(
        self, call: Call, hook: Webhook, extra: Mapping[str, str], fallback: Webhook | None = None
    ) -> Document | None:
        answered = await self._parts.callbacks.fetch(hook.url, call.form() | dict(extra), method=hook.method)
        if answered.error is None:
            return Document(answered.text, hook.url)
        call.record.errors.append(answered.error)
        if fallback is None:
            return None
        failed = {"ErrorCode": answered.error.partition(":")[0], "ErrorUrl": hook.url}
        return await self._fetch(call, fallback, {**extra, **failed})


async def _stopped_within(call: Call, duration_ms: int) -> bool:
    try:
        async with asyncio.timeout(duration_ms / 1000):
            await call.stop.wait()
    except TimeoutError:
        return False
    return True
