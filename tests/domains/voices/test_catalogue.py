"""The catalogue keeps its promises: stable ids, both genders, one character a voice."""

import pytest

from voice_engine.domains.voices.catalogue import CATALOGUE, engine_voice, find, require
from voice_engine.errors import InvalidInput


def test_the_published_voice_is_there() -> None:
    voice = find("pNInz6obpgDQGcFmaJgB")

    assert voice is not None
    assert (voice.name, voice.gender) == ("Savannah", "female")


def test_there_is_a_choice() -> None:
    assert len(CATALOGUE) >= 4
    assert {voice.gender for voice in CATALOGUE} == {"female", "male"}
    for attribute in ("id", "name", "character", "description"):
        assert len({getattr(voice, attribute) for voice in CATALOGUE}) == len(CATALOGUE)


def test_an_unknown_voice_is_refused_by_its_code() -> None:
    with pytest.raises(InvalidInput) as refused:
        require("alloy")
    assert refused.value.code == "unknown_voice"


def test_calls_get_the_character_or_the_default() -> None:
    assert engine_voice("pNInz6obpgDQGcFmaJgB") == "savannah"
    assert engine_voice("alloy") is None
    assert engine_voice(None) is None
