"""What the turn machine wants done. Imperative; the session performs them in order."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenUtterance:
    """Speech started: feed the recognizer from `start_ms` of media time (pre-roll included)."""

    utterance_id: int
    start_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseUtterance:
    """No more audio belongs to this utterance; its final hypothesis may still be pending."""

    utterance_id: int
    speech: tuple[tuple[int, int], ...] = ()
    """(start_ms, end_ms) of its runs of speech, in media time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DropUtterance:
    """It was noise, echo or a backchannel: forget it."""

    utterance_id: int
    speech: tuple[tuple[int, int], ...] = ()
    """As of `CloseUtterance`; empty when that told it already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestHypothesis:
    """Decode the utterance so far. `reason`: `pause` is speculative, `interim` may be shed under load,
    `barge_in` decides an interruption, `final` must be answered."""

    utterance_id: int
    reason: Literal["pause", "interim", "barge_in", "final"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareReply:
    """The turn may end here with this text: compute the reply speculatively, without side effects."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartReply:
    """The engine has the floor. `text` is the human's whole turn (its utterances joined), or None when
    the engine speaks unasked, and then `key` is the one of `SpeechWanted`.

    `start_ms`/`end_ms`: media time of the human's turn. `decided_ms`: media time at which the end was called.
    Every StartReply is answered by exactly one ReplyEnded.
    """

    reply_id: int
    text: str | None
    key: str | None = None
    start_ms: int = 0
    end_ms: int = 0
    decided_ms: int = 0
    spans: tuple[tuple[int, int, str], ...] = ()
    """(start_ms, end_ms, text) of each utterance of the turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldPlayout:
    """React: somebody may be interrupting; send nothing further for now."""

    reply_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePlayout:
    """It was no interruption: go on from the heard position."""

    reply_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearPlayout:
    """Decided: the caller takes the floor. Clear at once; the reply ends as `cleared`.

    `withdrawn`: the caller went on before the reply's first audio. Their turn was not over: undo the reply;
    the next StartReply has the whole turn, this reply's text included.
    """

    reply_id: int
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteBackchannel:
    """A listener's "mm-hm" was heard while the engine spoke; it is no turn, but the transcript may show it."""

    utterance_id: int
    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSilence:
    """The other party has been silent for `silent_ms` since playback ended; `count` is 1, 2, … per stretch."""

    silent_ms: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportUnintelligible:
    """A turn ended whose speech gave no words."""

    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InterruptCaller:
    """The caller has talked too long: the next StartReply comes although they still speak."""


TurnEffect = (
    OpenUtterance
    | CloseUtterance
    | DropUtterance
    | RequestHypothesis
    | PrepareReply
    | StartReply
    | HoldPlayout
    | ResumePlayout
    | ClearPlayout
    | NoteBackchannel
    | ReportSilence
    | ReportUnintelligible
    | InterruptCaller
)
