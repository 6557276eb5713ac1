"""Text to speech: what the engine asks of a synthesizer."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Protocol

from voice_engine.audio.frames import PCM


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One voice of a synthesizer: `id` is stable, `label` is for people.

    `is_character`: a name that other synthesizers know too, and that has a voice in several languages.
    """

    id: str
    language: str
    label: str
    gender: str = "unknown"
    is_character: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TTSCapabilities:
    """What a synthesizer can do. `cost_ms(text)` is its declared time to first audio on the virtual clock."""

    name: str
    voices: tuple[Voice, ...]
    streaming: bool
    local: bool
    cost_ms: Callable[[str], float]

    def languages(self) -> frozenset[str]:
        """The languages that at least one voice speaks."""
        return frozenset(voice.language for voice in self.voices)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRequest:
    """One clause or sentence to speak. `voice` None: the language's default. `speed` 1.0 is normal, 0.8 slower."""

    text: str
    language: str
    voice: str | None = None
    speed: float = 1.0


class TTS(Protocol):
    """A synthesizer."""

    @property
    def capabilities(self) -> TTSCapabilities:
        """What it can do and costs."""
        ...

    def synthesize(self, request: SpeechRequest) -> AsyncGenerator[PCM, None]:
        """Yield int16 mono 8 kHz PCM, shape (n,), as it becomes ready; close with `aclosing`.

        Raises UpstreamFailed before or between chunks; QuotaExceeded (`tts_busy`) when admission refuses.
        """
        ...
