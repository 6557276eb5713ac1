"""The engines that are compared, and how each is started: one process, pinned to one core, the same dialogue."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
WORK = ROOT / ".accept" / "engine"
PIPECAT = "pipecat-ai[websocket]==1.14.0"
START_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """`command` without its port; `env` beyond `dialogue`."""

    name: str
    command: tuple[str, ...]
    port: int
    env: tuple[tuple[str, str], ...] = ()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def dialogue() -> dict[str, str]:
    """The environment of every engine and of the load: scripted providers, fixed turn-taking, no other setting."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("VOICE_ENGINE_")}
    return clean | {
        "PYTHONPATH": str(ROOT),
        "VOICE_ENGINE_DATA_DIR": str(WORK / "data"),
        "VOICE_ENGINE_STT": "scripted",
        "VOICE_ENGINE_TTS": "scripted",
        "VOICE_ENGINE_LLM": "scripted",
        "VOICE_ENGINE_TURNS__ENDPOINTING_FIXED_MS": "200",
        "VOICE_ENGINE_TURNS__BARGE_IN_FIXED_MS": "200",
        "VOICE_ENGINE_MEDIA__MAX_CALLS": "400",
        "VOICE_ENGINE_ASSISTANT": str(HERE / "call" / "call.yaml"),
    }


def engines() -> dict[str, Engine]:
    """All of them, by name."""
    serve = (sys.executable, "-m", "benchmarks.engine.ours", "serve", "--role", "media")
    pipecat = str(WORK / "pipecat" / "bin" / "python")
    return {
        engine.name: engine
        for engine in (
            Engine(name="ours", command=serve, port=9101),
            Engine(name="lean", command=serve, port=9103, env=(("VOICE_ENGINE_MEDIA__TRANSPORT", "picows"),)),
            Engine(name="floor", command=(sys.executable, "-m", "benchmarks.engine.floor"), port=9105),
            Engine(name="pipecat", command=(pipecat, "-m", "benchmarks.engine.pipecat_bot"), port=9107),
        )
    }


def install_pipecat() -> None:
    """Pipecat in a virtual environment of its own, made once."""
    home = WORK / "pipecat"
    if (home / "done").exists():
        return
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, PIPECAT, "fastapi", "uvloop", "uvicorn", "python-multipart", "webrtcvad-wheels"], check=True
    )
    (home / "done").touch()


@contextmanager
def running(engine: Engine, core: int) -> Iterator[int]:
    """Serve on `core` while the context is open; the server's process id."""
    WORK.mkdir(parents=True, exist_ok=True)
    with (WORK / f"{engine.name}.log").open("wb") as log:
        server = subprocess.Popen(
            ["taskset", "-c", str(core), *engine.command, "--port", str(engine.port)],
            cwd=ROOT,
            env=dialogue() | dict(engine.env),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _await_health(engine, server)
            yield server.pid
        finally:
            server.terminate()
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _await_health(engine: Engine, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{engine.url}/healthz", timeout=1).close()
            return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    raise SystemExit(f"{engine.name} did not start: see {WORK / f'{engine.name}.log'}")
