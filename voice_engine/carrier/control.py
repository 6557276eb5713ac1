"""`CallControl` over the built-in carrier: hang up, digits and transfer, each as a server's TwiML."""

from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape, quoteattr

from voice_engine.carrier.calls import LocalCarrier

LOCAL_STREAM_URL = "wss://local.invalid/media"
"""The stream URL of engines in this process: the name cannot resolve (RFC 2606), the connector ignores it."""


def stream_verb(url: str = LOCAL_STREAM_URL, parameters: Mapping[str, str] | None = None) -> str:
    """<Connect><Stream> with its <Parameter>s."""
    pairs = (parameters or {}).items()
    inner = "".join(f"<Parameter name={quoteattr(name)} value={quoteattr(value)}/>" for name, value in pairs)
    return f"<Connect><Stream url={quoteattr(url)}>{inner}</Stream></Connect>"


def stream_document(url: str = LOCAL_STREAM_URL, parameters: Mapping[str, str] | None = None) -> str:
    """The TwiML that connects a call to the engine and hangs up when the engine is done."""
    return f"<Response>{stream_verb(url, parameters)}<Hangup/></Response>"


class LocalCallControl:
    """`voice_engine.ports.telephony.CallControl` over a `LocalCarrier`.

    `stream` gives the <Connect> verb with which a call is connected again after digits, by call sid.
    """

    def __init__(self, carrier: LocalCarrier, stream: Callable[[str], str] = lambda _: stream_verb()) -> None:
        self._carrier = carrier
        self._stream = stream

    async def hang_up(self, call_sid: str) -> None:
        """End the call."""
        await self._carrier.complete(call_sid)

    async def send_digits(self, call_sid: str, digits: str) -> None:
        """Play `digits`, then open another stream for the same call."""
        play = f"<Play digits={quoteattr(digits)}/>"
        await self._carrier.update(call_sid, f"<Response>{play}{self._stream(call_sid)}<Hangup/></Response>")

    async def transfer(self, call_sid: str, number: str) -> None:
        """Connect the far end to `number`, then hang up."""
        await self._carrier.update(call_sid, f"<Response><Dial>{escape(number)}</Dial><Hangup/></Response>")
