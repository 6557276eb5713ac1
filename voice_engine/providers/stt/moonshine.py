"""Moonshine tiny (English) on onnxruntime: an own greedy loop over the weights in the `moonshine-voice` package.

The package's own library is slower and invents words on telephone audio (docs/SPEECH.md), so only its weights
and its vocabulary are used. https://arxiv.org/abs/2410.15608 describes the model.
"""

import math
import threading
from collections.abc import Iterable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
import soxr
from numpy.typing import NDArray

from voice_engine.audio.frames import PCM, RATE_HZ, SAMPLES_PER_MS
from voice_engine.errors import InvalidInput
from voice_engine.providers.packaged import package_dir, read_verified, require, require_path
from voice_engine.providers.stt.doubt import last_word
from voice_engine.providers.stt.recognizers import NOTHING_HEARD, Recognition
from voice_engine.providers.stt.repetition import without_repetition
from voice_engine.providers.stt.silence import split_at_pauses

_HASHES: Final = {
    "encoder_model.ort": "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221",
    "decoder_model_merged.ort": "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0",
    "tokenizer.bin": "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d",
}
"""SHA-256 of the files in moonshine-voice 0.1.0."""

_MODEL_RATE_HZ = 16_000
_START, _END = 1, 2
"""Token ids `<s>` and `</s>`."""

_TOKENS_PER_S = 6.5
_TOKENS_MORE = 8
"""The model's authors bound English speech by 6.5 tokens a second; dense times and prices ("8:30 p.m.") need
room beyond it. Whoever fills all of it is looping."""

_MIN_SAMPLES = 1200
"""The convolutional front end yields nothing below 75 ms."""

_MAX_PIECE_MS = 20_000
"""The encoder attends over all of its input: longer speech is cut at a pause."""


class MoonshineTranscriber:
    """English only. `directory` None: the packaged weights, checked against pinned hashes."""

    name = "moonshine-tiny-en"

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._model: _Model | None = None
        self._loading = threading.Lock()

    def check(self) -> None:
        """Raise InvalidInput: `speech_extra_missing`, or `speech_model_missing` for a directory of one's own."""
        require("onnxruntime", *(() if self._directory else ("moonshine_voice",)))
        require_path(self._directory)

    def load(self) -> None:
        """Read the weights (about 0.7 s of CPU).

        Raises:
            InvalidInput: `speech_extra_missing` or `speech_model_missing`.
            UpstreamFailed: `speech_model_changed`.
        """
        with self._loading:
            if self._model is None:
                self.check()
                self._model = _Model(self._directory)

    def cost_ms(self, audio_ms: float) -> float:
        """Declared decoding time: 20 ms + 40 ms a second (measured: benchmarks/speech_models.py)."""
        return 20.0 + 0.04 * audio_ms

    def transcribe(self, pcm: PCM, language: str) -> Recognition:
        """The text of int16 mono 8 kHz speech, shape (n,)."""
        if language != "en":
            raise InvalidInput("language_unsupported", f"{self.name} recognizes en, not {language!r}.")
        if self._model is None:
            self.load()
        assert self._model is not None
        model = self._model
        pieces = [model.decode(piece) for piece in split_at_pauses(pcm, max_ms=_MAX_PIECE_MS)]
        return replace(pieces[-1], text=" ".join(piece.text for piece in pieces if piece.text))


class _Model:
    """The loaded sessions and vocabulary; stateless between calls, so threads may share it."""

    def __init__(self, directory: Path | None) -> None:
        onnxruntime = import_module("onnxruntime")
        base = directory or package_dir("moonshine_voice") / "assets" / "tiny-en"
        files = {name: read_verified(base / name, None if directory else pin) for name, pin in _HASHES.items()}
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        provider = ["CPUExecutionProvider"]
        self._encoder = onnxruntime.InferenceSession(files["encoder_model.ort"], options, providers=provider)
        self._decoder = onnxruntime.InferenceSession(files["decoder_model_merged.ort"], options, providers=provider)
        self._tokens = parse_vocabulary(files["tokenizer.bin"])
        cached = [node for node in self._decoder.get_inputs() if node.name.startswith("past_key_values.")]
        self._cache_names = [node.name for node in cached]
        self._empty_cache = {
            node.name: np.zeros((1, node.shape[1], 0, node.shape[3]), np.float32) for node in cached
        }
        self._outputs = [node.name for node in self._decoder.get_outputs()]

    def decode(self, pcm: PCM) -> Recognition:
        """Greedy decoding of one piece of at most `_MAX_PIECE_MS`."""
        audio = soxr.resample(pcm.astype(np.float32) / 32768.0, RATE_HZ, _MODEL_RATE_HZ)
        if len(audio) < _MIN_SAMPLES:
            return NOTHING_HEARD
        mask = np.ones((1, len(audio)), np.int64)
        (states,) = self._encoder.run(None, {"input_values": audio[np.newaxis], "attention_mask": mask})
        budget = math.ceil(len(pcm) / SAMPLES_PER_MS / 1000.0 * _TOKENS_PER_S) + _TOKENS_MORE
        ids, logits = self._generate(states, mask, budget)
        if len(ids) >= budget:
            return Recognition(text=self._spell(without_repetition(ids)).strip())
        sureness, alternatives = last_word(ids, logits, self._spell, end=_END)
        return Recognition(text=self._spell(ids).strip(), sureness=sureness, alternatives=alternatives)

    def _spell(self, ids: Iterable[int]) -> str:
        return b"".join(self._tokens[token] for token in ids).decode("utf-8", "replace").replace("▁", " ")

    def _generate(
        self, states: NDArray[np.float32], mask: NDArray[np.int64], budget: int
    ) -> tuple[list[int], list[NDArray[np.float32]]]:
        """Token ids, and each step's logits, the one that ended the text included."""
        feed: dict[str, Any] = {
            "encoder_attention_mask": mask,
            "encoder_hidden_states": states,
            "use_cache_branch": np.array([False]),
            "input_ids": np.array([[_START]], np.int64),
            **self._empty_cache,
        }
        ids: list[int] = []
        logits: list[NDArray[np.float32]] = []
        for step in range(budget):
            produced = dict(zip(self._outputs, self._decoder.run(None, feed), strict=True))
            logits.append(produced["logits"][0, -1])
            token = int(logits[-1].argmax())
            if token == _END:
                break
            ids.append(token)
            feed["use_cache_branch"] = np.array([True])
            feed["input_ids"] = np.array([[token]], np.int64)
            for name in self._cache_names:
                # The encoder's keys and values are made once, on the first step.
                if step == 0 or ".decoder." in name:
                    feed[name] = produced[name.replace("past_key_values", "present")]
        return ids, logits


def parse_vocabulary(content: bytes) -> list[bytes]:
    """Token bytes by id: each entry is a length (one byte, or two from 128 on) and that many bytes of UTF-8."""
    tokens: list[bytes] = []
    at = 0
    while at < len(content):
        length = content[at]
        at += 1
        if length >= 128:
            length = content[at] * 128 + length - 128
            at += 1
        piece = content[at : at + length]
        at += length
        special = piece.startswith(b"<<ST_") or piece in {b"<unk>", b"<s>", b"</s>"}
        tokens.append(b"" if special else piece)
    return tokens
