"""Mid-call failover of synthesizers: a clause that one cannot finish is finished by the next."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from voice_engine.audio.frames import PCM, SAMPLES_PER_MS
from voice_engine.errors import InvalidInput, QuotaExceeded, UpstreamFailed
from voice_engine.ports.tts import TTS, SpeechRequest, TTSCapabilities
from voice_engine.providers.breaker import Breaker, by_health
from voice_engine.providers.speech import FailoverSettings

_CHARACTERS_PER_S = 12.0
"""A slow speaker's rate: what has been spoken is underestimated, so that a word may be said twice but none is lost
(measured on hibari and Pico at speed 1: 13 to 16)."""


class FailoverTTS:
    """A `TTS` over several, in order of preference. Breakers are shared by all calls of this object."""

    def __init__(self, providers: Sequence[TTS], settings: FailoverSettings | None = None) -> None:
        assert providers
        self._providers = tuple(providers)
        self._settings = settings or FailoverSettings()
        self._breakers = [
            Breaker(failures=self._settings.failures, cooldown_s=self._settings.cooldown_s) for _ in providers
        ]
        records = [provider.capabilities for provider in providers]
        self._capabilities = TTSCapabilities(
            name="+".join(record.name for record in records),
            voices=tuple(voice for record in records for voice in record.voices),
            streaming=records[0].streaming,
            local=all(record.local for record in records),
            cost_ms=records[0].cost_ms,
        )

    @property
    def capabilities(self) -> TTSCapabilities:
        """The voices of all; streaming and cost as the first one's."""
        return self._capabilities

    async def synthesize(self, request: SpeechRequest) -> AsyncGenerator[PCM, None]:
        """Yield the clause; where a provider breaks off, the next speaks the rest, or all if nothing was heard.

        Raises:
            InvalidInput: `language_unsupported`.
            UpstreamFailed: `tts_failed`, when every provider has failed.
        """
        loop = asyncio.get_running_loop()
        spoken_ms = 0.0
        for index in self._order(request.language):
            rest = replace(
                request,
                text=rest_after(request.text, spoken_ms * request.speed),
                voice=self._voice_of(index, request.voice),
            )
            if not rest.text:
                return
            try:
                async with aclosing(self._watched(index, rest)) as chunks:
                    async for pcm in chunks:
                        yield pcm
                        spoken_ms += len(pcm) / SAMPLES_PER_MS
            except QuotaExceeded:
                continue
            except (UpstreamFailed, TimeoutError):
                self._breakers[index].note_failure(loop.time())
                continue
            self._breakers[index].note_success()
            return
        raise UpstreamFailed(
            "tts_failed", "Every synthesizer has failed.", provider=self._capabilities.name, retryable=True
        )

    async def _watched(self, index: int, request: SpeechRequest) -> AsyncGenerator[PCM, None]:
        """One provider's chunks, each within `tts_stall_ms`. Raises TimeoutError."""
        async with aclosing(self._providers[index].synthesize(request)) as chunks:
            while True:
                try:
                    async with asyncio.timeout(self._settings.tts_stall_ms / 1000.0):
                        pcm = await anext(chunks)
                except StopAsyncIteration:
                    return
                yield pcm

    def _order(self, language: str) -> list[int]:
        usable = [
            index
            for index in by_health(self._breakers, asyncio.get_running_loop().time())
            if language in self._providers[index].capabilities.languages()
        ]
        if not usable:
            raise InvalidInput(
                "language_unsupported", f"No voice of {self._capabilities.name} speaks {language!r}."
            )
        return usable

    def _voice_of(self, index: int, voice: str | None) -> str | None:
        """The voice asked for where this provider has it, else its default."""
        known = {offered.id for offered in self._providers[index].capabilities.voices}
        return voice if voice in known else None


def rest_after(text: str, spoken_ms: float) -> str:
    """What is left of `text` after so many milliseconds at normal speed, from the start of a word."""
    at = int(spoken_ms / 1000.0 * _CHARACTERS_PER_S)
    if at <= 0:
        return text
    if at >= len(text):
        return ""
    start = max(text.rfind(" ", 0, at + 1), 0)
    return text[start:].strip()
