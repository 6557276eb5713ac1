"""Settings of all speech providers, and what their factories share within one process."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from voice_engine.providers.scripted import ScriptedSettings
from voice_engine.providers.speech_pool import SpeechPool, SpeechPoolSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSpeechSettings:
    """Local models. A path points to a model of your own in place of the packaged one; its hash is not checked.

    `moonshine_directory`: encoder_model.ort, decoder_model_merged.ort, tokenizer.bin.
    `whisper_directory`: a CTranslate2 Whisper model with its tokenizer.json. `hibari_model`: an ONNX file.
    `pico_directory`: Pico's *_ta.bin and *_sg.bin. `cache_bytes`: bound of synthesized audio that is kept.
    """

    pool: SpeechPoolSettings = field(default_factory=SpeechPoolSettings)
    moonshine_directory: Path | None = None
    whisper_directory: Path | None = None
    hibari_model: Path | None = None
    pico_directory: Path | None = None
    cache_bytes: int = 32 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAISpeechSettings:
    """Speech over the OpenAI API or anything compatible with it.

    `base_url` None: the vendor's own, and then `api_key` is required. `timeout_s`: whole request;
    `stall_s`: the longest silence between two pieces of a streamed answer.
    """

    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None
    stt_model: str = "gpt-transcribe"
    realtime_stt_model: str = "gpt-live-transcribe"
    tts_model: str = "gpt-4o-mini-tts"
    tts_voice: str = "alloy"
    timeout_s: float = 8.0
    stall_s: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FailoverSettings:
    """When the next provider takes over.

    `stt_stall_ms`: a request unanswered for so long has stalled. `tts_stall_ms`: likewise the next audio chunk.
    `failures`: consecutive failures that open a provider's breaker; `cooldown_s`: how long it is then left out.
    `replay_ms`: how much of an utterance is kept for the next provider.
    """

    stt_stall_ms: float = 1000.0
    tts_stall_ms: float = 900.0
    failures: int = 1
    cooldown_s: float = 30.0
    replay_ms: int = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechSettings:
    """Everything that the packaged speech providers can be told."""

    local: LocalSpeechSettings = field(default_factory=LocalSpeechSettings)
    openai: OpenAISpeechSettings = field(default_factory=OpenAISpeechSettings)
    scripted: ScriptedSettings = field(default_factory=ScriptedSettings)
    failover: FailoverSettings = field(default_factory=FailoverSettings)


class SpeechContext:
    """What a provider's factory gets: the settings, and the process's one pool of workers."""

    def __init__(self, settings: SpeechSettings | None = None) -> None:
        self.settings = settings or SpeechSettings()
        self._loaders: list[Callable[[], None]] = []
        self._closers: list[Callable[[], Awaitable[None]]] = []

    @cached_property
    def pool(self) -> SpeechPool:
        """The worker pool, made when the first local model asks for it."""
        return SpeechPool(self.settings.local.pool)

    def on_load(self, load: Callable[[], None]) -> None:
        """Have `load` called by `load`."""
        self._loaders.append(load)

    def load(self) -> None:
        """Read the weights of every local model that was opened (about 3 s of CPU; blocks).

        To be called before serving: read on first use, they would delay that call and hold the interpreter lock.

        Raises:
            InvalidInput: `speech_model_missing`.
            UpstreamFailed: `speech_model_changed`, `speech_library_unusable`.
        """
        for load in self._loaders:
            load()

    def expect_call(self) -> bool:
        """Whether the local models have room for one more call; always, when none are used."""
        return self.pool.expect_call() if "pool" in self.__dict__ else True

    def spare_calls(self) -> int | None:
        """How many more calls the local models would take now; None: they are not used."""
        return self.pool.spare_calls if "pool" in self.__dict__ else None

    @property
    def max_calls(self) -> int | None:
        """The most calls that local recognition takes at once; None: it is not used."""
        return self.settings.local.pool.max_calls if "pool" in self.__dict__ else None

    def on_close(self, close: Callable[[], Awaitable[None]]) -> None:
        """Have `close` awaited by `aclose`, last registered first."""
        self._closers.append(close)

    async def aclose(self) -> None:
        """Close the providers' connections, let running jobs end, stop the workers."""
        while self._closers:
            await self._closers.pop()()
        self.close()

    def close(self) -> None:
        """Stop the workers, once running jobs have ended; connections are left to `aclose`."""
        if "pool" in self.__dict__:
            self.pool.close()
