"""Characters: known to every synthesizer, and really different to hear."""

from collections.abc import Mapping
from itertools import combinations

import pytest

from tests.audio.voiceprint import voiceprint
from voice_engine.domains.voices.catalogue import CATALOGUE
from voice_engine.providers.tts.cast import CAST, UNCHANGED, characters, manner_of
from voice_engine.providers.tts.hibari import HibariSynthesizer
from voice_engine.providers.tts.loudness import finish
from voice_engine.providers.tts.openai import VOICES
from voice_engine.providers.tts.pico import PicoSynthesizer
from voice_engine.providers.tts.voices import SpeechSynthesizer

SENTENCES: Mapping[str, tuple[type[SpeechSynthesizer], str]] = {
    "en": (HibariSynthesizer, "Thank you for calling Bright Smile Dental. How can I help you today?"),
    "es": (PicoSynthesizer, "Gracias por llamar a la clínica dental. ¿En qué puedo ayudarle hoy?"),
}
APART_SEMITONES = 2.0
"""Nobody takes two speakers for one whose pitch and timbre are so far apart."""


def test_the_catalogue_and_the_cast_are_the_same_people() -> None:
    assert {voice.character: voice.gender for voice in CATALOGUE} == {
        name: character.gender for name, character in CAST.items()
    }


def test_each_character_has_a_remote_voice_of_its_own() -> None:
    assert {character.openai for character in CAST.values()} <= set(VOICES)
    assert len({character.openai for character in CAST.values()}) == len(CAST)


def test_other_voices_are_not_changed() -> None:
    assert manner_of("heart") == manner_of("savannah") == UNCHANGED
    assert all(voice.is_character for voice in characters("es"))


@pytest.mark.speech
@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "es"])
def test_any_two_characters_sound_different_in_either_language(language: str) -> None:
    synthesizer, text = SENTENCES[language][0](), SENTENCES[language][1]
    prints = {name: voiceprint(finish(synthesizer.speak(text, name, 1.0))) for name in CAST}

    too_close = {
        (one, other): prints[one].distance(prints[other])
        for one, other in combinations(CAST, 2)
        if prints[one].distance(prints[other]) < APART_SEMITONES
    }
    assert not too_close
    men = [prints[name].pitch_hz for name, character in CAST.items() if character.gender == "male"]
    women = [prints[name].pitch_hz for name, character in CAST.items() if character.gender == "female"]
    assert 1.1 * max(men) < min(women)


@pytest.mark.speech
@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_changed_voice_keeps_its_tempo_and_does_not_clip(language: str) -> None:
    synthesizer, text = SENTENCES[language][0](), SENTENCES[language][1]
    plain = synthesizer.speak(text, "savannah", 1.0)

    for name in CAST:
        spoken = synthesizer.speak(text, name, 1.0)
        assert len(spoken) == pytest.approx(len(plain), rel=0.12)
        assert (abs(spoken.astype(int)) >= 32_767).sum() <= 1
