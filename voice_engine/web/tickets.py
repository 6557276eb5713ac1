"""One-time tickets: a stream may only belong to a call that a signed webhook announced.

A ticket is bound to its call, lives for seconds and works once, whichever of two sockets comes first.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from voice_engine.web.calls import IncomingCall

TICKET_BYTES = 24
"""192 random bits, 32 characters: far below the 500 that a stream parameter may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Issued:
    call: IncomingCall
    expires_at: float


class Tickets:
    """Tickets of one media worker, in its memory. `now` is a monotonic clock in seconds."""

    def __init__(self, *, ttl_s: float, now: Callable[[], float]) -> None:
        self._ttl_s = ttl_s
        self._now = now
        self._issued: dict[str, _Issued] = {}

    def __len__(self) -> int:
        """How many streams are still expected."""
        self._sweep()
        return len(self._issued)

    def issue(self, call: IncomingCall) -> str:
        """A new ticket for one stream of this call."""
        self._sweep()
        ticket = secrets.token_urlsafe(TICKET_BYTES)
        self._issued[ticket] = _Issued(call=call, expires_at=self._now() + self._ttl_s)
        return ticket

    def redeem(self, ticket: str, call_sid: str) -> IncomingCall | None:
        """The call that the ticket was issued for, once; None when forged, used, late or of another call.

        A ticket that is shown for the wrong call is spent all the same: whoever has it should not.
        """
        issued = self._issued.pop(ticket, None)
        if issued is None or self._now() >= issued.expires_at:
            return None
        return issued.call if hmac.compare_digest(issued.call.call_sid, call_sid) else None

    def _sweep(self) -> None:
        now = self._now()
        while self._issued:
            oldest = next(iter(self._issued))
            if self._issued[oldest].expires_at > now:
                return
            self._issued.pop(oldest, None)
