"""The carrier's own voice for <Say>, over a synthesizer; what was said once is kept."""

import asyncio
import re
from collections import OrderedDict
from contextlib import aclosing

import numpy as np

from voice_engine.audio import mixing, mulaw
from voice_engine.audio.frames import PCM
from voice_engine.carrier.voices import SPEECH_DBFS
from voice_engine.errors import InvalidInput
from voice_engine.ports.tts import TTS, SpeechRequest

KEPT_TEXTS = 64

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


class TTSVoice:
    """`reach.Voice` over the TTS port."""

    def __init__(self, tts: TTS) -> None:
        self._tts = tts
        self._kept: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._speaking = asyncio.Lock()

    async def speak(self, text: str, language: str) -> bytes:
        """The text as μ-law at a usual level. Raises InvalidInput (`no_voice`), UpstreamFailed."""
        spoken = language.partition("-")[0].lower()
        if spoken not in self._tts.capabilities.languages():
            raise InvalidInput("no_voice", f"{self._tts.capabilities.name} speaks no {language}")
        async with self._speaking:
            if (text, spoken) not in self._kept:
                self._kept[text, spoken] = await self._synthesize(text, spoken)
            self._kept.move_to_end((text, spoken))
            while len(self._kept) > KEPT_TEXTS:
                self._kept.popitem(last=False)
            return self._kept[text, spoken]

    async def _synthesize(self, text: str, language: str) -> bytes:
        parts: list[PCM] = []
        for sentence in _SENTENCE_END.split(text):
            request = SpeechRequest(text=sentence, language=language)
            async with aclosing(self._tts.synthesize(request)) as chunks:
                parts.extend([chunk async for chunk in chunks])
        pcm = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)
        return mulaw.encode_pcm(mixing.at_level(pcm, SPEECH_DBFS))
