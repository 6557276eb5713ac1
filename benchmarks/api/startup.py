"""How long a start takes, and which imports it is made of."""

import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import httpx2

from tests.e2e.serving import PROGRAM, SCRIPTED, free_port

READY_S = 60.0
SERVE = "import voice_engine.cli.serving.whole"
_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|\s+(\S+)")


def start_up() -> dict[str, float]:
    """Seconds: `--help`, `serve` on an empty folder until /readyz says so, and again when all is there."""
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "data"
        return {
            "help_s": _help_s(),
            "first_start_s": _ready_s(data_dir),
            "next_start_s": _ready_s(data_dir),
        }


def import_profile() -> dict[str, Any]:
    """Milliseconds of the imports behind `--help` and `serve`, and what takes most of the latter."""
    helped, served = _imports("import voice_engine.cli.app"), _imports(SERVE)
    largest = sorted(served.items(), key=lambda item: -item[1])[:10]
    return {
        "help_ms": round(sum(helped.values()) / 1000),
        "serve_ms": round(sum(served.values()) / 1000),
        "serve_by_package_ms": {name: round(taken / 1000) for name, taken in largest},
    }


def _help_s() -> float:
    began = time.perf_counter()
    subprocess.run([*PROGRAM, "--help"], check=True, capture_output=True)
    return round(time.perf_counter() - began, 2)


def _ready_s(data_dir: Path) -> float:
    port = free_port()
    environ = {
        **SCRIPTED,
        "VOICE_ENGINE_DATA_DIR": str(data_dir),
        "VOICE_ENGINE_CARRIER__PORT": str(free_port()),
        "VOICE_ENGINE_WORKER__WITH_SERVE": "false",
    }
    began = time.perf_counter()
    with subprocess.Popen(
        [*PROGRAM, "serve", "--port", str(port)], env=environ, stderr=subprocess.DEVNULL
    ) as process:
        try:
            while time.perf_counter() - began < READY_S:
                try:
                    if httpx2.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                        return round(time.perf_counter() - began, 2)
                except httpx2.TransportError:
                    time.sleep(0.02)
            raise SystemExit("serve did not become ready")
        finally:
            process.terminate()


def _imports(statement: str) -> dict[str, int]:
    """Microseconds that the modules of each package took themselves; ours by their second name."""
    command = [sys.executable, "-X", "importtime", "-c", statement]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    taken: defaultdict[str, int] = defaultdict(int)
    for own, _cumulative, module in _LINE.findall(said):
        parts = module.split(".")
        taken[".".join(parts[: 2 if parts[0] == "voice_engine" else 1])] += int(own)
    return dict(taken)
