"""What the turn machine is told. Past tense; each is stepped with `now_ms`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple


class Expecting(StrEnum):
    """The open question: what kind of answer the floor's holder was asked for."""

    TIME = "time"
    DATE = "date"
    PARTY_SIZE = "party_size"
    NAME = "name"
    PHONE = "phone"
    CODE = "code"
    CONFIRM = "confirm"
    QUESTION = "question"


class FrameHeard(NamedTuple):
    """One inbound 20 ms frame. `media_ms` is its start; `voiced` the VAD's raw verdict; `level_dbfs` its level."""

    media_ms: int
    voiced: bool
    level_dbfs: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HypothesisHeard:
    """The recognizer's text of an utterance up to `until_ms`; `final` answers a final request."""

    utterance_id: int
    text: str
    until_ms: int
    final: bool
    sureness: float | None = None
    """Probability, 0 to 1, that the text ends with its last word; None when the recognizer does not tell."""
    alternatives: tuple[tuple[str, float], ...] = ()
    """Other texts that it may be, cut where they differ, each with the probability of its last piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechWanted:
    """The dialogue wants the floor for something unasked (greeting, check-in, tool result).

    `urgent`: take the floor at the next pause rather than after the caller's turn ends.
    """

    key: str
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyAudible:
    """The first audio of a reply was handed to the carrier."""

    reply_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyEnded:
    """A reply is over: all of it played (last mark), cleared, or failed / empty."""

    reply_id: int
    how: Literal["played", "cleared", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextChanged:
    """What the dialogue now expects of the other party.

    `on_hold`: music and silence start no turn and no idle prompt. `listening_to_menu`: wait for the whole
    menu (1 s of silence). `interruptible`: whether barge-in may clear the present reply.
    """

    expecting: Expecting | None = None
    on_hold: bool = False
    listening_to_menu: bool = False
    interruptible: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitPressed:
    """A DTMF digit from the other party; it stops a reply like an accepted barge-in."""

    digit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicChanged:
    """Hold music was detected, or stopped."""

    playing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HungUp:
    """The line is gone. Nothing but state follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed:
    """No frame arrived for a while: let time-outs fire. The session sends it when media stalls."""


TurnEvent = (
    FrameHeard
    | HypothesisHeard
    | SpeechWanted
    | ReplyAudible
    | ReplyEnded
    | ContextChanged
    | DigitPressed
    | MusicChanged
    | HungUp
    | TimePassed
)
