"""What Twilio tells us over a Media Streams socket, as values. `protocol` makes them; nobody else should.

Reference: Twilio's page "Media Streams - WebSocket Messages".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The socket is up; says nothing about the call yet."""

    protocol: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFormat:
    """What the payloads are; the protocol accepts no other than these."""

    encoding: str = "audio/x-mulaw"
    rate_hz: int = 8000
    channels: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The stream's identity. `custom_parameters` are the `<Parameter>`s of our TwiML, and so carry the ticket."""

    stream_sid: str
    call_sid: str
    account_sid: str
    sequence: int
    custom_parameters: Mapping[str, str] = field(default_factory=dict)
    media_format: MediaFormat = MediaFormat()


class MediaReceived(NamedTuple):
    """One payload of the other party: μ-law, usually 160 bytes. `media_ms` is the media time of its first sample.

    `sequence` numbers all messages of the stream, `chunk` its media messages; both start at 1.
    """

    media_ms: int
    chunk: int
    sequence: int
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DtmfReceived:
    """They pressed a key: one of 0-9 * # A-D."""

    digit: str
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkReceived:
    """A mark of ours came back: its audio was played, *or cleared*. Only playout's epochs tell which."""

    name: str
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The stream ended: hang-up, redirect, or the TwiML went on."""

    call_sid: str
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """A message with a sequence number that was seen before (or is far too old to tell); to be ignored."""

    name: str
    sequence: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A well-formed message of a kind this version does not know; to be ignored."""

    name: str


StreamEvent = Connected | Started | MediaReceived | DtmfReceived | MarkReceived | Stopped | Repeated | Unknown


@dataclass(slots=True, kw_only=True)
class StreamCounters:
    """What the sequence numbers say about the wire. `missing` messages that came late after all are `reordered`."""

    messages: int = 0
    missing: int = 0
    duplicates: int = 0
    reordered: int = 0
