"""The composition root: settings reach their providers, and what is missing is one clear error."""

from pathlib import Path

import pytest

from voice_engine.bootstrap import Providers, open_providers
from voice_engine.cli.app import run
from voice_engine.clock import run_virtual
from voice_engine.config import load_settings
from voice_engine.errors import InvalidInput
from voice_engine.providers.llm.scripted import ScriptedLLM
from voice_engine.providers.scripted import ScriptedSettings

SCRIPTED = {"VOICE_ENGINE_STT": "scripted", "VOICE_ENGINE_TTS": "scripted"}


def test_sections_reach_the_speech_settings(tmp_path: Path) -> None:
    environ = SCRIPTED | {
        "VOICE_ENGINE_SPEECH__WORKERS": "3",
        "VOICE_ENGINE_SPEECH__MOST_BUSY": "0.5",
        "VOICE_ENGINE_SPEECH__CACHE_MB": "0",
        "VOICE_ENGINE_SPEECH__WHISPER_DIRECTORY": str(tmp_path),
        "VOICE_ENGINE_FAILOVER__STT_STALL_MS": "700",
        "VOICE_ENGINE_OPENAI__REALTIME_STT_MODEL": "live",
    }

    settings = open_providers(load_settings(environ)).speech.settings

    assert (settings.local.pool.workers, settings.local.pool.most_busy) == (3, 0.5)
    assert (settings.local.cache_bytes, settings.local.whisper_directory) == (0, tmp_path)
    assert settings.failover.stt_stall_ms == 700
    assert settings.openai.realtime_stt_model == "live"


def test_providers_without_local_speech_take_every_call_and_load_nothing() -> None:
    providers = open_providers(load_settings(SCRIPTED))

    providers.load()

    assert providers.expect_call()
    assert providers.max_calls is None


class ConnectedLLM(ScriptedLLM):
    """Counts how often it is closed."""

    closed = 0

    async def close(self) -> None:
        self.closed += 1


def test_the_language_models_connections_are_closed_with_the_others() -> None:
    opened = open_providers(load_settings(SCRIPTED))
    llm = ConnectedLLM(ScriptedSettings())
    providers = Providers(speech=opened.speech, stt=opened.stt, tts=opened.tts, llm=llm)

    run_virtual(providers.aclose())

    assert llm.closed == 1


@pytest.mark.speech
def test_a_model_of_ones_own_that_is_not_there_is_found_at_once(tmp_path: Path) -> None:
    environ = {"VOICE_ENGINE_SPEECH__WHISPER_DIRECTORY": str(tmp_path / "none")}

    with pytest.raises(InvalidInput, match="There is no model at") as caught:
        open_providers(load_settings(environ))

    assert caught.value.code == "speech_model_missing"


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--stt", "nope"], "nope"),
        (["--tts", "scripted,nope"], "nope"),
        (["--llm", "nope"], "nope"),
        (["--stt", "openai"], "VOICE_ENGINE_OPENAI__API_KEY"),
        (["--stt", "scripted,openai-realtime"], "VOICE_ENGINE_OPENAI__API_KEY"),
        (["--llm", "openai"], "VOICE_ENGINE_OPENAI__API_KEY"),
    ],
)
@pytest.mark.parametrize("command", [["replay", "fixtures/audio/calls/en-prompts"], ["serve", "--port", "0"]])
def test_an_unknown_provider_or_a_missing_key_is_one_line_and_exit_2(
    command: list[str], options: list[str], named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status = run([*command, *options])

    error = capsys.readouterr().err
    assert status == 2
    assert error.count("\n") == 1
    assert named in error
