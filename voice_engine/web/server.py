"""uvicorn, set up for calls: no compression, small messages, and a stop that waits for the calls that are up."""

import gc
import os
import socket as sockets
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from voice_engine.errors import InvalidInput
from voice_engine.telephony.twilio.protocol import MAX_MESSAGE_BYTES
from voice_engine.web.app import Surface
from voice_engine.web.direct import DirectProtocol
from voice_engine.web.drain import Drain
from voice_engine.web.gate import StreamGate
from voice_engine.web.trim import IdleTrim, find_release

GRACEFUL_SHUTDOWN_S = 5
"""For plain requests and the last close frames, once no call is left."""


class DrainingServer(uvicorn.Server):
    """The first SIGTERM or SIGINT begins the drain; a second one stops at once.

    uvicorn by itself closes every websocket a tenth of a second after SIGTERM, whatever its graceful timeout.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        drain: Drain,
        *,
        on_started: Callable[[], None],
        on_stopping: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(config)
        self._drain = drain
        self._on_started = on_started
        self._on_stopping = on_stopping
        self._trim = IdleTrim(find_release())

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """uvicorn's signal handler."""
        if not self._drain.begin():
            super().handle_exit(sig, frame)

    async def startup(self, sockets: list[sockets.socket] | None = None) -> None:
        """uvicorn's start; then say so. What start-up left is kept out of every later collection."""
        await super().startup(sockets=sockets)
        if self.started:
            gc.collect()
            gc.freeze()
            self._on_started()

    async def on_tick(self, counter: int) -> bool:
        """uvicorn's beat, ten times a second."""
        self._trim.step(self._drain.live)
        if self._drain.done() and not self.should_exit:
            self._on_stopping()
            self.should_exit = True
        return await super().on_tick(counter)


def server_config(app: ASGIApp, *, trusted_proxies: str = "") -> uvicorn.Config:
    """Compression off (it costs 50 kB and a third more CPU a call), 64 KiB messages, no access log.

    Whom X-Forwarded-For names is believed of `trusted_proxies` alone. uvicorn by itself believes this machine,
    where anybody's program could then be a new address at every request.
    """
    return uvicorn.Config(
        app,
        ws=DirectProtocol,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_S,
    )


def bind(host: str, port: int) -> sockets.socket:
    """A listening socket; port 0 asks for a free one. Raises InvalidInput: `address_unusable`."""
    if not 0 <= port <= 65535:
        raise InvalidInput("address_unusable", f"cannot listen on {host} port {port}: no such port")
    try:
        return sockets.create_server((host, port), family=_family(host), backlog=2048)
    except OSError as error:
        # asyncio's and socket's own text repeats the address: the system's is enough.
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        message = f"cannot listen on {host} port {port}: {reason}; choose another by --host or --port"
        raise InvalidInput("address_unusable", message) from error


def _family(host: str) -> sockets.AddressFamily:
    return sockets.AF_INET6 if ":" in host else sockets.AF_INET


async def serve(
    surface: Surface,
    listener: sockets.socket,
    *,
    on_started: Callable[[], None],
    on_stopping: Callable[[], None] = lambda: None,
    app: ASGIApp | None = None,
    lean_listener: sockets.socket | None = None,
) -> None:
    """Serve until a signal and the drain after it. `lean_listener`: also run the lean media transport there.

    `on_stopping` is called when no call is left: it ends what else would hold the server up. `app` None is the
    surface's own: webhooks and sockets, nothing else.

    Raises InvalidInput: `missing_extra`.
    """
    server = DrainingServer(
        server_config(app or surface.app, trusted_proxies=surface.trusted_proxies),
        surface.drain,
        on_started=on_started,
        on_stopping=on_stopping,
    )
    async with AsyncExitStack() as stack:
        if lean_listener is not None:
            await stack.enter_async_context(_lean(surface.gate, lean_listener))
        await server.serve(sockets=[listener])


def _lean(gate: StreamGate, listener: sockets.socket) -> AbstractAsyncContextManager[None]:
    try:
        from voice_engine.web import lean  # noqa: PLC0415  # an extra
    except ImportError as error:
        message = "the picows transport needs the `picows` extra: pip install 'voice-engine[picows]'"
        raise InvalidInput("missing_extra", message) from error
    return lean.listen(gate, listener)
