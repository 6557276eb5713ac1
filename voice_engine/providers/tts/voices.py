"""What a local synthesizer is to the rest: a synchronous function from a sentence to telephone audio."""

from typing import Protocol

from voice_engine.audio.frames import PCM
from voice_engine.ports.tts import Voice


class SpeechSynthesizer(Protocol):
    """A synchronous model. `speak` may be called from several threads at once."""

    @property
    def name(self) -> str:
        """Model name, for reports."""
        ...

    @property
    def voices(self) -> tuple[Voice, ...]:
        """Its voices; the first of a language is that language's default."""
        ...

    def check(self) -> None:
        """Raise InvalidInput (`speech_extra_missing`) when its packages are not installed; reads no weights."""
        ...

    def load(self) -> None:
        """Read the weights now, else the first sentence pays. Raises InvalidInput or UpstreamFailed."""
        ...

    def cost_ms(self, text: str) -> float:
        """Declared time to synthesize `text` on the virtual clock."""
        ...

    def speak(self, text: str, voice: str, speed: float) -> PCM:
        """One sentence as int16 mono 8 kHz, shape (n,), level and silences as the model leaves them.

        The same samples for the same arguments, always. `speed` 1.0 is normal, below it slower.
        """
        ...
