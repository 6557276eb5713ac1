"""The gate in front of the engine's media sockets, the same for every transport: tickets, silence, numbers."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable

import structlog

from voice_engine.ports.media import MediaSocket
from voice_engine.telephony.twilio.events import Started
from voice_engine.telephony.twilio.signature import SignatureValidator
from voice_engine.web.calls import CallHandler, IncomingCall
from voice_engine.web.settings import MEDIA_PATH, WebSettings
from voice_engine.web.tickets import Tickets

POLICY_VIOLATION = 1008
INTERNAL_ERROR = 1011
"""RFC 6455, 7.4.1."""

TICKET_PARAMETER = "ticket"
"""The stream parameter that carries the ticket."""

Allows = Callable[[IncomingCall], bool]

_log = structlog.get_logger(__name__)


def everybody(_call: IncomingCall) -> bool:
    """The ticket says it all: whoever has it was given it."""
    return True


class StreamGate:
    """Lets a socket through to the engine once its `start` shows a good ticket for its own call."""

    def __init__(self, handler: CallHandler, tickets: Tickets, settings: WebSettings) -> None:
        self._handler = handler
        self._tickets = tickets
        self._settings = settings
        self._validator = SignatureValidator(settings.auth_token, settings.public_url)
        self._open = 0

    @property
    def open_sockets(self) -> int:
        """Sockets being served, strangers' included."""
        return self._open

    def may_upgrade(self, path: str, query: str, signature: str) -> bool:
        """Whether an upgrade is worth accepting: our path, room left, and signed where that is demanded."""
        ours = f"{MEDIA_PATH}/{self._settings.worker}"
        if not hmac.compare_digest(path.rstrip("/").encode(), ours.encode()) or not self.has_room():
            return False
        return not self._settings.require_upgrade_signature or self._validator.upgrade(path, query, signature)

    def has_room(self) -> bool:
        """Whether one more socket may be open, a stranger's included."""
        if self._open < self._settings.most_sockets:
            return True
        _log.warning("stream.refused", reason="too_many_sockets", open=self._open)
        return False

    async def serve(self, socket: MediaSocket, allows: Allows = everybody) -> None:
        """Serve one accepted socket to its end; a fault of ours closes it with 1011 and never spreads.

        `allows` is asked about the call of a good ticket: whether it is for whoever this socket is.
        """
        visit = _Visit(self._tickets, allows)
        self._open += 1
        try:
            async with asyncio.TaskGroup() as tasks:
                watch = tasks.create_task(self._refuse_silence(socket, visit), name="silence")
                await self._handler.serve(socket, visit.authorize)
                watch.cancel()
        except Exception:  # noqa: BLE001  # the edge of one stream
            _log.exception("stream.failed", **visit.ids)
            await _within(2.0, socket.close(INTERNAL_ERROR))
        finally:
            self._open -= 1

    async def _refuse_silence(self, socket: MediaSocket, visit: "_Visit") -> None:
        """A socket that never starts a stream costs memory: close it."""
        await asyncio.sleep(self._settings.start_timeout_s)
        if not visit.asked:
            _log.warning("stream.refused", reason="no_start")
            await socket.close(POLICY_VIOLATION)


class _Visit:
    """One socket's single chance to show its ticket."""

    def __init__(self, tickets: Tickets, allows: Allows) -> None:
        self._tickets = tickets
        self._allows = allows
        self.asked = False
        self.ids: dict[str, str] = {}
        """What the log calls the stream's call, as far as that is known."""

    def authorize(self, start: Started) -> IncomingCall | None:
        """The call of this stream's ticket, when it is good and the call is the stream's own."""
        if self.asked:
            return None
        self.asked = True
        self.ids["call_sid"] = start.call_sid
        call = self._tickets.redeem(start.custom_parameters.get(TICKET_PARAMETER, ""), start.call_sid)
        if call is not None and call.spec is not None:
            self.ids["call_id"] = call.spec.call_id
        if call is None or not self._allows(call):
            _log.warning("stream.refused", reason="bad_ticket", **self.ids)
            return None
        return call


async def _within(seconds: float, work: Awaitable[None]) -> None:
    try:
        async with asyncio.timeout(seconds):
            await work
    except TimeoutError:
        return
