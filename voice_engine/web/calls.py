"""What the web surface and the engine say to each other about a call that comes in over the carrier."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from voice_engine.ports.media import MediaSocket
from voice_engine.telephony.twilio.events import Started


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingCall:
    """A call as its signed webhook announced it. `caller` and `callee` are the carrier's words for the numbers.

    `parameters` are those that the engine asked to be carried in the stream's `start`.
    """

    call_sid: str
    account_sid: str
    caller: str
    callee: str
    direction: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconnect:
    """The call is up: give it another stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayDigits:
    """Play DTMF, then give the call another stream."""

    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectTo:
    """Connect the other party to `number` (E.164), then hang up."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp:
    """The call is over, or unknown here."""


Next = Reconnect | PlayDigits | ConnectTo | HangUp
"""What becomes of a call whose stream has ended."""

Authorize = Callable[[Started], IncomingCall | None]
"""Asked with a stream's `start`, once, before anything is opened for it; None: refuse it with 1008."""


class CallHandler(Protocol):
    """The engine's end. Methods that are not `async` return at once."""

    @property
    def live(self) -> int:
        """How many calls are up."""
        ...

    def admit(self, call: IncomingCall) -> Mapping[str, str] | None:
        """Whether there is room for this call: the parameters its stream shall carry, or None to refuse it."""
        ...

    def is_live(self, call_sid: str) -> bool:
        """Whether this call is up here, with or without a stream: then a new stream may re-attach to it."""
        ...

    def what_next(self, call_sid: str) -> Next:
        """The call's stream has ended and the carrier asks how it goes on; each order is given once."""
        ...

    async def serve(self, socket: MediaSocket, authorize: Authorize) -> None:
        """Serve one stream until its socket closes. Must call `authorize` before it opens any provider."""
        ...

    def wind_down(self) -> None:
        """Bring the calls that are up to a polite end soon: the process has to stop."""
        ...
