"""Speech to text: what the engine asks of a recognizer, streaming or chunked, local or remote."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from voice_engine.audio.frames import PCM

RequestReason = Literal["pause", "interim", "barge_in", "final"]
"""Why a hypothesis is wanted: only `interim` may be shed under load, `final` is always answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class STTCapabilities:
    """What a recognizer can do. `cost_ms(audio_ms)` is its declared decoding time on the virtual clock."""

    name: str
    languages: frozenset[str]
    streaming: bool
    local: bool
    cost_ms: Callable[[float], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """What a recognizer makes of utterance `utterance_id`, from its start up to media time `until_ms`.

    `final`: answers a `request(..., final=True)`; the utterance will not be revised after it.
    `compute_ms`: time spent decoding, for the latency table.
    """

    utterance_id: int
    text: str
    until_ms: int
    final: bool
    compute_ms: float = 0.0
    sureness: float | None = None
    """Probability, 0 to 1, that the text ends with its last word; None: the recognizer does not tell."""
    alternatives: tuple[tuple[str, float], ...] = ()
    """Other beginnings of how it may end, each with its probability given what stands before its last piece."""


@dataclass(frozen=True, slots=True, kw_only=True)
class STTRequest:
    """How one call's stream is opened: language (`en`, `es`), and words worth expecting (names, business)."""

    call_id: str
    language: str
    hints: tuple[str, ...] = field(default=())


class STTStream(Protocol):
    """One call's recognizer. Utterance boundaries are the engine's (its VAD), never the recognizer's.

    `begin`, `push`, `request` and `drop` never block: they queue, bounded; what overflows is the oldest
    interim request, never a final one.
    """

    def begin(self, utterance_id: int, start_ms: int) -> None:
        """A new utterance starts at media time `start_ms`; `push` feeds it from there (pre-roll included)."""
        ...

    def push(self, utterance_id: int, pcm: PCM) -> None:
        """Append audio: int16 mono 8 kHz, shape (n,)."""
        ...

    def request(self, utterance_id: int, *, final: bool, reason: RequestReason = "pause") -> None:
        """Ask for a `Hypothesis` over all audio pushed so far; `reason` orders and sheds under load."""
        ...

    def drop(self, utterance_id: int) -> None:
        """Forget an utterance; late hypotheses of it are not delivered."""
        ...

    def hypotheses(self) -> AsyncIterator[Hypothesis]:
        """Every hypothesis in order. Raises UpstreamFailed when the recognizer dies; ends at close."""
        ...


class STT(Protocol):
    """A recognizer that opens one stream a call."""

    @property
    def capabilities(self) -> STTCapabilities:
        """What it can do and costs."""
        ...

    def open(self, request: STTRequest) -> AbstractAsyncContextManager[STTStream]:
        """Open a call's stream. Raises UpstreamFailed, QuotaExceeded (`stt_busy`, when admission refuses)."""
        ...
