"""What this machine and these settings are good for."""

import socket
from pathlib import Path

import pytest

from voice_engine.bootstrap.checks import machine
from voice_engine.config import load_settings


def verdicts(**environ: str) -> dict[str, str]:
    settings = load_settings({f"VOICE_ENGINE_{name}": value for name, value in environ.items()})
    found = [*machine.providers(settings), *machine.places(settings)]
    return {finding.subject: finding.verdict for finding in found}


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
        finding = machine._port(taken.getsockname()[1])

    assert (finding.verdict, finding.fix is not None) == ("warning", True)


def test_a_model_that_cannot_be_used_says_how_to_fix_it() -> None:
    def missing() -> None:
        raise ImportError("libonnx.so: cannot open")

    finding = machine._tried("recognition", "moonshine", missing, quick=False)

    assert finding.verdict == "problem"
    assert "reinstall" in str(finding.fix)


@pytest.mark.speech
@pytest.mark.slow
def test_the_packaged_models_are_whole_and_load() -> None:
    findings = machine.speech(quick=False)

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
    (found,) = [finding for finding in machine.places(settings) if finding.subject == "VAPI webhook"]

    assert heard in found.detail


def test_a_server_that_runs_does_not_complain_of_its_own_port(tmp_path: Path) -> None:
    settings = load_settings({"VOICE_ENGINE_DATA_DIR": str(tmp_path)})

    found = {one.subject: one.detail for one in machine.places(settings, served_at="http://127.0.0.1:9000")}
    assert found["server"] == "runs, at http://127.0.0.1:9000"
    assert not [subject for subject in found if subject.startswith("port")]
