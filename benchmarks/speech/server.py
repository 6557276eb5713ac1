"""A real server with local speech for the length of a measurement, and loads against it."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CALLS = ROOT / "fixtures" / "audio" / "calls"
START_TIMEOUT_S = 90.0

CALLERS: Mapping[str, tuple[str, ...]] = {
    "en": ("en-inbound-booking", "en-inbound-hours-noisy-line"),
    "es": ("es-entrante-reserva", "es-entrante-horario"),
}
"""Recorded callers, turns of one to four seconds, and the first one's `call.yaml` is who answers them."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. `log` is where its standard output and errors go."""

    process: "subprocess.Popen[bytes]"
    url: str
    log: Path
    env: Mapping[str, str]

    def lag(self) -> dict[str, Any]:
        """Its loop's lag since the last time this was asked (`benchmarks.speech.probed`)."""
        before = self.log.read_text().count('"lag_ms"')
        self.process.send_signal(signal.SIGUSR1)
        until = time.monotonic() + 5
        while time.monotonic() < until:
            lines = [line for line in self.log.read_text().splitlines() if line.startswith('{"lag_ms"')]
            if len(lines) > before:
                report: dict[str, Any] = json.loads(lines[-1])
                return report
            time.sleep(0.05)
        raise SystemExit("the server did not report its lag")


@contextmanager
def serving(language: str, **settings: str) -> Iterator[Server]:
    """Serve callers of `language` while the context is open; `settings` are environment variables' suffixes."""
    with tempfile.TemporaryDirectory() as home:
        env = {key: value for key, value in os.environ.items() if not key.startswith("VOICE_ENGINE_")}
        env |= {"PYTHONPATH": str(ROOT), "VOICE_ENGINE_DATA_DIR": home}
        env["VOICE_ENGINE_ASSISTANT"] = str(CALLS / CALLERS[language][0] / "call.yaml")
        env |= {f"VOICE_ENGINE_{name}": value for name, value in settings.items()}
        log = Path(home) / "serve.log"
        with log.open("wb") as out:
            command = [
                sys.executable,
                "-m",
                "benchmarks.speech.probed",
                "serve",
                "--role",
                "media",
                "--port",
                "0",
                "--json",
            ]
            process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)
            try:
                yield Server(process, _url(process, log), log, env)
            finally:
                process.terminate()
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def load(server: Server, language: str, *, calls: int, seconds: float, ramp: float) -> dict[str, Any]:
    """`voice-engine load` against it: `calls` at once for `seconds`; its JSON report."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.speech.probed",
        "load",
        *(str(CALLS / name) for name in CALLERS[language]),
    ]
    command += ["--url", server.url, "--calls", str(calls), "--duration", f"{seconds:g}", "--ramp", f"{ramp:g}"]
    done = subprocess.run(
        [*command, "--json"], cwd=ROOT, env=dict(server.env), capture_output=True, text=True, check=False
    )
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise SystemExit(
            f"the load failed:\n{done.stdout}{done.stderr}\n{server.log.read_text()[-2000:]}"
        ) from None
    return report


def _url(process: "subprocess.Popen[bytes]", log: Path) -> str:
    until = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r'"url": ?"(http://[^"]+)"', log.read_text())
        if found and "serve.started" in log.read_text():
            return found[1]
        time.sleep(0.1)
    raise SystemExit(f"the server did not start:\n{log.read_text()}")
