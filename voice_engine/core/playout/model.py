"""The words of playout: what goes in (pieces), what comes out (media, marks, facts). No behaviour."""

from dataclasses import dataclass

BYTES_PER_MS = 8
"""8 kHz μ-law: one byte a sample (G.711, RFC 3551)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayoutSettings:
    """How far ahead audio is sent, and how finely it is marked.

    `slice_ms`: one media message; 50 ms and more avoid choppy playback, beyond 200 ms marks get coarse. A message
    costs a wake-up and a system call whatever its length.
    `ahead_ms`: most audio sent and not yet played; what a caller still hears if `clear` is lost.
    `mark_every_ms`: distance of marks inside a clause.
    `reserve_ms`: with less than this ahead, a short remainder is sent at once rather than waiting for a full slice.
    `lost_mark_wait_ms`: how long after the expected end of playback a reply counts as played without its mark.
    """

    slice_ms: int = 150
    ahead_ms: int = 300
    mark_every_ms: int = 600
    reserve_ms: int = 100
    lost_mark_wait_ms: int = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A clause's next audio: 8 kHz μ-law. `text` stands on the clause's first chunk, "" on the following ones."""

    text: str
    mulaw: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMedia:
    """Send this μ-law audio. `play_at_ms`: when its first sample should be heard, on the clock of `now_ms`.

    `offset_ms` is its place in the reply.
    """

    epoch: int
    payload: bytes
    play_at_ms: float
    offset_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMark:
    """Send a mark; the carrier echoes it when everything before it has played (or was cleared)."""

    epoch: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendClear:
    """Tell the carrier to drop what it has buffered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """All of this reply was played: its last mark came back, or the wait for it ran out (`by_mark` False)."""

    epoch: int
    by_mark: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What of a reply was heard: a prefix of its text in whole words, and the audio played, in ms."""

    text: str
    complete: bool
    played_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedSegment:
    """`duration_ms` of a reply's audio from `offset_ms` on were heard from `at_ms` (clock of `now_ms`) on."""

    epoch: int
    offset_ms: float
    at_ms: float
    duration_ms: float


PlayoutOutput = SendMedia | SendMark | SendClear | Played
