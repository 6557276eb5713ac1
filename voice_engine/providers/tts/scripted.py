"""A synthesizer that speaks every request as the same tone, chunk by chunk at fixed times."""

import asyncio
from collections.abc import AsyncGenerator

import numpy as np

from voice_engine.audio.frames import PCM, RATE_HZ, SAMPLES_PER_MS
from voice_engine.ports.tts import SpeechRequest, TTSCapabilities, Voice
from voice_engine.providers.scripted import ScriptedSettings

_CHUNK_MS = 100
_CHUNK_INTERVAL_MS = 20
_TONE_HZ = 440
_AMPLITUDE = 4634
"""A sine of −20 dBFS RMS: 32768 · 10^(−20/20) · √2."""


class ScriptedTTS:
    """A `TTS`: `tts_first_byte_ms` after a request, `tts_sentence_ms` of tone in 100 ms chunks every 20 ms.

    Chunks are due at fixed times after the request; a consumer that is late gets the next ones at once.
    All requests share one read-only tone.
    """

    def __init__(self, settings: ScriptedSettings | None = None) -> None:
        self._settings = settings or ScriptedSettings()
        samples = np.arange(round(self._settings.tts_sentence_ms * SAMPLES_PER_MS))
        tone = np.rint(_AMPLITUDE * np.sin(2 * np.pi * _TONE_HZ / RATE_HZ * samples)).astype(np.int16)
        tone.flags.writeable = False
        step = _CHUNK_MS * SAMPLES_PER_MS
        self._chunks = [tone[at : at + step] for at in range(0, len(tone), step)]
        self._capabilities = TTSCapabilities(
            name="scripted",
            voices=(
                Voice(id="tone-en", language="en", label="Tone"),
                Voice(id="tone-es", language="es", label="Tone"),
            ),
            streaming=True,
            local=True,
            cost_ms=lambda _text: self._settings.tts_first_byte_ms,
        )

    @property
    def capabilities(self) -> TTSCapabilities:
        """A tone in either language; the cost is the delay of the first chunk."""
        return self._capabilities

    async def synthesize(self, request: SpeechRequest) -> AsyncGenerator[PCM, None]:
        """Yield the tone's chunks, int16 8 kHz, shape (800,), each when it is due."""
        loop = asyncio.get_running_loop()
        due_s = loop.time() + self._settings.tts_first_byte_ms / 1000.0
        for chunk in self._chunks:
            wait_s = due_s - loop.time()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            yield chunk
            due_s += _CHUNK_INTERVAL_MS / 1000.0
