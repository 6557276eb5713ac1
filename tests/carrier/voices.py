"""Synthesizers for tests: a tone per voice, 50 ms a character, silence before and after; fixed samples."""

from collections.abc import AsyncGenerator

import numpy as np

from tests.carrier.lines import tone
from voice_engine.audio.frames import PCM
from voice_engine.ports.tts import SpeechRequest, TTSCapabilities, Voice


class ToneTTS:
    def __init__(self, *voices: Voice) -> None:
        self.requests: list[SpeechRequest] = []
        self._voices = voices or (Voice(id="en-1", language="en", label="One"),)

    @property
    def capabilities(self) -> TTSCapabilities:
        return TTSCapabilities(
            name="tone", voices=self._voices, streaming=True, local=True, cost_ms=lambda text: 10.0
        )

    async def synthesize(self, request: SpeechRequest) -> AsyncGenerator[PCM, None]:
        self.requests.append(request)
        quiet = np.zeros(800, dtype=np.int16)
        yield quiet
        yield tone(50 * len(request.text))
        yield quiet


class FixedTTS(ToneTTS):
    """Says `pcm` whatever it is asked."""

    def __init__(self, pcm: PCM) -> None:
        super().__init__()
        self._pcm = pcm

    async def synthesize(self, request: SpeechRequest) -> AsyncGenerator[PCM, None]:
        self.requests.append(request)
        yield self._pcm
