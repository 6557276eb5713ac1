"""What a chunked recognizer is made of: a synchronous model, or an asynchronous way to ask one."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from voice_engine.audio.frames import PCM
from voice_engine.providers.speech_pool import SpeechPool, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """What a chunk's text is, and how sure of its end the recognizer is; members as in `Hypothesis`."""

    text: str
    sureness: float | None = None
    alternatives: tuple[tuple[str, float], ...] = ()


NOTHING_HEARD = Recognition(text="")


class Transcriber(Protocol):
    """A synchronous model. `transcribe` may be called from several threads at once."""

    @property
    def name(self) -> str:
        """Model name, for reports."""
        ...

    def check(self) -> None:
        """Raise InvalidInput (`speech_extra_missing`) when its packages are not installed; reads no weights."""
        ...

    def load(self) -> None:
        """Read the weights now (seconds of CPU), else the first call pays. Raises UpstreamFailed."""
        ...

    def cost_ms(self, audio_ms: float) -> float:
        """Declared decoding time of that much speech on the virtual clock."""
        ...

    def transcribe(self, pcm: PCM, language: str) -> Recognition:
        """The text of int16 mono 8 kHz speech, shape (n,); the same for the same samples, always."""
        ...


class Recognizer(Protocol):
    """An asynchronous recognizer of whole chunks."""

    def cost_ms(self, audio_ms: float) -> float:
        """Declared decoding time of that much speech on the virtual clock."""
        ...

    async def recognize(self, pcm: PCM, *, language: str, hints: tuple[str, ...], urgency: Urgency) -> Recognition:
        """The text of int16 mono 8 kHz speech, shape (n,). Raises UpstreamFailed or QuotaExceeded."""
        ...

    @property
    def overloaded(self) -> bool:
        """Whether interim requests should be shed now."""
        ...


class PooledRecognizer:
    """A `Transcriber` run on the process's `SpeechPool`."""

    def __init__(self, transcriber: Transcriber, pool: SpeechPool) -> None:
        self._transcriber = transcriber
        self._pool = pool

    @property
    def overloaded(self) -> bool:
        """All workers are taken."""
        return self._pool.busy

    @property
    def cost_ms(self) -> Callable[[float], float]:
        """The transcriber's declared cost."""
        return self._transcriber.cost_ms

    async def recognize(self, pcm: PCM, *, language: str, hints: tuple[str, ...], urgency: Urgency) -> Recognition:
        """Transcribe on a worker; local models take no hints."""
        return await self._pool.run(urgency, partial(self._transcriber.transcribe, pcm, language))
