"""Synthesizers for tests: a synchronous one that counts its sentences, and one that can break off or freeze."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import numpy as np

from voice_engine.audio.frames import PCM, SAMPLES_PER_MS
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.tts import SpeechRequest, TTSCapabilities, Voice

MS_PER_CHARACTER = 70
"""About 14 characters a second, as the packaged voices speak."""


class CountingSynthesizer:
    """A `SpeechSynthesizer` that speaks a tone as long as its text, and remembers each call."""

    name = "counting"

    def __init__(self, *voices: Voice) -> None:
        self.voices = voices or (Voice(id="tone", language="en", label="Tone"),)
        self.calls: list[tuple[str, str, float]] = []
        self.loaded = 0

    def check(self) -> None:
        """Nothing to be installed."""

    def load(self) -> None:
        self.loaded += 1

    def cost_ms(self, text: str) -> float:
        return 10.0 * len(text)

    def speak(self, text: str, voice: str, speed: float) -> PCM:
        self.calls.append((text, voice, speed))
        samples = np.arange(len(text) * MS_PER_CHARACTER * SAMPLES_PER_MS)
        tone: PCM = np.rint(3000 * np.sin(2 * np.pi * 300 / 8000 * samples)).astype(np.int16)
        return tone


@dataclass
class FragileTTS:
    """A `TTS` that speaks 100 ms chunks at `MS_PER_CHARACTER`, until told to misbehave after some chunks.

    `breaks_after`: raises once so many chunks are out. `freezes_after`: gives nothing more, for ever.
    """

    name: str = "fragile"
    voice: str = "fragile-voice"
    breaks_after: int | None = None
    freezes_after: int | None = None
    requests: list[SpeechRequest] = field(default_factory=list)

    @property
    def capabilities(self) -> TTSCapabilities:
        return TTSCapabilities(
            name=self.name,
            voices=(Voice(id=self.voice, language="en", label="Fragile"),),
            streaming=True,
            local=False,
            cost_ms=lambda _text: 20.0,
        )

    async def synthesize(self, request: SpeechRequest) -> AsyncGenerator[PCM, None]:
        self.requests.append(request)
        for index in range(max(1, len(request.text) * MS_PER_CHARACTER // 100)):
            if index == self.breaks_after:
                raise UpstreamFailed("provider_unreachable", "socket closed", provider=self.name, retryable=True)
            if index == self.freezes_after:
                await asyncio.Event().wait()
            await asyncio.sleep(0.02)
            yield np.full(100 * SAMPLES_PER_MS, 1000, np.int16)
