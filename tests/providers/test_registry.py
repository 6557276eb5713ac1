"""Providers by name."""

import tomllib
from pathlib import Path

import pytest

from voice_engine.errors import InvalidInput
from voice_engine.providers import (
    OpenAISpeechSettings,
    ScriptedSettings,
    SpeechContext,
    SpeechSettings,
    open_stt,
    open_tts,
    stt_names,
    tts_names,
)
from voice_engine.providers.registry import PACKAGED
from voice_engine.providers.stt.failover import FailoverSTT
from voice_engine.providers.tts.failover import FailoverTTS


def test_packaged_names_are_the_entry_points_of_the_distribution() -> None:
    """The table in the code and the one in pyproject.toml say the same."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert {group: project["entry-points"][group] for group in PACKAGED} == PACKAGED


def test_names_are_listed() -> None:
    assert {"local", "openai", "openai-realtime", "scripted"} <= set(stt_names())
    assert {"local", "openai", "scripted"} <= set(tts_names())


@pytest.mark.parametrize("opener", [open_stt, open_tts])
def test_unknown_name_lists_the_known_ones(opener: type) -> None:
    with pytest.raises(InvalidInput, match="scripted") as unknown:
        opener("nobody", SpeechContext())

    assert unknown.value.code == "provider_unknown"


@pytest.mark.parametrize("opener", [open_stt, open_tts])
def test_openai_without_a_key_is_refused_at_once(opener: type) -> None:
    with pytest.raises(InvalidInput) as missing:
        opener("openai", SpeechContext())

    assert missing.value.code == "provider_key_missing"


async def test_names_joined_by_commas_fail_over_in_that_order() -> None:
    settings = SpeechSettings(openai=OpenAISpeechSettings(base_url="http://127.0.0.1:1/v1"))
    context = SpeechContext(settings)

    stt, tts = open_stt("openai-realtime,scripted", context), open_tts("openai, scripted", context)

    await context.aclose()
    assert isinstance(stt, FailoverSTT)
    assert isinstance(tts, FailoverTTS)
    assert tts.capabilities.name == "openai/gpt-4o-mini-tts+scripted"


def test_settings_reach_the_provider() -> None:
    context = SpeechContext(SpeechSettings(scripted=ScriptedSettings(stt_final_ms=70)))

    assert open_stt("scripted", context).capabilities.cost_ms(1000) == 70


@pytest.mark.speech
@pytest.mark.slow
def test_local_names_its_voices_and_languages() -> None:
    context = SpeechContext()

    stt, tts = open_stt("local", context), open_tts("local", context)

    context.load()
    context.close()
    assert stt.capabilities.languages == {"en", "es"}
    defaults = {voice.language: voice.id for voice in reversed(tts.capabilities.voices)}
    assert defaults == {"en": "heart", "es": "pico-es-ES"}
