"""hibari: English speech on onnxruntime, one packaged voice ("heart", American) and a lower one made of it.

The library would fetch its other voices over the network on first use; here only voices whose file is present
are offered, and nothing is ever fetched.
"""

import threading
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
import soxr

from voice_engine.audio.frames import PCM, RATE_HZ
from voice_engine.ports.tts import Voice
from voice_engine.providers.packaged import package_dir, read_verified, require, require_path

_MODEL_SHA256: Final = "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8"
"""hibari.onnx in hibari-tts 0.2.1."""

_MODEL_RATE_HZ = 24_000
_SEED = 20_260_213
"""Of the noise part of speech: any fixed value gives the same audio for the same sentence."""

_HEART = Voice(id="heart", language="en", label="Heart (American English)", gender="female")
_LOW = Voice(id="heart-low", language="en", label="Heart, lowered (American English)", gender="unknown")
_PITCH = {_LOW.id: 0.85}
"""Played this much slower after being spoken that much faster: pitch and formants fall, tempo stays."""

_CUSTOM = Voice(id="hibari-custom", language="en", label="Model file of your own (English)")


class HibariSynthesizer:
    """`model` None: the packaged voice, checked against a pinned hash; else a hibari ONNX file of your own."""

    name = "hibari"

    def __init__(self, model: Path | None = None) -> None:
        self._path = model
        self._engine: Any = None
        self._loading = threading.Lock()
        self._phonemizing = threading.Lock()

    @property
    def voices(self) -> tuple[Voice, ...]:
        """The packaged voice and its lowered sister, or the user's."""
        return (_HEART, _LOW) if self._path is None else (_CUSTOM,)

    def check(self) -> None:
        """Raise InvalidInput: `speech_extra_missing`, or `speech_model_missing` for a file of one's own."""
        require("hibari", "onnxruntime")
        require_path(self._path)

    def load(self) -> None:
        """Read model and pronunciation lexicon (about 1 s of CPU).

        Raises:
            InvalidInput: `speech_extra_missing` or `speech_model_missing`.
            UpstreamFailed: `speech_model_changed`.
        """
        with self._loading:
            if self._engine is not None:
                return
            self.check()
            path = self._path or package_dir("hibari") / "assets" / "hibari.onnx"
            read_verified(path, _MODEL_SHA256 if self._path is None else None)
            engine = import_module("hibari").Hibari(model=str(path), threads=1)
            engine("Ready.", seed=_SEED)
            self._engine = engine

    def cost_ms(self, text: str) -> float:
        """Declared time: 12 ms + 0.5 ms a character (measured: benchmarks/speech_models.py)."""
        return 12.0 + 0.5 * len(text)

    def speak(self, text: str, voice: str, speed: float) -> PCM:
        """One sentence as int16 mono 8 kHz, shape (n,)."""
        if self._engine is None:
            self.load()
        engine = self._engine
        with self._phonemizing:
            # Its rules and lexicon keep state; this part is pure Python and about 1 ms.
            parts = engine.phonemize(text)
        pitch = _PITCH.get(voice, 1.0)
        generator = np.random.default_rng(_SEED)
        waves = [engine.from_ids(engine.ids(part), speed / pitch, generator) for part in parts]
        if not waves:
            return np.zeros(0, np.int16)
        wave = soxr.resample(np.concatenate(waves), _MODEL_RATE_HZ * pitch, RATE_HZ)
        pcm: PCM = np.rint(np.clip(wave, -1.0, 1.0) * 32767.0).astype(np.int16)
        return pcm
