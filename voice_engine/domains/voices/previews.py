"""Samples of the catalogue's voices: spoken once by the synthesizer that speaks in calls, then kept as blobs."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass

import numpy as np

from voice_engine.audio.frames import PCM, SAMPLES_PER_MS
from voice_engine.audio.wav import wav_bytes
from voice_engine.domains.voices.catalogue import CATALOGUE, CatalogueVoice
from voice_engine.errors import InvalidInput, QuotaExceeded, UpstreamFailed
from voice_engine.ports.blobs import BlobStore
from voice_engine.ports.call import Language
from voice_engine.ports.tts import TTS, SpeechRequest

SAMPLES: Mapping[Language, str] = {
    "en": "Hello, my name is {name}. Thank you for calling. How can I help you today?",
    "es": "Hola, me llamo {name}. Gracias por llamar. ¿En qué puedo ayudarle?",
}
"""A voice is heard in each language that the synthesizer speaks, as callers will hear it."""

REVISION = 1
"""Part of a sample's key: raise it when the packaged voices change."""

PAUSE_MS = 500
PATIENCE_S = 20.0
"""For one sample, two sentences of two languages: a synthesizer that needs longer is broken."""

AT_ONCE = 2
"""Samples being made: the synthesizer has calls to speak for."""


MS_PER_CHARACTER = 65
"""About fifteen characters a second: what a sample will be like, before it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How far a sample has come: milliseconds of speech that are there, and about how many there will be."""

    spoken_ms: int
    expected_ms: int


class VoicePreviews:
    """WAV samples by voice. Whoever asks while one is being made waits for it."""

    def __init__(self, tts: TTS, blobs: BlobStore) -> None:
        self._tts = tts
        self._blobs = blobs
        self._room = asyncio.Semaphore(AT_ONCE)
        self._making = {voice.id: asyncio.Lock() for voice in CATALOGUE}
        self._spoken: dict[str, int] = {}

    @property
    def provider(self) -> str:
        """Whose voices they are: the first synthesizer's name, without its model's."""
        return re.split(r"[+/]", self._tts.capabilities.name, maxsplit=1)[0]

    async def wav(self, voice: CatalogueVoice) -> bytes:
        """The sample, mono 8 kHz 16-bit as a telephone carries it.

        Raises:
            UpstreamFailed: `voice_preview_failed`, `blobs_unavailable`.
        """
        key = self.key_of(voice)
        async with self._making[voice.id]:
            if await self._blobs.find(key) is not None:
                return b"".join([chunk async for chunk in self._blobs.read(key)])
            async with self._room:
                self._spoken[voice.id] = 0
                try:
                    sample = wav_bytes(await self._speak(voice))
                finally:
                    del self._spoken[voice.id]
            await self._blobs.put(key, _whole(sample))
        return sample

    def progress_of(self, voice: CatalogueVoice) -> Making | None:
        """How far this voice's sample has come; None: none is being made."""
        spoken = self._spoken.get(voice.id)
        if spoken is None:
            return None
        letters = sum(len(SAMPLES[language].format(name=voice.name)) for language in self._languages())
        return Making(spoken_ms=spoken // SAMPLES_PER_MS, expected_ms=max(1, letters * MS_PER_CHARACTER))

    def _languages(self) -> list[Language]:
        return [each for each in SAMPLES if each in self._tts.capabilities.languages()]

    def key_of(self, voice: CatalogueVoice) -> str:
        """Where the sample is kept: another for another synthesizer, and for other words."""
        record = self._tts.capabilities
        offered = [f"{offer.id}/{offer.language}" for offer in record.voices]
        told = [record.name, *offered, voice.character, voice.name, *SAMPLES.values(), str(REVISION)]
        return f"voice-previews/{hashlib.sha256(chr(10).join(told).encode()).hexdigest()}.wav"

    async def _speak(self, voice: CatalogueVoice) -> PCM:
        record = self._tts.capabilities
        known = {offer.id for offer in record.voices}
        pause = np.zeros(PAUSE_MS * SAMPLES_PER_MS, np.int16)
        pieces: list[PCM] = []
        try:
            async with asyncio.timeout(PATIENCE_S):
                for language in self._languages():
                    request = SpeechRequest(
                        text=SAMPLES[language].format(name=voice.name),
                        language=language,
                        voice=voice.character if voice.character in known else None,
                    )
                    async with aclosing(self._tts.synthesize(request)) as chunks:
                        async for chunk in chunks:
                            pieces.append(chunk)
                            self._spoken[voice.id] += len(chunk)
                    pieces.append(pause)
        except (UpstreamFailed, QuotaExceeded, InvalidInput, TimeoutError) as error:
            raise UpstreamFailed(
                "voice_preview_failed", "the voice cannot be sampled now", provider=record.name, retryable=True
            ) from error
        return np.concatenate(pieces)


async def _whole(data: bytes) -> AsyncIterator[bytes]:
    yield data
