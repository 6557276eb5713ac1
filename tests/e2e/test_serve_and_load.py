"""The two programs against each other: `serve` answers, `load` calls, SIGTERM ends it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from voice_engine.audio.frames import RATE_HZ
from voice_engine.audio.wav import read_wav, write_wav

pytestmark = pytest.mark.slow

PROGRAM = str(Path(sys.executable).with_name("voice-engine"))
FIXTURES = Path(__file__).parents[2] / "fixtures" / "audio"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOICE_ENGINE_")}
    return kept | {
        "VOICE_ENGINE_DATA_DIR": str(tmp_path / "data"),
        "VOICE_ENGINE_STT": "scripted",
        "VOICE_ENGINE_TTS": "scripted",
    }


@pytest.fixture
def short_call(tmp_path: Path) -> Path:
    """A caller who says one sentence."""
    folder = tmp_path / "call"
    folder.mkdir()
    (folder / "call.yaml").write_text((FIXTURES / "calls" / "en-prompts" / "call.yaml").read_text())
    pcm = read_wav(FIXTURES / "asterisk-prompts" / "wav" / "en_core_conf-extended.wav")
    write_wav(folder / "caller.wav", pcm[: 3 * RATE_HZ])
    return folder


@pytest.fixture(params=["starlette", "picows"])
def server(request: pytest.FixtureRequest, environ: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`serve` on a free port, its URL read from its log."""
    environ["VOICE_ENGINE_MEDIA__TRANSPORT"] = request.param
    command = [PROGRAM, "serve", "--role", "media", "--port", "0", "--json"]
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        started = json.loads(process.stderr.readline())
        assert started["event"] == "serve.started"
        yield process, started["url"]
        process.kill()


def test_calls_are_held_and_kept_and_the_server_drains(
    server: tuple[subprocess.Popen[str], str], short_call: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    process, url = server
    command = [PROGRAM, "load", str(short_call), "--url", url, "--calls", "2", "--json"]

    loaded = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=30, check=False)
    process.send_signal(signal.SIGTERM)
    status = process.wait(timeout=10)

    report = json.loads(loaded.stdout)
    assert loaded.returncode == 0, loaded.stderr
    assert (report["calls_completed"], report["errors"], report["violations"]) == (2, {}, {})
    assert status == 0
    kept = sorted(path.name for path in next((tmp_path / "data" / "calls").iterdir()).iterdir())
    assert {"events.jsonl", "recording.wav", "result.json", "transcript.json"} <= set(kept)


def test_an_address_that_is_not_ours_is_one_line_and_exit_2(environ: dict[str, str]) -> None:
    done = subprocess.run(
        [PROGRAM, "serve", "--host", "203.0.113.1"], env=environ, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert done.stderr.startswith("voice-engine: cannot listen on 203.0.113.1")
    assert done.stderr.count("\n") == 1
