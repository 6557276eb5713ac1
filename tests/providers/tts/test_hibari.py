"""English synthesis from the packaged voice."""

from pathlib import Path

import numpy as np
import pytest

from voice_engine.errors import InvalidInput
from voice_engine.providers.tts.hibari import HibariSynthesizer

TEXT = "Your table is booked for eight thirty."


def test_a_model_of_ones_own_must_exist(tmp_path: Path) -> None:
    pytest.importorskip("hibari")

    with pytest.raises(InvalidInput) as missing:
        HibariSynthesizer(tmp_path / "none.onnx").load()

    assert missing.value.code == "speech_model_missing"


@pytest.fixture(scope="module")
def hibari() -> HibariSynthesizer:
    return HibariSynthesizer()


@pytest.mark.speech
@pytest.mark.slow
class TestWithWeights:
    def test_it_speaks_at_a_natural_pace(self, hibari: HibariSynthesizer) -> None:
        assert 1.5 < len(hibari.speak(TEXT, "heart", 1.0)) / 8000 < 4.0

    def test_the_same_sentence_is_the_same_audio_whatever_was_said_before(self, hibari: HibariSynthesizer) -> None:
        """Replays must be equal to the sample."""
        first = hibari.speak(TEXT, "heart", 1.0)
        hibari.speak("Something else.", "heart", 1.0)

        assert np.array_equal(hibari.speak(TEXT, "heart", 1.0), first)

    def test_slower_is_longer(self, hibari: HibariSynthesizer) -> None:
        normal, slow = (len(hibari.speak(TEXT, "heart", speed)) for speed in (1.0, 0.8))

        assert slow / normal == pytest.approx(1 / 0.8, abs=0.1)

    def test_nothing_to_say_is_no_audio(self, hibari: HibariSynthesizer) -> None:
        assert len(hibari.speak("", "heart", 1.0)) == 0
