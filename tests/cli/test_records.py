"""`voice-engine data`: what it lists, what it writes, what it refuses, and that it asks before it erases."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from voice_engine.cli.app import run

NUMBER = "+14155551234"


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """An installation with one account."""
    monkeypatch.setenv("VOICE_ENGINE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr("sys.stdin", io.StringIO("a long enough password\n"))
    assert run(["user", "add", "ada@example.com"]) == 0
    capsys.readouterr()
    return tmp_path


@pytest.mark.slow
def test_an_export_of_an_unknown_number_says_so(account: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = account / "ada.zip"

    status = run(["data", "export", "--number", NUMBER, "--out", str(target)])

    assert status == 0
    assert "nothing is held" in capsys.readouterr().out
    with zipfile.ZipFile(target) as archive:
        assert json.loads(archive.read("about.json"))["calls"] == []


@pytest.mark.slow
def test_erasing_lists_unless_told_to_do_it(account: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["data", "erase", "--number", NUMBER, "--json"])
    listed = json.loads(capsys.readouterr().out)
    run(["data", "erase", "--number", NUMBER, "--yes", "--json"])

    assert listed["erased"] is False
    assert json.loads(capsys.readouterr().out)["erased"] is True


@pytest.mark.slow
def test_retention_is_set_shown_and_taken_back(account: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = []
    for options in (["--days", "30"], [], ["--keep"]):
        assert run(["data", "retention", *options, "--json"]) == 0
        shown.append(json.loads(capsys.readouterr().out)["retention_days"])

    assert shown == [30, 30, None]


@pytest.mark.slow
def test_of_several_accounts_one_must_be_named(
    account: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Erasing in the wrong one could not be undone."""
    monkeypatch.setattr("sys.stdin", io.StringIO("a long enough password\n"))
    run(["user", "add", "bob@example.com"])

    assert run(["data", "erase", "--number", NUMBER, "--yes"]) == 2
    assert "--user" in capsys.readouterr().err
    assert run(["data", "erase", "--number", NUMBER, "--user", "bob@example.com"]) == 0


def test_what_is_no_number_or_no_place_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "erase", "--number", "0415"]) == 2
    assert run(["data", "export", "--number", NUMBER, "--out", str(tmp_path)]) == 2
    assert "plus, country code" in capsys.readouterr().err
