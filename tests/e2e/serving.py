"""`voice-engine serve` as a process, with its worker and its carrier, on free ports and an empty folder."""

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from voice_engine.web.account import find_local_account

PROGRAM = (sys.executable, "-m", "voice_engine")
START_S = 120.0
PAUSE = threading.Event()
"""Never set: a wait on it is a pause of this thread."""
NUMBER = "+14155550100"
"""The built-in carrier's own number of a new installation."""

SCRIPTED: dict[str, Any] = {"VOICE_ENGINE_STT": "scripted", "VOICE_ENGINE_TTS": "scripted"}
"""Speech without models: the callee's words do not matter, only that media flow."""


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Served:
    """A running installation."""

    url: str
    carrier_url: str
    data_dir: Path
    environ: dict[str, str]
    process: subprocess.Popen[bytes]
    log: Path
    tokens: dict[str, str] = field(default_factory=dict)

    def command(self, *arguments: str, text: str | None = None) -> Any:
        """Run `voice-engine …`, with JSON out."""
        done = subprocess.run(
            [*PROGRAM, *arguments],
            env=self.environ,
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return json.loads(done.stdout) if done.stdout.startswith(("{", "[")) else done.stdout

    def add_user(self, name: str, *, timezone: str = "America/New_York") -> str:
        """Somebody who consented; their token."""
        email = f"{name}@example.com"
        self.command(
            "user",
            "add",
            email,
            "--name",
            name,
            "--timezone",
            timezone,
            "--consent",
            text="a long enough password\n",
        )
        self.tokens[name] = str(self.command("token", "create", "--user", email, "--json")["token"])
        return self.tokens[name]

    def logged(self) -> list[dict[str, Any]]:
        """What the processes logged so far."""
        lines = self.log.read_text("utf-8", "replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    @asynccontextmanager
    async def api(self, token: str | None) -> AsyncIterator[httpx2.AsyncClient]:
        """A client with this bearer."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with httpx2.AsyncClient(base_url=self.url, headers=headers, timeout=180.0) as client:
            yield client

    @asynccontextmanager
    async def carrier(self) -> AsyncIterator[httpx2.AsyncClient]:
        """A client of the carrier's own paths (calls from lines, text messages, faults)."""
        account = find_local_account(self.data_dir)
        assert account is not None
        async with httpx2.AsyncClient(
            base_url=self.carrier_url, auth=(account.account_sid, account.auth_token), timeout=30.0
        ) as client:
            yield client


STARTED = ("serve.started", "worker.started", "carrier.number_ready")
"""What the log says of an installation that is up."""


@contextmanager
def serving(
    directory: Path, *, port: int | None = None, events: tuple[str, ...] = STARTED, **environ: str
) -> Iterator[Served]:
    """The whole installation while the context is open; its log is shown when a test fails.

    `port` None: a free one. `events` are awaited in the log; without them the installation is not up.
    """
    port, carrier_port = port or free_port(), free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOICE_ENGINE_")}
    data_dir, log = directory / "data", directory / "serve.log"
    environ = {
        **kept,
        "VOICE_ENGINE_DATA_DIR": str(data_dir),
        "VOICE_ENGINE_CARRIER__PORT": str(carrier_port),
        "VOICE_ENGINE_CALLS__FIRST_HOUR": "0",
        "VOICE_ENGINE_CALLS__LAST_HOUR": "24",
        **environ,
    }
    with log.open("wb") as file:
        process = subprocess.Popen(
            [*PROGRAM, "serve", "--port", str(port), "--json"], env=environ, stderr=file, start_new_session=True
        )
    served = Served(
        url=f"http://127.0.0.1:{port}",
        carrier_url=f"http://127.0.0.1:{carrier_port}",
        data_dir=data_dir,
        environ=environ,
        process=process,
        log=log,
    )
    try:
        _await_events(served, *events)
        yield served
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        sys.stderr.write(log.read_text("utf-8", "replace")[-8000:])


def _await_events(served: Served, *events: str) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        seen = {line.get("event") for line in served.logged()}
        if seen.issuperset(events):
            return
        assert served.process.poll() is None, f"serve ended:\n{served.log.read_text()[-4000:]}"
        PAUSE.wait(0.1)
    raise AssertionError(f"serve did not come up:\n{served.log.read_text()[-4000:]}")


async def until(condition: Any, *, seconds: float = 30.0, every_s: float = 0.2) -> Any:
    """Wait for an awaitable condition's first true value."""
    async with asyncio.timeout(seconds):
        while True:
            if value := await condition():
                return value
            await asyncio.sleep(every_s)


def seconds_of(stamp: str) -> int:
    """A transcript's "00:01:05" as seconds."""
    match = re.fullmatch(r"(\d{2}):(\d{2}):(\d{2})", stamp)
    assert match is not None
    hours, minutes, seconds = map(int, match.groups())
    return hours * 3600 + minutes * 60 + seconds
