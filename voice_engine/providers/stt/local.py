"""The recognizers that work with no account: Moonshine for English, Whisper for Spanish."""

from pathlib import Path

from voice_engine.providers.speech_pool import SpeechPool
from voice_engine.providers.stt.chunked import ChunkedSTT
from voice_engine.providers.stt.moonshine import MoonshineTranscriber
from voice_engine.providers.stt.recognizers import PooledRecognizer, Transcriber
from voice_engine.providers.stt.whisper import WhisperTranscriber


class LocalSTT(ChunkedSTT):
    """A `ChunkedSTT` over the packaged models; directories point to models of your own.

    Weights are read on first use, or by `load`.
    """

    def __init__(
        self,
        pool: SpeechPool,
        *,
        moonshine_directory: Path | None = None,
        whisper_directory: Path | None = None,
    ) -> None:
        self._transcribers: dict[str, Transcriber] = {
            "en": MoonshineTranscriber(moonshine_directory),
            "es": WhisperTranscriber(whisper_directory),
        }
        super().__init__(
            "local",
            {language: PooledRecognizer(model, pool) for language, model in self._transcribers.items()},
            local=True,
            pool=pool,
        )

    def check(self) -> None:
        """Raise InvalidInput (`speech_extra_missing`) when a package is not installed; reads no weights."""
        for transcriber in self._transcribers.values():
            transcriber.check()

    def load(self, *languages: str) -> None:
        """Read the weights for `languages` (all when none is named); blocks. Raises as the models do."""
        for language, transcriber in self._transcribers.items():
            if not languages or language in languages:
                transcriber.load()
