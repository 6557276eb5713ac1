"""Media Streams messages as the carrier writes and reads them, from Twilio's Media Streams message pages.

Written from the wire description alone and shared with no engine code, so that a misreading on one side shows.
Numbers travel as strings. What the other side sends is refused exactly where Twilio refuses it.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from voice_engine.ports.media import Message

MAX_MESSAGE_BYTES = 1 << 20
"""The largest message that is read; far above ten minutes of nothing, far below a memory problem."""

INVALID_MESSAGE = 31951
"""Twilio's warning "Stream - Protocol - Invalid Message"; raised once per stream."""

INVALID_AUDIO = 31924
"""Twilio's error for a payload that is not raw base64 μ-law (a WAV header, for one)."""

BUFFER_OVERFLOW = 31931
"""Twilio's warning that more than ten minutes of audio were buffered and the rest was discarded."""

SLOW_READER = 31930
"""Twilio's warning that the media server reads too slowly and caller audio was discarded."""


class Refusal(StrEnum):
    """Why a message of the engine was refused."""

    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    TOO_LARGE = "too_large"
    BINARY = "binary_message"
    UNKNOWN_EVENT = "unknown_event"
    WRONG_STREAM = "wrong_stream_sid"
    NO_PAYLOAD = "no_payload"
    BAD_BASE64 = "bad_base64"
    WAV_HEADER = "wav_header"
    MARK_WITHOUT_NAME = "mark_without_name"
    BUFFER_FULL = "buffer_full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One refused message: the code that Twilio logs, the reason, and when (ms of stream time)."""

    code: int
    reason: Refusal
    at_ms: int
    excerpt: str


class Refused(Exception):
    """A message that Twilio would refuse."""

    def __init__(self, reason: Refusal, code: int = INVALID_MESSAGE) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.code = code


@dataclass(frozen=True, slots=True)
class Media:
    """Audio to play: raw μ-law, 8 kHz."""

    mulaw: bytes


@dataclass(frozen=True, slots=True)
class Mark:
    """Tell me when everything sent before this has been played."""

    name: str


@dataclass(frozen=True, slots=True)
class Clear:
    """Drop everything that is buffered."""


Request = Media | Mark | Clear


def read(message: Message, stream_sid: str) -> Request:
    """Read one message of the engine. Raises Refused, and nothing else whatever the bytes."""
    body = _object(message)
    event = body.get("event")
    if event not in ("media", "mark", "clear"):
        raise Refused(Refusal.UNKNOWN_EVENT)
    if body.get("streamSid") != stream_sid:
        raise Refused(Refusal.WRONG_STREAM)
    if event == "clear":
        return Clear()
    inner = body.get(event)
    if event == "mark":
        name = inner.get("name") if isinstance(inner, dict) else None
        if not isinstance(name, str) or not name:
            raise Refused(Refusal.MARK_WITHOUT_NAME)
        return Mark(name)
    return Media(_payload(inner))


def _object(message: Message) -> dict[str, Any]:
    if len(message) > MAX_MESSAGE_BYTES:
        raise Refused(Refusal.TOO_LARGE)
    try:
        body = json.loads(message)
    except (ValueError, RecursionError):
        raise Refused(Refusal.NOT_JSON) from None
    if not isinstance(body, dict):
        raise Refused(Refusal.NOT_AN_OBJECT)
    return body


def _payload(inner: object) -> bytes:
    payload = inner.get("payload") if isinstance(inner, dict) else None
    if not isinstance(payload, str) or not payload:
        raise Refused(Refusal.NO_PAYLOAD)
    try:
        mulaw = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(Refusal.BAD_BASE64, INVALID_AUDIO) from None
    if mulaw[:4] == b"RIFF" and mulaw[8:12] == b"WAVE":
        raise Refused(Refusal.WAV_HEADER, INVALID_AUDIO)
    return mulaw


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamIdentity:
    """Whose stream it is: the three sids and the custom parameters of the TwiML."""

    account_sid: str
    call_sid: str
    stream_sid: str
    parameters: Mapping[str, str] = field(default_factory=dict)


_FRAME = (
    b'{"event":"media","sequenceNumber":"%d","media":{"track":"inbound","chunk":"%d","timestamp":"%d",'
    b'"payload":"%b"},"streamSid":"%b"}'
)
# Base64 and sids need no JSON escapes, and this is written fifty times a second and call.


class Writer:
    """Writes the carrier's messages of one stream, numbered from 1 in sending order (`connected` has no number)."""

    def __init__(self, identity: StreamIdentity) -> None:
        self._identity = identity
        self._sid = identity.stream_sid.encode()
        self._sequence = 0
        self._chunk = 0
        self._marks = 0

    def connected(self) -> str:
        """The first message of a socket."""
        return json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"})

    def start(self) -> str:
        """Describe the stream: one 8 kHz μ-law track of what the other party says."""
        who = self._identity
        return self._numbered(
            "start",
            {
                "accountSid": who.account_sid,
                "streamSid": who.stream_sid,
                "callSid": who.call_sid,
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": dict(who.parameters),
            },
        )

    def media(self, mulaw: bytes, timestamp_ms: int) -> str:
        """One frame of the other party; `timestamp_ms` counts from the start of the stream."""
        return self.frame(binascii.b2a_base64(mulaw, newline=False), timestamp_ms).decode()

    def frame(self, payload: bytes, timestamp_ms: int) -> bytes:
        """`media` for audio that is base64 already."""
        self._sequence += 1
        self._chunk += 1
        return _FRAME % (self._sequence, self._chunk, timestamp_ms, payload, self._sid)

    def lose_media(self) -> None:
        """Use up a media message's numbers without a message: it was discarded on the way to the engine."""
        self._sequence += 1
        self._chunk += 1

    def mark(self, name: str) -> str:
        """Echo a mark."""
        self._marks += 1
        return self._numbered("mark", {"name": name})

    def forward(self, body: Mapping[str, Any], marks_before: int) -> str:
        """A recorded message of another stream as one of this stream.

        Its own numbers stay, gaps and reordering included; only the marks of the two streams are exchanged.
        """
        number = int(body["sequenceNumber"]) - marks_before + self._marks
        self._sequence = max(self._sequence, number)
        who = self._identity
        return json.dumps({**body, "sequenceNumber": str(number), "streamSid": who.stream_sid})

    def dtmf(self, digit: str) -> str:
        """The other party pressed `digit`."""
        return self._numbered("dtmf", {"track": "inbound_track", "digit": digit})

    def stop(self) -> str:
        """The stream ended."""
        return self._numbered(
            "stop", {"accountSid": self._identity.account_sid, "callSid": self._identity.call_sid}
        )

    def _numbered(self, event: str, inner: Mapping[str, Any]) -> str:
        self._sequence += 1
        return json.dumps(
            {
                "event": event,
                "sequenceNumber": str(self._sequence),
                event: inner,
                "streamSid": self._identity.stream_sid,
            }
        )
