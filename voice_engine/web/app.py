"""The Starlette application: health, the carrier's webhooks, media sockets."""

import time
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from voice_engine.telephony.twilio import twiml
from voice_engine.web.browser import BrowserDoor, BrowserEndpoint, FindVisitor, nobody
from voice_engine.web.calls import CallHandler
from voice_engine.web.direct import connection_of
from voice_engine.web.drain import Drain
from voice_engine.web.gate import POLICY_VIOLATION, StreamGate
from voice_engine.web.ready import Ping, Readiness
from voice_engine.web.room import Room, Spare, unlimited
from voice_engine.web.settings import BROWSER_PATH, CALLBACK_PATHS, MEDIA_PATH, NEXT_PATH, VOICE_PATHS, WebSettings
from voice_engine.web.socket import AsgiSocket
from voice_engine.web.tickets import Tickets
from voice_engine.web.webhooks import VoiceWebhooks


class Surface:
    """One process's web surface: its application, its gate (for other transports), its drain, and who lets browsers
    in."""

    def __init__(
        self,
        handler: CallHandler,
        settings: WebSettings,
        *,
        now: Callable[[], float] = time.monotonic,
        find_visitor: FindVisitor = nobody,
        ping: Ping | None = None,
        spare: Spare = unlimited,
    ) -> None:
        """`find_visitor` reads browsers' sessions, `ping` asks the database, where there is one.

        `spare`: how many more calls the providers would take.

        Raises InvalidInput when the carrier would refuse the stream URL that follows from the settings.
        """
        twiml.connect_stream(twiml.StreamTarget(url=settings.stream_url))
        self.trusted_proxies = settings.trusted_proxies
        self.tickets = Tickets(ttl_s=settings.ticket_ttl_s, now=now)
        self.gate = StreamGate(handler, self.tickets, settings)
        self.drain = Drain(handler, timeout_s=settings.drain_timeout_s, farewell_s=settings.farewell_s, now=now)
        self._readiness = Readiness(ping, draining=lambda: self.drain.draining, now=now)
        self.room = room = Room(handler, self.drain, most=settings.max_calls, spare=spare)
        self.browsers = BrowserDoor(handler, room, settings, find_visitor=find_visitor, now=now)
        room.count(self.tickets)
        room.count(self.browsers.tickets)
        self.drain.wait_for(lambda: room.expected > 0)
        webhooks = VoiceWebhooks(handler, self.tickets, room, settings)
        self.app = Starlette(
            routes=[
                WebSocketRoute(f"{MEDIA_PATH}/{{worker}}", MediaEndpoint(self.gate)),
                WebSocketRoute(f"{BROWSER_PATH}/{{worker}}", BrowserEndpoint(self.browsers)),
                *(Route(path, webhooks.voice, methods=["POST"]) for path in VOICE_PATHS),
                Route(NEXT_PATH, webhooks.next, methods=["POST"]),
                *(
                    Route(path, webhooks.callback(kind), methods=["POST"])
                    for kind, paths in CALLBACK_PATHS.items()
                    for path in paths
                ),
                Route("/healthz", self._healthz, methods=["GET"]),
                Route("/readyz", self._readyz, methods=["GET"]),
            ]
        )

    async def _healthz(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def _readyz(self, _request: Request) -> Response:
        status = await self._readiness.status()
        return JSONResponse({"status": status}, status_code=200 if status == "ready" else 503)


class MediaEndpoint:
    """Raw ASGI endpoint of a media socket."""

    def __init__(self, gate: StreamGate) -> None:
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Accept or refuse the upgrade, then serve the socket to its end."""
        await receive()  # websocket.connect
        headers = {name: value for name, value in scope["headers"] if name == b"x-twilio-signature"}
        signature = headers.get(b"x-twilio-signature", b"").decode("latin-1")
        if not self._gate.may_upgrade(scope["path"], scope["query_string"].decode("latin-1"), signature):
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        await send({"type": "websocket.accept"})
        await self._gate.serve(AsgiSocket(receive, send, direct=connection_of(scope)))
