"""What a call may do to its own line, by what is at the other end: a carrier's leg, or a browser."""

from typing import Protocol

from voice_engine.errors import UpstreamFailed
from voice_engine.web.calls import ConnectTo, HangUp, Next, PlayDigits


class Lines(Protocol):
    """What the controls need of `web.line.LineEngine`."""

    async def order(self, call_sid: str, order: Next) -> None:
        """As there."""
        ...

    def keys_were_pressed(self, call_sid: str) -> None:
        """As there."""
        ...


class StreamControl:
    """`CallControl` that acts by ending the stream: the carrier asks what next, and is told."""

    def __init__(self, engine: Lines) -> None:
        self._engine = engine

    async def hang_up(self, call_sid: str) -> None:
        """End the call."""
        await self._engine.order(call_sid, HangUp())

    async def send_digits(self, call_sid: str, digits: str) -> None:
        """Play DTMF, then another stream of the same call."""
        await self._engine.order(call_sid, PlayDigits(digits=digits))

    async def transfer(self, call_sid: str, number: str) -> None:
        """Connect the other party to `number`."""
        await self._engine.order(call_sid, ConnectTo(number=number))


class BrowserControl:
    """`CallControl` of a call that has no leg at the carrier: there is nobody to redirect it.

    Transfers ring their target and bridge (`Humans`), which needs no redirection; so this one is never asked to.
    """

    def __init__(self, engine: Lines) -> None:
        self._engine = engine

    async def hang_up(self, call_sid: str) -> None:
        """The socket is closed when the call's end is written down."""

    async def send_digits(self, call_sid: str, digits: str) -> None:
        """The browser is told of the keys by the call's events; its stream stays as it is."""
        self._engine.keys_were_pressed(call_sid)

    async def transfer(self, call_sid: str, number: str) -> None:
        """Raises UpstreamFailed `not_redirectable`."""
        raise UpstreamFailed(
            "not_redirectable", "a browser cannot be connected elsewhere", provider="browser", retryable=False
        )
