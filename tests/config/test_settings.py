"""Settings: what is read, what is refused, what is shown."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from voice_engine.config import describe_settings, load_settings, variable_name
from voice_engine.errors import InvalidInput

TOKEN = "not-a-real-token"


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = load_settings({})

    assert (settings.stt, settings.tts, settings.llm) == ("local", "local", "none")
    assert settings.data_dir.is_absolute()


def test_nested_variables_reach_their_section() -> None:
    settings = load_settings(
        {"VOICE_ENGINE_MEDIA__MAX_CALLS": "3", "VOICE_ENGINE_TURNS__ENDPOINTING_FIXED_MS": "200"}
    )

    assert settings.media.max_calls == 3
    assert settings.turns.endpointing_fixed_ms == 200.0


def test_an_empty_variable_is_unset() -> None:
    """Compose files and CI pass unset variables as empty strings."""
    assert load_settings({"VOICE_ENGINE_MEDIA__MAX_CALLS": ""}).media.max_calls == load_settings({}).media.max_calls


def test_the_process_environment_is_not_read_behind_a_given_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICE_ENGINE_STT", "scripted")

    assert load_settings({}).stt == "local"
    assert load_settings().stt == "scripted"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("VOICE_ENGINE_DATADIR", "VOICE_ENGINE_DATA_DIR"),
        ("VOICE_ENGINE_MEDIA_MAX_CALLS", "VOICE_ENGINE_MEDIA__MAX_CALLS"),
        ("VOICE_ENGINE_TWILIO__AUTHTOKEN", "VOICE_ENGINE_TWILIO__AUTH_TOKEN"),
        ("voice_engine_stt", "VOICE_ENGINE_STT"),
        ("VOICE_ENGINE_MEDIA", "VOICE_ENGINE_MEDIA__"),
    ],
)
def test_an_unknown_key_is_refused_and_the_nearest_named(name: str, nearest: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        load_settings({name: "x"})

    assert caught.value.code == "unknown_setting"
    assert name in caught.value.message
    assert nearest in caught.value.message


def test_foreign_variables_and_test_switches_are_left_alone() -> None:
    load_settings({"PATH": "/bin", "VOICE_ENGINE_TEST_GOLDEN": "write", "VOICEMAIL": "1"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VOICE_ENGINE_MEDIA__MAX_CALLS", "many"),
        ("VOICE_ENGINE_MEDIA__MAX_CALLS", "0"),
        ("VOICE_ENGINE_MEDIA__TRANSPORT", "carrier-pigeon"),
        ("VOICE_ENGINE_PUBLIC_URL", "example.com"),
        ("VOICE_ENGINE_PUBLIC_URL", "https://example.com/?a=b"),
        ("VOICE_ENGINE_TWILIO__ACCOUNT_SID", "hunter2-hunter2"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_variable_only(name: str, value: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        load_settings({name: value})

    assert caught.value.code == "bad_setting"
    assert caught.value.message.startswith(f"{name}: ")
    assert "\n" not in caught.value.message
    assert "hunter2" not in caught.value.message


def test_the_public_url_loses_its_trailing_slash() -> None:
    assert load_settings({"VOICE_ENGINE_PUBLIC_URL": "https://v.example/"}).public_url == "https://v.example"


def test_settings_are_frozen() -> None:
    settings = load_settings({})

    with pytest.raises(ValidationError):
        settings.stt = "scripted"
    with pytest.raises(ValidationError):
        settings.media.max_calls = 1


def test_secrets_never_print() -> None:
    settings = load_settings({"VOICE_ENGINE_TWILIO__AUTH_TOKEN": TOKEN})

    assert TOKEN not in repr(settings) + str(settings) + settings.model_dump_json()
    assert settings.twilio.auth_token == SecretStr(TOKEN)


def test_description_masks_secrets_and_knows_each_source() -> None:
    environ = {"VOICE_ENGINE_TWILIO__AUTH_TOKEN": TOKEN, "VOICE_ENGINE_STT": "scripted"}
    overrides = {"tts": "scripted", "web.drain_timeout_s": None}
    settings = load_settings(environ, overrides)

    lines = {line.name: line for line in describe_settings(settings, environ, overrides)}

    token = lines["VOICE_ENGINE_TWILIO__AUTH_TOKEN"]
    assert (token.value, token.source, token.secret) == ("***", "environment", True)
    assert lines["VOICE_ENGINE_STT"].source == "environment"
    assert (lines["VOICE_ENGINE_TTS"].value, lines["VOICE_ENGINE_TTS"].source) == ("scripted", "command line")
    assert lines["VOICE_ENGINE_LLM"].source == "default"
    assert lines["VOICE_ENGINE_WEB__DRAIN_TIMEOUT_S"].source == "default"


def test_secrets_show_on_request() -> None:
    environ = {"VOICE_ENGINE_SECRET_KEY": TOKEN}

    shown = describe_settings(load_settings(environ), environ, show_secrets=True)

    assert TOKEN in {line.value for line in shown}


def test_every_setting_is_described() -> None:
    """`doctor` is the reference of the settings: none may go without a word."""
    assert [line.name for line in describe_settings(load_settings({}), {}) if not line.description] == []


def test_options_win_over_the_environment() -> None:
    settings = load_settings({"VOICE_ENGINE_DATA_DIR": "/tmp/a"}, {"data_dir": "/tmp/b", "media.max_calls": 7})

    assert settings.data_dir == Path("/tmp/b")
    assert settings.media.max_calls == 7


def test_variable_names_nest_by_two_underscores() -> None:
    assert variable_name("media.max_calls") == "VOICE_ENGINE_MEDIA__MAX_CALLS"
