"""SVOX Pico from the `py-nanotts` package: the packaged Spanish voice, others made of it, and two English ones.

There is one Spanish voice (Castilian, female); no other with free terms ships inside a package.
"""

import threading
from pathlib import Path
from typing import Final

import numpy as np
import soxr

from voice_engine.audio.frames import PCM, RATE_HZ
from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.ports.tts import Voice
from voice_engine.providers.packaged import package_dir, read_verified, require, require_path
from voice_engine.providers.tts.cast import Manner, characters, manner_of
from voice_engine.providers.tts.picolib import PicoError, PicoLibrary

_MODEL_RATE_HZ = 16_000
_VOLUME = 50
"""Pico's default of 100 clips (measured: 652 samples of a 5 s sentence at full scale; none at 60)."""

_PACE = 0.9
_PREEMPHASIS = 0.5
"""Pico speaks fast and dull for a telephone. Over 12 Spanish sentences Whisper misheard 17 % of the words as Pico
leaves them, 14 % at this pace, 14 % with this pre-emphasis alone, 10 % with both."""

_FILES: Final = {
    "pico-es-ES": ("es-ES_ta.bin", "es-ES_zl0_sg.bin"),
    "pico-en-US": ("en-US_ta.bin", "en-US_lh0_sg.bin"),
    "pico-en-GB": ("en-GB_ta.bin", "en-GB_kh0_sg.bin"),
}
_HASHES: Final = {
    "en-GB_kh0_sg.bin": "8f9f5d13a920a9f3371517178d42ce89b835f1e587760c2db280beb593c388fa",
    "en-GB_ta.bin": "57998f6423236dea25cd572a73b13f371e64155840e31b571eba7fca0b521b7e",
    "en-US_lh0_sg.bin": "d6946526696d9eb085f7b23b1fbdf7a9986caca658b645e9eb73c6514fd4789d",
    "en-US_ta.bin": "3a2a4d23de2a44dbbff50f69dcb9486be53b6d0a871d77cdc35f45c3e25e82aa",
    "es-ES_ta.bin": "b18c60baf249466bf8785d333d8cb4cf1f6b62e5545986f621c66568f1851961",
    "es-ES_zl0_sg.bin": "82e724d3c788767ec95f0d22b0ab738e677ad397f26ec0bbbf2c07aafdf29000",
}
"""SHA-256 of the files in py-nanotts 0.1.1."""

_VOICES = (
    Voice(id="pico-es-ES", language="es", label="Pico (Spanish of Spain)", gender="female"),
    Voice(id="pico-en-US", language="en", label="Pico (American English)", gender="female"),
    Voice(id="pico-en-GB", language="en", label="Pico (British English)", gender="female"),
    *characters("es"),
)
_KNOWN = frozenset(voice.id for voice in _VOICES)
_SPANISH = "pico-es-ES"
"""What characters are made of here; the English ones are hibari's."""

_SPEEDS = (0.5, 2.0)


class PicoSynthesizer:
    """`directory` None: the packaged voices, checked against pinned hashes; else one with the same files."""

    name = "pico"
    voices = _VOICES

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._library: PicoLibrary | None = None
        self._loading = threading.Lock()

    def check(self) -> None:
        """Raise InvalidInput (`speech_extra_missing`) when its package is not installed."""
        require("py_nanotts")
        require_path(self._directory)

    def load(self) -> None:
        """Check the files and bind the library (milliseconds).

        Raises:
            InvalidInput: `speech_extra_missing` or `speech_model_missing`.
            UpstreamFailed: `speech_model_changed`; `speech_library_unusable` on a platform whose wheel hides
                Pico's functions.
        """
        with self._loading:
            if self._library is not None:
                return
            package = package_dir("py_nanotts")
            directory = self._directory or package / "lang"
            for name, sha256 in _HASHES.items():
                read_verified(directory / name, None if self._directory else sha256)
            self._directory = directory
            objects = sorted(package.glob("_nanotts*.so"))
            try:
                self._library = PicoLibrary(objects[0])
            except (IndexError, OSError, PicoError) as error:
                raise UpstreamFailed(
                    "speech_library_unusable",
                    f"The Pico library in {package} cannot be used on this platform: {error}.",
                    provider="pico",
                    retryable=False,
                ) from error

    def cost_ms(self, text: str) -> float:
        """Declared time: 3 ms + 0.5 ms a character (measured: benchmarks/speech_models.py)."""
        return 3.0 + 0.5 * len(text)

    def speak(self, text: str, voice: str, speed: float) -> PCM:
        """One sentence as int16 mono 8 kHz, shape (n,). Raises UpstreamFailed (`tts_failed`)."""
        if voice not in _KNOWN:
            raise InvalidInput("voice_unknown", f"Pico has no voice {voice!r}.")
        if self._library is None:
            self.load()
        assert self._library is not None
        assert self._directory is not None
        analysis, generation = _FILES.get(voice) or _FILES[_SPANISH]
        manner = manner_of(voice)
        try:
            sound = self._library.speak(
                _marked(text, speed, manner), self._directory / analysis, self._directory / generation
            )
        except PicoError as error:
            raise UpstreamFailed("tts_failed", f"Pico failed: {error}.", provider="pico", retryable=True) from error
        wave = soxr.resample(
            np.frombuffer(sound, np.int16).astype(np.float32), _MODEL_RATE_HZ * manner.formant, RATE_HZ
        )
        wave[1:] -= _PREEMPHASIS * wave[:-1]
        pcm: PCM = np.rint(np.clip(wave, -32768.0, 32767.0)).astype(np.int16)
        return pcm


def _marked(text: str, speed: float, manner: Manner) -> str:
    """The text inside Pico's pitch, volume and speed tags, its own angle brackets and NULs taken out.

    Opening question and exclamation marks go, too: Pico pauses for a second before them.
    """
    plain = text.translate({ord("<"): " ", ord(">"): " ", ord("&"): " ", 0: " ", ord("¿"): "", ord("¡"): ""})
    percent = round(100 * _PACE * min(max(speed, _SPEEDS[0]), _SPEEDS[1]) / manner.formant)
    marked = f"<volume level='{_VOLUME}'><speed level='{percent}'>{plain}</speed></volume>"
    if manner.intonation == 1.0:
        return marked
    return f"<pitch level='{round(100 * manner.intonation)}'>{marked}</pitch>"
