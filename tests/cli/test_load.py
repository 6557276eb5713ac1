"""`load`: whose token it signs with, and how it shows its figures."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from voice_engine.carrier.loadstats import LoadStats
from voice_engine.cli.app import run
from voice_engine.cli.commands.load import signing_token, table
from voice_engine.config import load_settings
from voice_engine.errors import InvalidInput
from voice_engine.web.account import local_account


def test_it_signs_with_the_servers_own_token(tmp_path: Path) -> None:
    account = local_account(tmp_path)

    assert signing_token(load_settings({"VOICE_ENGINE_DATA_DIR": str(tmp_path)})) == account.auth_token


def test_a_configured_token_wins(tmp_path: Path) -> None:
    local_account(tmp_path)
    environ = {"VOICE_ENGINE_DATA_DIR": str(tmp_path), "VOICE_ENGINE_TWILIO__AUTH_TOKEN": "abc"}

    assert signing_token(load_settings(environ)) == "abc"


def test_without_a_token_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="serve"):
        signing_token(load_settings({"VOICE_ENGINE_DATA_DIR": str(tmp_path)}))


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ws://127.0.0.1:8000", "http://"])
def test_a_bad_url_is_refused(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VOICE_ENGINE_DATA_DIR", str(tmp_path))
    calls = Path(__file__).parents[2] / "fixtures" / "audio" / "calls" / "en-voicemail-beep"

    assert run(["load", str(calls), "--url", url]) == 2
    assert "--url" in capsys.readouterr().err


def test_a_server_that_is_not_there_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_: object) -> None:
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setenv("VOICE_ENGINE_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("socket.create_connection", refused)
    local_account(tmp_path)
    calls = Path(__file__).parents[2] / "fixtures" / "audio" / "calls" / "en-voicemail-beep"

    assert run(["load", str(calls), "--url", "http://127.0.0.1:9"]) == 2
    assert "start `voice-engine serve`" in capsys.readouterr().err


def test_a_run_without_samples_shows_dashes() -> None:
    console = Console(file=io.StringIO(), width=100, color_system=None)

    console.print(table(LoadStats().report(server_cpu_s=None, own_cpu_s=0.0)))

    assert isinstance(console.file, io.StringIO)
    assert "– / – / –" in console.file.getvalue()
