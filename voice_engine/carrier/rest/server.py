"""The REST half on a socket: loopback unless told otherwise, in a task of its own, without signal handlers."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace

import uvicorn
from starlette.types import ASGIApp

from voice_engine.carrier.lines import Recognize
from voice_engine.carrier.rest.app import build_app
from voice_engine.carrier.rest.carrier import Carrier, CarrierSettings, open_carrier
from voice_engine.carrier.rest.directory import Directory
from voice_engine.carrier.rest.voice import TTSVoice
from voice_engine.errors import InvalidInput
from voice_engine.ports.tts import TTS

GRACEFUL_SHUTDOWN_S = 2

LINES_FILE = "lines.yaml"
"""The directory of lines, in the carrier's data directory; there need not be one."""


class _QuietServer(uvicorn.Server):
    """Signals belong to the process, not to this server. `ready` is set when it listens, or could not."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """uvicorn's start; then say so."""
        try:
            await super().startup(sockets=sockets)
        finally:
            self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def bind(host: str = "127.0.0.1", port: int = 0) -> tuple[socket.socket, str]:
    """A listening socket and its base URL; port 0 asks for a free one. Raises InvalidInput (`address_unusable`)."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise InvalidInput(
            "address_unusable", f"the carrier cannot listen on {host} port {port}: {error}"
        ) from error
    name = f"[{host}]" if ":" in host else host
    return listener, f"http://{name}:{listener.getsockname()[1]}"


@asynccontextmanager
async def listening(app: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Serve `app` while the context is open."""
    config = uvicorn.Config(
        app,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_S,
    )
    server = _QuietServer(config)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve(sockets=[listener]), name="carrier")
        await server.ready.wait()
        try:
            yield
        finally:
            server.should_exit = True


@asynccontextmanager
async def serve_carrier(
    settings: CarrierSettings,
    *,
    tts: TTS,
    ears: Callable[[str], Recognize],
    host: str = "127.0.0.1",
    port: int = 0,
    avoid_voice: str | None = None,
) -> AsyncIterator[Carrier]:
    """The whole built-in carrier: its lines by number, its voice, its REST API on `host` and `port`.

    `tts` speaks for lines and for <Say>; `ears` gives a language's recognition; `avoid_voice` is the engine's own,
    which no line shall have. The base URL that results is `carrier.parts.base_url`. Raises InvalidInput:
    `address_unusable`, `bad_numbers`, `bad_base_url`.
    """
    listener, base_url = bind(host, port)
    with closing(listener):
        lines = Directory(settings.data_dir / LINES_FILE, tts=tts, ears=ears, avoid_voice=avoid_voice)
        async with (
            open_carrier(replace(settings, base_url=base_url), reach=lines, voice=TTSVoice(tts)) as carrier,
            listening(build_app(carrier), listener),
        ):
            yield carrier
