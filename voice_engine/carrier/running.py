"""One call that is up: its TwiML, performed verb by verb. Its own task changes it; others leave a request.

| verb                    | goes on with                                          |
|-------------------------|-------------------------------------------------------|
| Connect, Dial           | the `action`, else the next verb                      |
| Gather, Record          | the `action` when there is something, else the next verb |
| Redirect                | the document at its URL                               |
| Hangup, or the last one | nothing: the call is over                             |
"""

import asyncio
import datetime as dt
from collections.abc import Mapping
from typing import assert_never
from urllib.parse import urljoin

from voice_engine.carrier import bridging, talking, twiml
from voice_engine.carrier.leg import Leg, LineFrame
from voice_engine.carrier.messages import StreamIdentity
from voice_engine.carrier.record import CallRecord
from voice_engine.carrier.stream import MediaStream
from voice_engine.carrier.switch import Document, Switch
from voice_engine.carrier.verbs import (
    ConnectStream,
    DialConference,
    DialNumber,
    GatherVerb,
    HangupVerb,
    PauseVerb,
    PlayDigits,
    RecordVerb,
    RedirectVerb,
    RejectVerb,
    SayVerb,
    Verb,
)
from voice_engine.errors import ProtocolError, UpstreamFailed
from voice_engine.ports.telephony import CallStatus

TONE_MS = 200
"""One DTMF digit: 100 ms of tone and 100 ms of gap."""

WAIT_MS: Mapping[str, int] = {"w": 500, "W": 1000}
"""Pauses inside <Play digits>."""

MAX_DOCUMENTS = 500
"""Of one call: a redirect that leads to itself must end."""


class RunningCall:
    """`update` and `complete` may be called at any time; `finished` is set when call and streams are over."""

    def __init__(self, record: CallRecord, leg: Leg, switch: Switch) -> None:
        self.record = record
        self.leg = leg
        self.switch = switch
        self.completed = False
        self.finished = asyncio.Event()
        self.document_url = ""
        self._stream: MediaStream | None = None
        self._next: Document | None = None
        self._streams: asyncio.TaskGroup

    @property
    def interrupted(self) -> bool:
        """Whether the verb that runs has to end."""
        return self.completed or self.leg.hung_up or self._next is not None

    def update(self, document: Document) -> None:
        """Go on with another document; the verb that runs ends."""
        self._next = document
        self._interrupt()

    def complete(self) -> None:
        """Hang up."""
        self.completed = True
        self._interrupt()

    async def run(self, document: Document | None) -> None:
        """Perform documents until there is none, then end the call."""
        async with asyncio.TaskGroup() as self._streams:
            for _ in range(MAX_DOCUMENTS):
                if document is None:
                    break
                document = await self._perform(document)
            self.record.status = CallStatus.COMPLETED.value
            self.record.ended_at_ms = self.switch.clock.now_ms()
            self.record.ended_by = self.record.ended_by or ("line" if self.leg.hung_up else "engine")
        await self.leg.line.settle()
        self.finished.set()

    # -- what verbs are made of ------------------------------------------------------------------------------

    async def frame(self, heard: bytes | None = None) -> LineFrame:
        """Wait for the next 20 ms of the line, playing `heard` to it."""
        await self.leg.next_frame()
        return self.leg.step(heard)

    async def rest(self, duration_ms: float) -> None:
        """Silence, until it is over or the call is interrupted."""
        until = self.leg.at_ms + duration_ms
        while not self.interrupted and self.leg.at_ms < until:
            await self.frame()

    async def follow(self, url: str | None, form: Mapping[str, str] | None = None) -> Document | None:
        """The document at `url`, which may be relative to the one that runs."""
        if url is None:
            return None
        try:
            whole = urljoin(self.document_url, url)
        except ValueError:
            self.record.errors.append(f"11100: {url} is not a URL")
            return None
        document = await self.switch.fetch(self.record, whole, form or {})
        self.leg.catch_up()
        return document

    # -- documents and verbs ---------------------------------------------------------------------------------

    async def _perform(self, document: Document) -> Document | None:
        """Run verbs until one leads to another document (returned) or the call is over (None)."""
        self.document_url = document.url
        for verb in self._read(document):
            following = await self._run(verb)
            if self.leg.hung_up or self.completed:
                return None
            if self._next is not None:
                following, self._next = self._next, None
            if following is not None or isinstance(verb, HangupVerb):
                return following
        return None

    def _read(self, document: Document) -> tuple[Verb, ...]:
        """Twilio ends a call whose TwiML it cannot read ("an application error has occurred")."""
        try:
            return twiml.parse(document.text)
        except ProtocolError as error:
            self.record.errors.append(error.message)
            return ()

    async def _run(self, verb: Verb) -> Document | None:
        match verb:
            case ConnectStream():
                await self._connect(verb)
                return None if self.interrupted else await self.follow(verb.action)
            case GatherVerb():
                return await talking.gather(self, verb)
            case RecordVerb():
                return await talking.record(self, verb)
            case DialNumber():
                return await bridging.bridge(self, verb)
            case DialConference():
                return await bridging.confer(self, verb)
            case RedirectVerb(url=url):
                return await self.follow(url)
            case _:
                await self._run_plain(verb)
                return None

    async def _run_plain(self, verb: SayVerb | PlayDigits | PauseVerb | RejectVerb | HangupVerb) -> None:
        """Verbs after which the next one runs."""
        match verb:
            case SayVerb():
                await talking.say(self, verb)
            case PlayDigits(digits=digits):
                await self.play_digits(digits)
            case PauseVerb(length_s=length_s):
                await self.rest(length_s * 1000)
            case RejectVerb():
                self.record.errors.append("Reject after answer is ignored")
            case HangupVerb():
                pass
            case _:
                assert_never(verb)

    async def play_digits(self, digits: str) -> None:
        """DTMF to the line."""
        self.leg.catch_up()
        for digit in digits:
            if self.interrupted:
                return
            if digit in WAIT_MS:
                await self.rest(WAIT_MS[digit])
                continue
            await self.rest(TONE_MS)
            self.leg.line.press(digit, self.leg.at_ms)
            self.record.digits_played += digit

    # -- streams ---------------------------------------------------------------------------------------------

    def _interrupt(self) -> None:
        if self._stream is not None:
            self._stream.end()

    async def _connect(self, verb: ConnectStream) -> None:
        sid = self.switch.new_sid("MZ")
        try:
            socket = await self.switch.connect(verb.url)
        except UpstreamFailed as error:
            self.record.errors.append(f"stream: {error.message}")
            self._tell_stream(verb, sid, "stream-error", StreamError=error.message)
            self.leg.catch_up()
            return
        self.leg.catch_up()
        identity = StreamIdentity(
            account_sid=self.switch.account_sid,
            call_sid=self.record.call_sid,
            stream_sid=sid,
            parameters=verb.parameters,
        )
        switch = self.switch
        self._stream = stream = MediaStream(socket, identity, self.leg, clock=switch.clock, faults=switch.faults)
        self._streams.create_task(self._run_stream(stream), name=sid)
        self._tell_stream(verb, sid, "stream-started")
        if self.interrupted:
            self._interrupt()
        await stream.ended.wait()
        self._stream = None
        self._tell_stream(verb, sid, "stream-stopped")

    async def _run_stream(self, stream: MediaStream) -> None:
        self.record.streams.append(await stream.run())

    def _tell_stream(self, verb: ConnectStream, sid: str, event: str, **more: str) -> None:
        if verb.status_callback is None:
            return
        form = {
            "AccountSid": self.switch.account_sid,
            "CallSid": self.record.call_sid,
            "StreamSid": sid,
            "StreamName": verb.name or sid,
            "StreamEvent": event,
            "Timestamp": dt.datetime.now(dt.UTC).isoformat(),
        }
        self.switch.tell(urljoin(self.document_url, verb.status_callback), form | more)
