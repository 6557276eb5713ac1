"""One media socket of a call: parses what comes, tells whom it belongs to, and gives them a way to answer."""

import asyncio
from collections.abc import Callable
from typing import Protocol, assert_never

import structlog

from voice_engine.core.playout.model import SendClear, SendMark, SendMedia
from voice_engine.errors import ProtocolError
from voice_engine.ports.media import MediaSocket, Message
from voice_engine.runtime.mouth import Link, Outgoing, Relay, Stream
from voice_engine.telephony.twilio.events import (
    Connected,
    DtmfReceived,
    MarkReceived,
    MediaReceived,
    Repeated,
    Started,
    Stopped,
    StreamEvent,
    Unknown,
)
from voice_engine.telephony.twilio.protocol import StreamProtocol

log = structlog.get_logger(__name__)

POLICY_VIOLATION = 1008
"""RFC 6455, 7.4.1: the stream is not one of ours, or breaks the protocol."""


class Party(Protocol):
    """Whom a stream belongs to: a call, or the leg of a human who takes one over. All on the receive path."""

    def attach(self, call_sid: str, stream: Stream, link: Link) -> None:
        """The stream's `start` came."""
        ...

    def media(self, timestamp_ms: int, payload: bytes) -> None:
        """One media message: its stream timestamp and μ-law bytes."""
        ...

    def mark(self, name: str) -> None:
        """The carrier echoed a mark."""
        ...

    def digit(self, digit: str) -> None:
        """A key was pressed at the other end."""
        ...

    def gap(self, count: int) -> None:
        """So many messages of the stream never came."""
        ...

    def stopped(self, stream: Stream) -> None:
        """The carrier ended the stream."""
        ...

    def detached(self, stream: Stream) -> None:
        """The stream's socket is gone."""
        ...

    def crashed(self) -> None:
        """A defect on the receive path: end this party and no other."""
        ...


Resolve = Callable[[Started], Party | None]
"""Finds the party that a stream claims to belong to; None refuses it."""


class MediaStream:
    """Drives one socket from `connected` to its close. Nothing is opened before `resolve` accepts the start."""

    def __init__(self, socket: MediaSocket, resolve: Resolve) -> None:
        self._socket = socket
        self._resolve = resolve
        self._protocol = StreamProtocol()
        self._party: Party | None = None
        self._call_sid: str | None = None
        self._closing = asyncio.Event()
        self.refusal: str | None = None
        """Why the stream was closed by us, if it was."""

    async def run(self) -> None:
        """Serve the stream until either side closes it."""
        try:
            async with asyncio.TaskGroup() as tasks:
                closer = tasks.create_task(self._close_when_refused(), name="refuse")
                await self._socket.run(self._on_message)
                closer.cancel()
        finally:
            if self._party is not None:
                self._party.detached(self)

    async def close(self, code: int = 1000) -> None:
        """Close the socket."""
        await self._socket.close(code)

    async def _close_when_refused(self) -> None:
        await self._closing.wait()
        await self._socket.close(POLICY_VIOLATION)

    def _on_message(self, message: Message) -> None:
        if self.refusal is not None:
            return
        try:
            event = self._protocol.parse(message)
        except ProtocolError as error:
            self._refuse(error.code)
            return
        party = self._party
        try:
            if type(event) is MediaReceived and party is not None:
                party.media(event.media_ms, event.payload)
            else:
                self._other(event)
        except Exception:  # the call's edge, receive path: a defect ends this call and no other
            log.exception("stream.crashed", call_sid=self._call_sid)
            self._refuse("defect")
            if party is not None:
                party.crashed()

    def _other(self, event: StreamEvent) -> None:
        party = self._party
        match event:
            case Started():
                self._start(event)
            case MarkReceived() if party is not None:
                party.mark(event.name)
            case DtmfReceived() if party is not None:
                party.digit(event.digit)
            case Stopped() if party is not None:
                party.gap(self._protocol.counters.missing)
                party.stopped(self)
            case (
                Connected() | Repeated() | Unknown() | MediaReceived() | MarkReceived() | DtmfReceived() | Stopped()
            ):
                pass
            case _:
                assert_never(event)

    def _start(self, event: Started) -> None:
        self._call_sid = event.call_sid
        party = self._resolve(event)
        if party is None:
            self._refuse("unknown_call")
            return
        self._party = party
        party.attach(event.call_sid, self, Link(self._socket.send, self._serialize))

    def _serialize(self, item: Outgoing) -> str:
        match item:
            case SendMedia() | Relay():
                return self._protocol.media(item.payload)
            case SendMark():
                return self._protocol.mark(item.name)
            case SendClear():
                return self._protocol.clear()
            case _:
                assert_never(item)

    def _refuse(self, reason: str) -> None:
        self.refusal = reason
        self._closing.set()
