"""Spanish recognition from the packaged weights."""

from pathlib import Path

import numpy as np
import pytest

from tests.fakes.stt import silence, speech
from voice_engine.audio import mulaw
from voice_engine.audio.frames import PCM
from voice_engine.errors import InvalidInput
from voice_engine.providers.stt.whisper import WhisperTranscriber
from voice_engine.providers.tts.pico import PicoSynthesizer


def test_a_directory_of_ones_own_must_hold_the_files(tmp_path: Path) -> None:
    pytest.importorskip("ctranslate2")

    with pytest.raises(InvalidInput, match=r"tokenizer\.json") as missing:
        WhisperTranscriber(tmp_path).load()

    assert missing.value.code == "speech_model_missing"


def test_declared_cost_is_mostly_that_of_the_window() -> None:
    cost_ms = WhisperTranscriber().cost_ms

    assert cost_ms(500) > 200
    assert cost_ms(9000) - cost_ms(1000) < 400
    assert cost_ms(20_000) - cost_ms(12_000) > cost_ms(9000) - cost_ms(1000)


_STORY = (
    "Buenas tardes, llamo porque el martes pasado estuvimos cenando en su restaurante con unos amigos.",
    "Nos gustó mucho y queremos reservar una mesa para seis personas el próximo fin de semana.",
    "Es el aniversario de mis padres, así que nos gustaría algo un poco especial si es posible.",
    "Una de las personas tiene alergia a los frutos secos, por favor avise a la cocina.",
    "También queríamos saber si se puede comer en la terraza o si hace demasiado frío.",
    "Si no es posible el sábado, el domingo a mediodía también nos vendría bien a todos.",
    "Puede llamarme a este mismo teléfono cuando quiera.",
)


@pytest.fixture(scope="module")
def whisper() -> WhisperTranscriber:
    return WhisperTranscriber()


@pytest.fixture(scope="module")
def spoken() -> PCM:
    """A sentence as the telephone delivers it."""
    pcm = PicoSynthesizer().speak("Quisiera una mesa para cuatro personas el viernes.", "pico-es-ES", 1.0)
    return mulaw.decode_pcm(mulaw.encode_pcm(pcm))


@pytest.mark.speech
@pytest.mark.slow
class TestWithWeights:
    def test_telephone_speech_is_understood(self, whisper: WhisperTranscriber, spoken: PCM) -> None:
        text = whisper.transcribe(spoken, "es").text.lower()

        assert "mesa para" in text
        assert "viernes" in text

    def test_the_same_samples_give_the_same_text(self, whisper: WhisperTranscriber, spoken: PCM) -> None:
        noisy = (spoken + np.random.default_rng(3).normal(0, 800, len(spoken))).astype(np.int16)

        assert whisper.transcribe(noisy, "es") == whisper.transcribe(noisy, "es")

    def test_speech_beyond_the_models_window_keeps_its_end(self, whisper: WhisperTranscriber) -> None:
        """A caller who talks for half a minute is heard to the end."""
        pico = PicoSynthesizer()
        pause = silence(600)
        long = np.concatenate(
            [np.concatenate([pico.speak(sentence, "pico-es-ES", 1.0), pause]) for sentence in _STORY]
        )

        text = whisper.transcribe(long, "es").text.lower()

        heard = [
            word for word in ("martes", "mesa", "aniversario", "alergia", "terraza", "teléfono") if word in text
        ]
        assert len(long) > 30 * 8000
        assert len(heard) >= 5
        assert "teléfono" in text

    def test_a_language_without_a_token_is_refused(self, whisper: WhisperTranscriber) -> None:
        with pytest.raises(InvalidInput) as refused:
            whisper.transcribe(speech(500), "xx")

        assert refused.value.code == "language_unsupported"

    def test_a_click_is_decoded_to_something_short(self, whisper: WhisperTranscriber) -> None:
        assert len(whisper.transcribe(speech(60), "es").text) < 40

    def test_a_lost_conjunction_is_among_the_other_choices(self, whisper: WhisperTranscriber) -> None:
        """ "Hija y" is decoded as "hija.": that the "y" was nearly taken is what turn-taking waits for."""
        pcm = PicoSynthesizer().speak("Quisiera una cita para mi hija y", "pico-es-ES", 1.0)

        heard = whisper.transcribe(mulaw.decode_pcm(mulaw.encode_pcm(pcm)), "es")

        assert heard.text.endswith(" y") or any(text.endswith(" y") for text, _ in heard.alternatives)

    def test_what_is_said_clearly_is_sure(self, whisper: WhisperTranscriber, spoken: PCM) -> None:
        sureness = whisper.transcribe(spoken, "es").sureness

        assert sureness is not None
        assert sureness > 0.7
