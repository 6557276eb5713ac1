"""Local speech: picks a packaged voice by language, speaks sentence by sentence, remembers what it has spoken."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Mapping, Sequence
from functools import partial

from voice_engine.audio.frames import PCM
from voice_engine.clock import is_virtual
from voice_engine.errors import InvalidInput, QuotaExceeded
from voice_engine.ports.tts import SpeechRequest, TTSCapabilities, Voice
from voice_engine.providers.speech_pool import SpeechPool, Urgency
from voice_engine.providers.tts.loudness import finish
from voice_engine.providers.tts.spoken import sentences, spoken
from voice_engine.providers.tts.voices import SpeechSynthesizer

_Key = tuple[str, str, str, float]
_Id = tuple[str, str]


class ClauseCache:
    """Finished audio by (text, voice, language, speed), least recently used first out, bounded in bytes of PCM."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._entries: OrderedDict[_Key, PCM] = OrderedDict()
        self.bytes = 0

    def find(self, key: _Key) -> PCM | None:
        """The audio, now the most recently used; None when it is not kept."""
        pcm = self._entries.get(key)
        if pcm is not None:
            self._entries.move_to_end(key)
        return pcm

    def keep(self, key: _Key, pcm: PCM) -> None:
        """Keep the audio read-only; what exceeds the bound leaves, oldest use first."""
        if key in self._entries or pcm.nbytes > self._max_bytes:
            return
        pcm.flags.writeable = False
        self._entries[key] = pcm
        self.bytes += pcm.nbytes
        while self.bytes > self._max_bytes:
            _, gone = self._entries.popitem(last=False)
            self.bytes -= gone.nbytes


class LocalTTS:
    """A `TTS` over synchronous models on the process's `SpeechPool`.

    The first synthesizer with a voice of a language speaks it by default. Every call of one process may share one.
    """

    def __init__(
        self, synthesizers: Sequence[SpeechSynthesizer], pool: SpeechPool, *, cache_bytes: int = 32 << 20
    ) -> None:
        self._synthesizers = tuple(synthesizers)
        self._pool = pool
        self._cache = ClauseCache(cache_bytes)
        self._speakers: Mapping[_Id, SpeechSynthesizer] = {
            (voice.id, voice.language): synthesizer for synthesizer in synthesizers for voice in synthesizer.voices
        }
        self._defaults: dict[str, str] = {}
        voices: list[Voice] = []
        for synthesizer in synthesizers:
            for voice in synthesizer.voices:
                voices.append(voice)
                self._defaults.setdefault(voice.language, voice.id)
        self._voices = {(voice.id, voice.language): voice for voice in voices}
        self._known = frozenset(voice.id for voice in voices)
        self._capabilities = TTSCapabilities(
            name="local", voices=tuple(voices), streaming=False, local=True, cost_ms=self._dearest_cost_ms
        )

    @property
    def capabilities(self) -> TTSCapabilities:
        """Its voices; `cost_ms` is that of the slowest model for the first sentence."""
        return self._capabilities

    def check(self) -> None:
        """Raise InvalidInput (`speech_extra_missing`) when a package is not installed; reads no models."""
        for synthesizer in self._synthesizers:
            synthesizer.check()

    def load(self) -> None:
        """Read all models now (about 1 s of CPU). Raises InvalidInput or UpstreamFailed."""
        for synthesizer in self._synthesizers:
            synthesizer.load()

    async def synthesize(self, request: SpeechRequest) -> AsyncGenerator[PCM, None]:
        """Yield one int16 8 kHz chunk a sentence, shape (n,).

        Raises:
            InvalidInput: `language_unsupported`, `voice_unknown`.
            QuotaExceeded: `tts_busy`, when too much is queued.
            UpstreamFailed: when the model fails.
        """
        voice = self._voice(request)
        for sentence in sentences(request.text):
            key = (sentence, voice.id, voice.language, request.speed)
            pcm = self._cache.find(key)
            words = spoken(sentence, voice.language)
            if pcm is None:
                pcm = await self._speak(words, voice, request.speed)
                self._cache.keep(key, pcm)
            if is_virtual():
                # Paid for cached audio too: what was spoken before must not change a replay.
                await asyncio.sleep(self._speaker(voice).cost_ms(words) / 1000.0)
            if len(pcm):
                yield pcm

    async def _speak(self, words: str, voice: Voice, speed: float) -> PCM:
        job = partial(_speak, self._speaker(voice), words, voice.id, speed)
        try:
            return await self._pool.run(Urgency.SPEAK, job)
        except QuotaExceeded as error:
            raise QuotaExceeded("tts_busy", error.message) from error

    def _speaker(self, voice: Voice) -> SpeechSynthesizer:
        return self._speakers[voice.id, voice.language]

    def _voice(self, request: SpeechRequest) -> Voice:
        """The voice asked for; the language's default when none is, or when that voice speaks another language."""
        default = self._defaults.get(request.language)
        if default is None:
            raise InvalidInput("language_unsupported", f"No local voice speaks {request.language!r}.")
        if request.voice is not None and request.voice not in self._known:
            raise InvalidInput(
                "voice_unknown", f"No local voice {request.voice!r}; there are: {', '.join(sorted(self._known))}."
            )
        spoken_by = (request.voice or default, request.language)
        return self._voices.get(spoken_by) or self._voices[default, request.language]

    def _dearest_cost_ms(self, text: str) -> float:
        first = next(iter(sentences(text)), "")
        return max((speaker.cost_ms(first) for speaker in self._speakers.values()), default=0.0)


def _speak(synthesizer: SpeechSynthesizer, words: str, voice: str, speed: float) -> PCM:
    return finish(synthesizer.speak(words, voice, speed))
