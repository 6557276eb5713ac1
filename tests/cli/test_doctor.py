"""`doctor`: what it finds, what it hides, and its exit status."""

import json
import socket
from pathlib import Path

import pytest

from voice_engine.cli.app import run
from voice_engine.cli.commands import doctor
from voice_engine.config import load_settings
from voice_engine.web.account import local_account


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOICE_ENGINE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def verdicts(**environ: str) -> dict[str, str]:
    settings = load_settings({f"VOICE_ENGINE_{name}": value for name, value in environ.items()})
    found = [*doctor.providers(settings), *doctor.places(settings)]
    return {finding.subject: finding.verdict for finding in found}


def test_the_generated_token_is_shown_on_request_only(data_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    account = local_account(data_dir)

    run(["doctor", "--quick", "--json"])
    hidden = capsys.readouterr().out
    run(["doctor", "--quick", "--json", "--show-secrets"])
    shown = json.loads(capsys.readouterr().out)

    assert account.auth_token not in hidden
    assert shown["carrier_account"]["auth_token"] == account.auth_token


def test_settings_are_shown_with_their_source(
    data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICE_ENGINE_SECRET_KEY", "not-a-real-key")

    run(["doctor", "--quick", "--json"])

    settings = json.loads(capsys.readouterr().out)["settings"]
    assert settings["VOICE_ENGINE_DATA_DIR"] == {"value": str(data_dir), "source": "environment"}
    assert settings["VOICE_ENGINE_SECRET_KEY"] == {"value": "***", "source": "environment"}
    assert settings["VOICE_ENGINE_STT"]["source"] == "default"


def test_looking_makes_no_files(data_dir: Path) -> None:
    run(["doctor", "--quick"])

    assert not data_dir.exists()


def test_a_missing_key_is_a_problem_and_exit_status_1(
    data_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICE_ENGINE_LLM", "openai")

    status = run(["doctor", "--quick"])

    assert status == 1
    assert "VOICE_ENGINE_OPENAI__API_KEY" in " ".join(capsys.readouterr().out.split())


def test_an_endpoint_of_ones_own_needs_no_key() -> None:
    assert verdicts(LLM="openai", OPENAI__BASE_URL="http://127.0.0.1:9")["llm"] == "ok"


def test_an_unknown_provider_is_a_problem() -> None:
    assert verdicts(STT="parrot")["stt"] == "problem"
    assert verdicts(TTS="local,parrot")["tts"] == "problem"


def test_a_carrier_account_needs_a_public_https_url() -> None:
    assert verdicts(TWILIO__AUTH_TOKEN="x")["public URL"] == "problem"
    assert verdicts(TWILIO__AUTH_TOKEN="x", PUBLIC_URL="http://v.example")["public URL"] == "problem"
    assert verdicts(TWILIO__AUTH_TOKEN="x", PUBLIC_URL="https://v.example")["public URL"] == "ok"


def test_a_data_directory_that_others_can_read_is_a_warning(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    open_verdict = verdicts(DATA_DIR=str(tmp_path))["data directory"]
    tmp_path.chmod(0o700)

    assert (open_verdict, verdicts(DATA_DIR=str(tmp_path))["data directory"]) == ("warning", "ok")


def test_a_taken_port_is_a_warning_with_a_fix() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        finding = doctor._port(taken.getsockname()[1])

    assert (finding.verdict, finding.fix is not None) == ("warning", True)


def test_a_model_that_cannot_be_used_says_how_to_fix_it() -> None:
    def missing() -> None:
        raise ImportError("libonnx.so: cannot open")

    finding = doctor._tried("recognition", "moonshine", missing, quick=False)

    assert finding.verdict == "problem"
    assert "reinstall" in str(finding.fix)


@pytest.mark.speech
@pytest.mark.slow
def test_the_packaged_models_are_whole_and_load() -> None:
    findings = doctor.speech(quick=False)

    assert {finding.verdict for finding in findings} == {"ok"}
    assert "pico-es-ES (es)" in " ".join(finding.detail for finding in findings)


@pytest.mark.parametrize(
    ("environ", "heard"),
    [
        ({}, "any program on this machine"),
        ({"PUBLIC_URL": "https://voice.example"}, "nobody"),
        ({"PUBLIC_URL": "https://voice.example", "VAPI_WEBHOOK_SECRET": "x"}, "who knows the secret"),
    ],
)
def test_whose_messages_are_taken_is_told(environ: dict[str, str], heard: str) -> None:
    settings = load_settings({f"VOICE_ENGINE_{name}": value for name, value in environ.items()})
    (found,) = [finding for finding in doctor.places(settings) if finding.subject == "VAPI webhook"]

    assert heard in found.detail
