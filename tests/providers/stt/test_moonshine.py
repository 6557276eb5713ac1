"""English recognition from the packaged weights."""

from pathlib import Path

import numpy as np
import pytest

from tests.fakes.stt import silence, speech
from voice_engine.audio import mulaw
from voice_engine.audio.frames import PCM
from voice_engine.errors import InvalidInput
from voice_engine.providers.stt.moonshine import MoonshineTranscriber, parse_vocabulary
from voice_engine.providers.tts.hibari import HibariSynthesizer


def test_vocabulary_has_lengths_of_one_and_two_bytes_and_silent_specials() -> None:
    long = b"x" * 130
    content = b"\x05<unk>" + b"\x02ab" + bytes((130, 1)) + long + b"\x07<<ST_1>"

    assert parse_vocabulary(content) == [b"", b"ab", long, b""]


def test_a_directory_of_ones_own_must_hold_the_files(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")

    with pytest.raises(InvalidInput, match=r"encoder_model\.ort") as missing:
        MoonshineTranscriber(tmp_path).load()

    assert missing.value.code == "speech_model_missing"


def test_only_english_is_recognized() -> None:
    with pytest.raises(InvalidInput) as refused:
        MoonshineTranscriber().transcribe(speech(500), "es")

    assert refused.value.code == "language_unsupported"


def test_declared_cost_grows_with_the_audio() -> None:
    cost_ms = MoonshineTranscriber().cost_ms

    assert 0 < cost_ms(500) < cost_ms(5000) < 300


@pytest.fixture(scope="module")
def moonshine() -> MoonshineTranscriber:
    return MoonshineTranscriber()


@pytest.fixture(scope="module")
def spoken() -> PCM:
    """A sentence as the telephone delivers it."""
    pcm = HibariSynthesizer().speak("We can do half past eight on Friday for four people.", "heart", 1.0)
    return mulaw.decode_pcm(mulaw.encode_pcm(pcm))


@pytest.mark.speech
@pytest.mark.slow
class TestWithWeights:
    def test_telephone_speech_is_understood(self, moonshine: MoonshineTranscriber, spoken: PCM) -> None:
        text = moonshine.transcribe(spoken, "en").text.lower()

        assert "half past eight" in text.replace("-", " ")
        assert "friday" in text

    def test_the_same_samples_give_the_same_text(self, moonshine: MoonshineTranscriber, spoken: PCM) -> None:
        noisy = (spoken + np.random.default_rng(3).normal(0, 800, len(spoken))).astype(np.int16)

        assert moonshine.transcribe(noisy, "en") == MoonshineTranscriber().transcribe(noisy, "en")

    def test_long_speech_is_decoded_in_pieces(self, moonshine: MoonshineTranscriber, spoken: PCM) -> None:
        """30 s of speech must neither fail nor lose its end."""
        long = np.concatenate([np.concatenate([spoken, silence(600)]) for _ in range(8)])

        text = moonshine.transcribe(long, "en").text.lower()

        assert len(long) > 30 * 8000
        assert text.count("friday") >= 7

    @pytest.mark.parametrize("ms", [0, 10, 60, 100])
    def test_a_click_is_decoded_to_something_short(self, moonshine: MoonshineTranscriber, ms: int) -> None:
        assert len(moonshine.transcribe(speech(ms), "en").text) < 40
