"""The command line's edge: instant help, one-line errors, exit codes, nothing half-written."""

import json
import os
import signal
import subprocess
import sys
import wave
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from voice_engine import __version__
from voice_engine.cli.app import run
from voice_engine.cli.calls import call_folder, write_json
from voice_engine.errors import InvalidInput

SCENARIO = Path(__file__).parents[1] / "scenarios" / "en-restaurant-counter-offer.yaml"
CALL = Path(__file__).parents[2] / "fixtures" / "audio" / "calls" / "en-voicemail-beep"

HEAVY = (
    "numpy", "openai", "starlette", "uvicorn", "pydantic_settings", "rich", "yaml", "twilio", "onnxruntime",
    "structlog", "voice_engine.config", "voice_engine.bootstrap", "voice_engine.runtime", "voice_engine.carrier",
)  # fmt: skip


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VOICE_ENGINE_DATA_DIR", str(tmp_path / "data"))


@pytest.mark.slow
@pytest.mark.parametrize("argv", [["--help"], ["--version"], ["simulate", "--help"]])
def test_help_imports_nothing_heavy(argv: list[str]) -> None:
    """What makes help slow is imports: this holds whatever the machine's load."""
    script = (
        "import sys; from voice_engine.cli.app import run; status = run(sys.argv[1:]); "
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]; "
        "sys.stderr.write(repr((status, loaded)))"
    )

    done = subprocess.run([sys.executable, "-c", script, *argv], capture_output=True, text=True, check=True)

    assert done.stderr == "(0, [])"
    assert done.stdout


def test_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"voice-engine {__version__}\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--help"])

    text = capsys.readouterr().out
    for command in ("demo", "replay", "simulate", "understand", "load", "serve", "doctor"):
        assert f"  {command} " in text


def failing(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """Run a command line that must fail as unusable: one line on standard error, nothing on standard output."""
    status = run(list(argv))
    captured = capsys.readouterr()
    assert (status, captured.out) == (2, "")
    assert captured.err.startswith("voice-engine: ")
    assert captured.err.count("\n") == 1
    return captured.err


@pytest.mark.parametrize(
    "argv",
    [
        ["nonsense"],
        ["simulate"],
        ["simulate", "--nonsense"],
        ["serve", "--port", "70000"],
        ["load", ".", "--calls", "0"],
        ["understand", "--language", "en"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_one_line(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert "see voice-engine --help" in failing(capsys, *argv)


def test_a_missing_file_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert str(tmp_path / "none.yaml") in failing(capsys, "simulate", str(tmp_path / "none.yaml"))


def test_bad_yaml_is_named_with_line_and_key(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(SCENARIO.read_text().replace("direction: outbound", "direction: sideways"))

    message = failing(capsys, "simulate", "--text", str(bad))

    assert f"{bad}" in message
    assert "direction" in message
    line = SCENARIO.read_text().splitlines().index("direction: outbound") + 1
    assert f":{line}" in message


def test_an_unknown_category_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(SCENARIO.read_text().replace("task_category: restaurant", "task_category: bakery"))

    assert "bakery" in failing(capsys, "simulate", "--text", str(bad))


def damaged(damage: str, folder: Path) -> bytes:
    """The recording, unusable in this way."""
    whole = (CALL / "caller.wav").read_bytes()
    if damage == "stereo":
        with wave.open(str(folder / "stereo.wav"), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(bytes(3200))
        return (folder / "stereo.wav").read_bytes()
    return {
        "not a wav": b"ID3 not audio",
        "empty": b"",
        "header only": whole[:20],
        "cut short": whole[: len(whole) // 2],
        "wrong rate": whole[:24] + (44_100).to_bytes(4, "little") + whole[28:],
    }[damage]


@pytest.mark.parametrize("damage", ["not a wav", "empty", "header only", "cut short", "wrong rate", "stereo"])
def test_an_unusable_recording_is_refused_and_nothing_is_written(
    damage: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "call"
    folder.mkdir()
    (folder / "call.yaml").write_text((CALL / "call.yaml").read_text())
    (folder / "caller.wav").write_bytes(damaged(damage, tmp_path))

    message = failing(capsys, "replay", str(folder), "--out", str(tmp_path / "out"))

    assert "caller.wav" in message
    assert not (tmp_path / "out").exists()


def test_an_unwritable_output_is_found_before_any_call_is_held(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")

    message = failing(capsys, "simulate", "--text", str(SCENARIO), "--out", str(tmp_path / "file" / "out"))

    assert "cannot write" in message


def test_a_file_in_a_calls_place_is_found_before_any_call_is_held(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / SCENARIO.stem).write_text("")

    assert "in the way" in failing(capsys, "simulate", "--text", str(SCENARIO), "--out", str(tmp_path))


def test_a_result_that_cannot_take_its_place_leaves_no_scratch(tmp_path: Path) -> None:
    (tmp_path / "result.json").mkdir()

    with pytest.raises(InvalidInput, match="cannot write"):
        write_json(tmp_path / "result.json", {})

    assert list(tmp_path.iterdir()) == [tmp_path / "result.json"]


@pytest.mark.parametrize("older", [False, True], ids=["new folder", "folder of an earlier run"])
def test_a_call_broken_off_leaves_no_half_folder(older: bool, tmp_path: Path) -> None:
    """Files of an earlier run are not ours to delete."""
    directory = tmp_path / "call"
    if older:
        directory.mkdir()

    with pytest.raises(KeyboardInterrupt), call_folder(tmp_path, "call"):
        directory.mkdir(exist_ok=True)
        (directory / "recording.wav").write_bytes(b"half")
        raise KeyboardInterrupt

    assert directory.exists() is older


def test_a_data_folder_that_is_a_file_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VOICE_ENGINE_DATA_DIR", str(tmp_path / "file" / "data"))

    assert "VOICE_ENGINE_DATA_DIR" in failing(capsys, "serve", "--port", "0")


def test_json_is_asked_for_and_errors_are_json_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    missing = tmp_path / "none.yaml"

    status = run(["simulate", "--json", str(missing)])

    captured = capsys.readouterr()
    message = f"{missing}: no such file or folder"
    assert (status, json.loads(captured.out)) == (2, {"error": {"code": "no_such_file", "message": message}})
    assert captured.err == f"voice-engine: {message}\n"


def test_a_refusal_of_the_system_is_no_bug(capsys: pytest.CaptureFixture[str]) -> None:
    """A full disk in the middle of a call comes up through the call's task groups."""

    def full(**_: object) -> None:
        inner = OSError(28, "No space left on device", "/calls/recording.wav")
        raise ExceptionGroup("call", [ExceptionGroup("stream", [inner])])

    assert run([], full) == 2
    assert capsys.readouterr().err == "voice-engine: /calls/recording.wav: No space left on device\n"


def test_bad_input_found_inside_a_call_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def inside(**_: object) -> None:
        raise ExceptionGroup("call", [InvalidInput("speech_model_missing", "no model: make setup")])

    assert run([], inside) == 2
    assert capsys.readouterr().err == "voice-engine: no model: make setup\n"


def test_an_unknown_provider_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "parrot" in failing(capsys, "replay", str(CALL), "--stt", "parrot")


def test_a_missing_provider_key_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "VOICE_ENGINE_OPENAI__API_KEY" in failing(capsys, "replay", str(CALL), "--stt", "openai")


def test_an_unknown_setting_is_refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICE_ENGINE_DATADIR", "/tmp")

    assert "VOICE_ENGINE_DATA_DIR" in failing(capsys, "doctor", "--quick")


def test_a_policy_that_cannot_lead_the_call_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert "bakery" in failing(capsys, "replay", str(CALL), "--policy", "bakery")


def test_an_interrupt_ends_quietly(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    assert run([], interrupted) == 130
    assert capsys.readouterr().err == "voice-engine: interrupted\n"


def voice_engine(*argv: str, **options: Any) -> "subprocess.Popen[bytes]":
    """The real command line in a process of its own."""
    script = "from voice_engine.cli import main; main()"
    environ = os.environ | {"PYTHONIOENCODING": "utf-8"}
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", script, *argv], stderr=pipe, env=environ, **options)


PHRASE = b'{"text": "a table for two at nine"}\n'
UNDERSTAND = ("understand", "--language", "en", "--now", "2026-02-13T10:00:00")


@pytest.mark.slow
def test_a_reader_that_leaves_ends_it_quietly() -> None:
    """`voice-engine understand … | head -1`."""
    with voice_engine(*UNDERSTAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdout.close()
        process.stdin.write(PHRASE * 200)
        process.stdin.close()

        assert (process.wait(), process.stderr.read()) == (0, b"")


@pytest.mark.slow
def test_control_c_says_so_and_no_more() -> None:
    with voice_engine(*UNDERSTAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout and process.stderr
        process.stdin.write(PHRASE * 2000)  # more than it buffers: an answer shows that it is at work
        process.stdin.flush()
        process.stdout.read(1)
        for _ in range(3):  # what falls into a callback of the interpreter is lost: one presses again
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
                break

        assert (process.poll(), process.stderr.read()) == (130, b"voice-engine: interrupted\n")


@pytest.mark.slow
def test_bytes_that_are_no_text_are_named_by_their_line() -> None:
    with voice_engine(*UNDERSTAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        _, error = process.communicate(PHRASE + b"\xff\n")

    assert (process.returncode, error) == (2, b"voice-engine: line 2: not UTF-8\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
@pytest.mark.slow
def test_a_full_disk_behind_standard_output_is_one_line() -> None:
    with Path("/dev/full").open("wb") as full, voice_engine("--help", stdout=full) as process:
        _, error = process.communicate()

    assert process.returncode == 2
    assert error == b"voice-engine: the system refused: No space left on device\n"


def test_a_bug_shows_where_and_says_that_it_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    def buggy(**_: object) -> None:
        raise ZeroDivisionError("oops")

    assert run([], buggy) == 70
    error = capsys.readouterr().err
    assert "ZeroDivisionError: oops" in error
    assert "bug" in error


def test_simulate_in_text_holds_and_writes_its_result(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    status = run(["simulate", "--text", "--json", str(SCENARIO), "--out", str(tmp_path / "out")])

    (shown,) = json.loads(capsys.readouterr().out)
    written = json.loads((tmp_path / "out" / "en-restaurant-counter-offer" / "result.json").read_text())
    assert status == 0
    assert (shown["passed"], shown["agreed"]["time"]) == (True, "20:30")
    assert written["agreed"] == shown["agreed"]
    assert all("respondent_heard" in turn for turn in written["turns"] if turn["speaker"] == "AI")


def test_a_failed_expectation_is_named_and_exits_1(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(SCENARIO.read_text().replace('time: "20:30"', 'time: "19:00"'))

    status = run(["simulate", "--text", str(wrong)])

    output = capsys.readouterr().out
    assert status == 1
    assert "FAILS" in output
    assert "agreed.time: expected 19:00" in output
