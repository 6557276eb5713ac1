"""`/media/browser`: media sockets whose other party is a browser, which plays the carrier's part of the protocol.

No webhook announces such a stream. Somebody who is signed in asks for it, and what they may do was judged there;
the **pass** that they get names a call and a ticket, which works once, for them and for that call alone. What a
ticket is for is its `IncomingCall`: a call that begins, or one that is up and gets another stream.
"""

import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog
from starlette.requests import HTTPConnection, Request
from starlette.types import Receive, Scope, Send

from voice_engine.errors import UpstreamFailed
from voice_engine.ports.media import MediaSocket
from voice_engine.rest.api.auth.doors import LOOPBACK, LOOPBACK_HOSTS, base_of
from voice_engine.web.calls import CallHandler, IncomingCall, Visitor
from voice_engine.web.direct import connection_of
from voice_engine.web.feed import BrowserSocket
from voice_engine.web.gate import POLICY_VIOLATION, StreamGate
from voice_engine.web.room import Room
from voice_engine.web.settings import BROWSER_PATH, WebSettings
from voice_engine.web.socket import AsgiSocket
from voice_engine.web.tickets import Tickets

ACCOUNT_SID = "AC" + "0" * 32
"""The account of streams that no carrier bills: the protocol wants one."""

TICKET_S = 60.0
"""How long a browser has from its pass to its stream: asking for the microphone is part of it."""

FindVisitor = Callable[[HTTPConnection], Awaitable[Visitor | None]]
"""Who is behind a connection, by the session that it carries."""

_log = structlog.get_logger(__name__)


async def nobody(_connection: HTTPConnection) -> Visitor | None:
    """Where there are no accounts, nobody is signed in and no browser is let in."""
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """All that a browser needs for one stream. `ticket` is a secret until it is used."""

    call_sid: str
    stream_sid: str
    account_sid: str
    ticket: str
    expires_in_s: int


class BrowserDoor:
    """Lets browsers in. `now` is a monotonic clock in seconds."""

    def __init__(
        self,
        handler: CallHandler,
        room: Room,
        settings: WebSettings,
        *,
        find_visitor: FindVisitor,
        now: Callable[[], float],
    ) -> None:
        self._find_visitor = find_visitor
        self._handler = handler
        self._room = room
        self.worker = settings.worker
        self.tickets = Tickets(ttl_s=TICKET_S, now=now)
        self.gate = StreamGate(handler, self.tickets, settings)
        self._path = f"{BROWSER_PATH}/{settings.worker}"
        self._origins = origins_of(settings.public_url)

    def check_room(self) -> None:
        """Refuse where no call can begin. Raises UpstreamFailed `no_room`: the server is full, or will stop."""
        refusal = self._room.refusal()
        if refusal is not None:
            self._handler.count_refusal(refusal)
            raise _no_room(refusal)

    def expect_call(self) -> None:
        """Have the providers expect one more call. Raises UpstreamFailed `no_room`: they are busy enough."""
        if not self._handler.expect_call():
            raise _no_room("providers")

    async def open(self, call: IncomingCall) -> Pass:
        """A pass for a call that begins; its `spec` and `visitor` are set."""
        assert call.spec is not None, "who asks for a call has said what it is about"
        await self._handler.prepare(call.spec)
        return self.pass_for(call)

    def pass_for(self, call: IncomingCall) -> Pass:
        """A pass for one stream of this call, whatever it is to the engine."""
        return Pass(
            call_sid=call.call_sid,
            stream_sid=f"MZ{secrets.token_hex(16)}",
            account_sid=ACCOUNT_SID,
            ticket=self.tickets.issue(call),
            expires_in_s=int(TICKET_S),
        )

    async def find_visitor(self, connection: HTTPConnection) -> Visitor | None:
        """Who connects, by their session; None: nobody who is signed in."""
        visitor = await self._find_visitor(connection)
        if visitor is None:
            _log.warning("stream.refused", reason="not_signed_in")
        return visitor

    async def serve(self, socket: MediaSocket, visitor: Visitor) -> None:
        """Serve a socket of this person's to its end. A pass that somebody else was given is spent, not used."""
        await self.gate.serve(BrowserSocket(socket, visitor), lambda call: call.visitor == visitor)

    def may_upgrade(self, path: str, *, origin: str | None, host: str) -> bool:
        """Whether an upgrade is worth accepting: this worker's path, from a page of ours, with room left."""
        if not hmac.compare_digest(path.rstrip("/").encode(), self._path.encode()):
            return False
        if origin not in self._origins and not is_same_site(origin, host):
            _log.warning("stream.refused", reason="foreign_origin")
            return False
        return self.gate.has_room()


class BrowserEndpoint:
    """Raw ASGI endpoint of a browser's media socket."""

    def __init__(self, door: BrowserDoor) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Accept or refuse the upgrade, then serve the socket to its end."""
        await receive()  # websocket.connect
        connection = HTTPConnection(scope)
        origin, host = connection.headers.get("origin"), connection.headers.get("host", "")
        may = self._door.may_upgrade(scope["path"], origin=origin, host=host)
        visitor = await self._door.find_visitor(connection) if may else None
        if visitor is None:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        await send({"type": "websocket.accept"})
        await self._door.serve(AsgiSocket(receive, send, direct=connection_of(scope)), visitor)


def _no_room(reason: str) -> UpstreamFailed:
    _log.warning("call.refused", reason=reason, channel="browser")
    return UpstreamFailed(
        "no_room", "no more calls can be taken right now; try again soon", provider="engine", retryable=True
    )


def call_sid_of(call_id: str) -> str:
    """The id by which a browser's streams know a call: the protocol's form of our own."""
    return f"CA{call_id.replace('-', '')}"


def socket_url(base: str, worker: str) -> str:
    """Where browsers connect. `base` is our address as they have it, `http(s)://host`."""
    parts = urlsplit(base)
    scheme = "wss" if parts.scheme == "https" else "ws"
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}{BROWSER_PATH}/{worker}"


def is_same_site(origin: str | None, host: str) -> bool:
    """Whether a page came from the very host that it asks now, whatever we are called there: a forwarded port, say.

    Who only makes their own name lead here has no session of ours (`rest.api.session.check_origin` says so too).
    """
    return origin is not None and host != "" and urlsplit(origin).netloc.lower() == host.lower()


def base_for(request: Request, public_url: str) -> str:
    """Our address as a page of ours has it: its own origin, where that is the host that it asks."""
    origin = request.headers.get("origin")
    if origin is not None and is_same_site(origin, request.headers.get("host", "")):
        return origin
    return base_of(request, public_url)


def origins_of(public_url: str) -> frozenset[str]:
    """The origins of our pages. On one machine `localhost` and `127.0.0.1` are two of them with one server."""
    parts = urlsplit(public_url)
    own = f"{parts.scheme}://{parts.netloc}".lower()
    if parts.hostname not in LOOPBACK_HOSTS:
        return frozenset({own})
    port = f":{parts.port}" if parts.port else ""
    return frozenset({own, *(f"{parts.scheme}://{name}{port}" for name in LOOPBACK)})
