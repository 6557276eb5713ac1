"""`doctor`: what it finds, what it hides, and its exit status."""

import json
from pathlib import Path

import pytest

from voice_engine.cli.app import run
from voice_engine.web.account import local_account


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOICE_ENGINE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


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
