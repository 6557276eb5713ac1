"""Streaming synthesis over `audio.speech` of the OpenAI API: 24 kHz PCM in, 8 kHz out as it arrives."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import numpy as np
import openai
import soxr

from voice_engine.audio.frames import PCM, RATE_HZ
from voice_engine.ports.tts import SpeechRequest, TTSCapabilities, Voice
from voice_engine.providers.openai_client import PROVIDER, failed, make_client, upstream_errors
from voice_engine.providers.speech import OpenAISpeechSettings, SpeechContext
from voice_engine.providers.tts.cast import CAST, characters

_MODEL_RATE_HZ = 24_000
"""Of `response_format=pcm`: 16-bit little endian mono (OpenAI's text-to-speech guide)."""

_READ_BYTES = _MODEL_RATE_HZ * 2 // 10
"""100 ms."""

VOICES = ("alloy", "ash", "ballad", "coral", "echo", "fable", "nova", "onyx", "sage", "shimmer", "verse")


class OpenAITTS:
    """A `TTS` over one client; speaks any language with any voice, here offered as English and Spanish."""

    def __init__(self, settings: OpenAISpeechSettings, client: openai.AsyncOpenAI | None = None) -> None:
        self._settings = settings
        self._client = client or make_client(settings)
        names = (settings.tts_voice, *(name for name in VOICES if name != settings.tts_voice))
        self._names = frozenset(names)
        self._capabilities = TTSCapabilities(
            name=f"{PROVIDER}/{settings.tts_model}",
            voices=tuple(
                voice
                for language in ("en", "es")
                for voice in (
                    *(Voice(id=name, language=language, label=name.title()) for name in names),
                    *characters(language),
                )
            ),
            streaming=True,
            local=False,
            cost_ms=_cost_ms,
        )

    @property
    def capabilities(self) -> TTSCapabilities:
        """The configured voice first."""
        return self._capabilities

    async def aclose(self) -> None:
        """Close the client's connections."""
        await self._client.close()

    async def synthesize(self, request: SpeechRequest) -> AsyncGenerator[PCM, None]:
        """Yield int16 8 kHz PCM as it arrives.

        Raises:
            UpstreamFailed: `provider_refused`, `provider_rate_limited`, `provider_failed`, `provider_unreachable`,
                `provider_stalled` (no first byte in `timeout_s`, no further one in `stall_s`), `audio_truncated`.
        """
        resampler = soxr.ResampleStream(_MODEL_RATE_HZ, RATE_HZ, 1, dtype="int16")
        odd = b""
        heard = False
        with upstream_errors():
            async with self._client.audio.speech.with_streaming_response.create(
                model=self._settings.tts_model,
                voice=self._voice(request.voice),
                input=request.text,
                response_format="pcm",
                speed=request.speed,
            ) as response:
                chunks = response.iter_bytes(_READ_BYTES)
                while (chunk := await self._next(chunks, first=not heard)) is not None:
                    heard = True
                    sound, odd = _whole_samples(odd + chunk)
                    pcm: PCM = resampler.resample_chunk(sound)
                    if len(pcm):
                        yield pcm
        if odd or not heard:
            raise failed("audio_truncated", "OpenAI's audio ended in the middle of a sample or was empty.")
        tail: PCM = resampler.resample_chunk(np.zeros(0, np.int16), last=True)
        if len(tail):
            yield tail

    def _voice(self, wanted: str | None) -> str:
        """The vendor's name of the voice asked for: its own, a character's, else the configured one."""
        if wanted in self._names:
            return wanted
        character = CAST.get(wanted or "")
        return character.openai if character is not None else self._settings.tts_voice

    async def _next(self, chunks: AsyncIterator[bytes], *, first: bool) -> bytes | None:
        async with asyncio.timeout(self._settings.timeout_s if first else self._settings.stall_s):
            return await anext(chunks, None)


def _whole_samples(received: bytes) -> tuple[PCM, bytes]:
    whole = len(received) & ~1
    return np.frombuffer(received[:whole], np.int16), received[whole:]


def _cost_ms(text: str) -> float:
    """Time to first audio: 500 ms whatever the text, a round figure for planning (not measured here)."""
    return 500.0


def create(context: SpeechContext) -> OpenAITTS:
    """Entry point `openai`. Raises InvalidInput (`provider_key_missing`)."""
    tts = OpenAITTS(context.settings.openai)
    context.on_close(tts.aclose)
    return tts
