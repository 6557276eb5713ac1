"""Twilio Media Streams, the engine's side, without I/O: messages in → events, intents → messages out.

    state      accepts                                        next
    idle       connected, unknown events                      idle
               start                                          streaming
    streaming  media, dtmf, mark, unknown events              streaming
               stop                                           stopped
    stopped    nothing

`parse` raises ProtocolError and nothing else, whatever the bytes, and a refused message leaves the state as it was.
Numbers on this wire are strings (`"sequenceNumber": "4"`). Reference: Twilio, "Media Streams - WebSocket Messages".
"""

from binascii import a2b_base64, b2a_base64
from typing import Literal

import orjson

from voice_engine.errors import ProtocolError
from voice_engine.ports.media import Message
from voice_engine.telephony.twilio.events import (
    Connected,
    DtmfReceived,
    MarkReceived,
    MediaReceived,
    Repeated,
    Started,
    Stopped,
    StreamCounters,
    StreamEvent,
    Unknown,
)
from voice_engine.telephony.twilio.fields import Fields, parse_object

MAX_MESSAGE_BYTES = 64 * 1024
"""Our cap on one inbound message; Twilio's own are under 500 bytes. Transports should be given the same limit."""

_REMEMBERED_HOLES = 256
"""Missing sequence numbers we still expect: about five seconds of media."""

_MEDIA_HEAD = '{"event":"media","sequenceNumber":"'
_CHUNK = '","media":{"track":"inbound","chunk":"'
_TIMESTAMP = '","timestamp":"'
_PAYLOAD = '","payload":"'
_MAX_DIGITS = 15
"""Digits of a number on this wire: exact in a double, too, which is what other peers parse into."""

_State = Literal["idle", "streaming", "stopped"]


class StreamProtocol:
    """One stream's protocol state. Feed it every message in order; send what the serializers give."""

    def __init__(self) -> None:
        self.counters = StreamCounters()
        self.stream_sid: str | None = None
        self._call_sid = ""
        self._state: _State = "idle"
        self._next = 1
        self._holes: dict[int, None] = {}
        self._tail = ""
        self._media_prefix = ""
        self._mark_prefix = ""
        self._clear = ""

    def parse(self, message: Message) -> StreamEvent:
        """One websocket text message → its event. Raises ProtocolError."""
        if self._state == "streaming":
            media = self._media_fast(message)
            if media is not None:
                return self._count("media", media.sequence) or media
        return self._parse_any(message)

    def media(self, payload: bytes) -> str:
        """The message that plays μ-law audio (8 kHz, no header, any length > 0). Only while a stream is known."""
        assert self._media_prefix, "media before the stream has started"
        return f'{self._media_prefix}{b2a_base64(payload, newline=False).decode("ascii")}"}}}}'

    def mark(self, name: str) -> str:
        """The message that asks for an echo of `name` once everything sent before it has played."""
        assert self._mark_prefix, "mark before the stream has started"
        return f"{self._mark_prefix}{orjson.dumps(name).decode()}}}}}"

    def clear(self) -> str:
        """The message that empties the carrier's playback buffer; pending marks come back at once."""
        assert self._clear, "clear before the stream has started"
        return self._clear

    def _media_fast(self, message: Message) -> MediaReceived | None:
        """Twilio's usual media message, cut apart by position; None when it looks any different.

        Digits and base64 hold no quote or backslash, so a match here reads as JSON would: the property test
        compares both ways.
        """
        try:
            text = message if isinstance(message, str) else message.decode("ascii")
        except UnicodeDecodeError:
            return None
        if not (text.startswith(_MEDIA_HEAD) and text.endswith(self._tail)) or len(text) > MAX_MESSAGE_BYTES:
            return None
        sequence, _, rest = text[len(_MEDIA_HEAD) : -len(self._tail)].partition(_CHUNK)
        chunk, _, rest = rest.partition(_TIMESTAMP)
        timestamp, _, payload = rest.partition(_PAYLOAD)
        numbers = sequence + chunk + timestamp
        if not (sequence and chunk and timestamp and numbers.isascii() and numbers.isdecimal()):
            return None
        if len(sequence) > _MAX_DIGITS or len(chunk) > _MAX_DIGITS or len(timestamp) > _MAX_DIGITS:
            return None
        try:
            audio = a2b_base64(payload, strict_mode=True)
        except ValueError:
            return None
        return MediaReceived(int(timestamp), int(chunk), int(sequence), audio)

    def _parse_any(self, message: Message) -> StreamEvent:
        fields = parse_object(message, max_bytes=MAX_MESSAGE_BYTES)
        name = fields.text("event")
        if name == "connected":
            return self._connected(fields)
        if name == "start":
            return self._start(fields)
        if self._state == "stopped":
            raise ProtocolError("stream_stopped", f"{name!r} after the stream has stopped")
        event = self._streaming(name, fields)
        if isinstance(event, Unknown):
            sequence = fields.optional_number("sequenceNumber")
            return event if sequence is None else self._count(name, sequence) or event
        return self._counted(event, name)

    def _connected(self, fields: Fields) -> Connected:
        if self._state != "idle":
            raise ProtocolError("unexpected_connected", "'connected' on a stream that has started")
        return Connected(protocol=fields.optional_text("protocol"), version=fields.optional_text("version"))

    def _start(self, fields: Fields) -> StreamEvent:
        if self._state != "idle":
            raise ProtocolError("unexpected_start", "'start' twice on one socket")
        start = fields.object("start")
        stream_sid = start.sid("streamSid")
        if fields.has("streamSid") and fields.sid("streamSid") != stream_sid:
            raise ProtocolError("wrong_stream", "'start' names two streams")
        event = Started(
            stream_sid=stream_sid,
            call_sid=start.sid("callSid"),
            account_sid=start.sid("accountSid"),
            sequence=fields.number("sequenceNumber"),
            custom_parameters=start.texts("customParameters"),
            media_format=start.media_format("mediaFormat"),
        )
        self._open(event)
        return event

    def _open(self, event: Started) -> None:
        self._state = "streaming"
        self.stream_sid = event.stream_sid
        self._call_sid = event.call_sid
        self._next = event.sequence + 1
        self.counters.messages += 1
        self._tail = f'"}},"streamSid":"{event.stream_sid}"}}'
        self._media_prefix = f'{{"event":"media","streamSid":"{event.stream_sid}","media":{{"payload":"'
        self._mark_prefix = f'{{"event":"mark","streamSid":"{event.stream_sid}","mark":{{"name":'
        self._clear = f'{{"event":"clear","streamSid":"{event.stream_sid}"}}'

    def _streaming(
        self, name: str, fields: Fields
    ) -> MediaReceived | DtmfReceived | MarkReceived | Stopped | Unknown:
        if name not in {"media", "dtmf", "mark", "stop"}:
            if self._state == "streaming" and fields.has("streamSid"):
                self._own(fields)
            return Unknown(name=name)
        if self._state != "streaming":
            raise ProtocolError("stream_not_started", f"{name!r} before 'start'")
        self._own(fields)
        sequence = fields.number("sequenceNumber")
        body = fields.object(name)
        if name == "media":
            body.one_of("track", {"inbound"})
            return MediaReceived(body.number("timestamp"), body.number("chunk"), sequence, body.base64("payload"))
        if name == "dtmf":
            return DtmfReceived(digit=body.one_of("digit", set("0123456789*#ABCD")), sequence=sequence)
        if name == "mark":
            return MarkReceived(name=body.text("name"), sequence=sequence)
        return self._stop(body, sequence)

    def _stop(self, body: Fields, sequence: int) -> Stopped:
        call_sid = body.sid("callSid") if body.has("callSid") else self._call_sid
        if call_sid != self._call_sid:
            raise ProtocolError("wrong_call", "'stop' names another call")
        return Stopped(call_sid=call_sid, sequence=sequence)

    def _own(self, fields: Fields) -> None:
        if fields.sid("streamSid") != self.stream_sid:
            raise ProtocolError("wrong_stream", "a message of another stream")

    def _counted(self, event: MediaReceived | DtmfReceived | MarkReceived | Stopped, name: str) -> StreamEvent:
        repeated = self._count(name, event.sequence)
        if repeated is not None:
            return repeated
        if isinstance(event, Stopped):
            self._state = "stopped"
        return event

    def _count(self, name: str, sequence: int) -> Repeated | None:
        """Keep the books of sequence numbers; says so when this one was seen before."""
        self.counters.messages += 1
        if sequence == self._next:
            self._next = sequence + 1
            return None
        return self._irregular(name, sequence)

    def _irregular(self, name: str, sequence: int) -> Repeated | None:
        if sequence > self._next:
            self.counters.missing += sequence - self._next
            for hole in range(max(self._next, sequence - _REMEMBERED_HOLES), sequence):
                self._holes[hole] = None
            while len(self._holes) > _REMEMBERED_HOLES:
                del self._holes[next(iter(self._holes))]
            self._next = sequence + 1
            return None
        if sequence in self._holes:
            del self._holes[sequence]
            self.counters.missing -= 1
            self.counters.reordered += 1
            return None
        self.counters.duplicates += 1
        return Repeated(name=name, sequence=sequence)
