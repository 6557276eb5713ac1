"""hibari: English speech on onnxruntime, one packaged voice ("heart", American) and others made of it.

The library would fetch its other voices over the network on first use; here only voices whose file is present
are offered, and nothing is ever fetched.
"""

import threading
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import soxr

from voice_engine.audio.frames import PCM, RATE_HZ
from voice_engine.ports.tts import Voice
from voice_engine.providers.packaged import package_dir, read_verified, require, require_path
from voice_engine.providers.tts.cast import Manner, characters, manner_of

_MODEL_SHA256: Final = "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8"
"""hibari.onnx in hibari-tts 0.2.1."""

_MODEL_RATE_HZ = 24_000
_SEED = 20_260_213
"""Of the noise part of speech: any fixed value gives the same audio for the same sentence."""

_HEART = Voice(id="heart", language="en", label="Heart (American English)", gender="female")
_LOW = Voice(id="heart-low", language="en", label="Heart, lowered (American English)", gender="unknown")
_LOWERED = Manner(pitch=0.85, formant=0.85)

_FEWEST_IDS = 3
"""Padding alone: nothing to say."""

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
        """The packaged voice and its lowered sister, or the user's; then the characters, made of the first."""
        own = (_HEART, _LOW) if self._path is None else (_CUSTOM,)
        return own + characters("en")

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
        manner = _LOWERED if voice == _LOW.id else manner_of(voice)
        generator = np.random.default_rng(_SEED)
        waves = [_wave(engine, engine.ids(part), manner, speed, generator) for part in parts]
        if not waves:
            return np.zeros(0, np.int16)
        wave = soxr.resample(np.concatenate(waves), _MODEL_RATE_HZ * manner.formant, RATE_HZ)
        # A lower voice has more harmonics, each as high as before: its peaks go beyond full scale.
        full_scale = max(1.0, float(np.abs(wave).max()))
        pcm: PCM = np.rint(wave / full_scale * 32767.0).astype(np.int16)
        return pcm


def _wave(
    engine: Any, ids: list[int], manner: Manner, speed: float, generator: np.random.Generator
) -> npt.NDArray[np.float32]:
    """What `Hibari.from_ids` does, with the melody scaled between its network and its vocoder.

    float32, shape (n,), at 24 kHz divided by the formant factor, which the caller's resampling makes up for.
    """
    wave: npt.NDArray[np.float32]
    if manner.intonation == 1.0 or len(ids) < _FEWEST_IDS:
        wave = engine.from_ids(ids, speed / manner.formant, generator)
        return wave
    inputs = {"ids": np.asarray([ids], np.int64), "speed": np.asarray([speed / manner.formant], np.float32)}
    *envelopes, melody_hz = (output[0] for output in engine.sess.run(None, inputs))
    wave = import_module("hibari.dsp").synth(*envelopes, melody_hz * np.float32(manner.intonation), generator)
    return wave
