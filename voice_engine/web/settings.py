"""Numbers and names of the web surface."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from voice_engine.web.calls import CallbackKind

PORT = 8000
LOCAL_URL = f"http://127.0.0.1:{PORT}"
"""Where `serve` listens unless told otherwise."""

MEDIA_PATH = "/media/twilio"
"""Streams connect to this path and the media worker's name."""

BROWSER_PATH = "/media/browser"
"""Streams of browsers, likewise."""

VOICE_PATHS = ("/v1/webhooks/twilio/voice", "/api/webhooks/twilio/voice")
"""Both surfaces' names of the voice webhook."""

NEXT_PATH = "/v1/webhooks/twilio/voice/next"
"""Where the carrier asks what comes after a stream."""

CALLBACK_PATHS: Mapping[CallbackKind, tuple[str, ...]] = {
    "status": ("/v1/webhooks/twilio/status", "/api/webhooks/twilio/status"),
    "amd": ("/v1/webhooks/twilio/amd",),
    "recording": ("/v1/webhooks/twilio/recording",),
    "conference": ("/v1/webhooks/twilio/conference",),
    "stream": ("/v1/webhooks/twilio/stream",),
}
"""Where the carrier reports: calls, answering machines, recordings, rooms, media streams."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """What the routes need. Times in seconds.

    `public_url` is the base that the carrier was configured with (webhooks are signed over it); `media_url` is
    the base of the media port, None: the same. `max_calls` counts calls that are up and streams on their way.
    """

    public_url: str
    auth_token: str
    media_url: str | None = None
    worker: str = "w1"
    max_calls: int = 40
    ticket_ttl_s: float = 60.0
    start_timeout_s: float = 10.0
    drain_timeout_s: float = 900.0
    farewell_s: float = 20.0
    """After the drain's time: how long a polite end may take."""
    trusted_proxies: str = ""
    """Addresses and networks, separated by commas, whose X-Forwarded-For says who asks; "": nobody's."""
    require_upgrade_signature: bool = False
    """Also demand the carrier's signature on the socket's upgrade; the ticket guards it in any case."""

    @property
    def stream_url(self) -> str:
        """The websocket URL of this worker, without a query: the carrier would drop it."""
        parts = urlsplit(self.media_url or self.public_url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}{MEDIA_PATH}/{self.worker}"

    @property
    def most_sockets(self) -> int:
        """Open media sockets at once, strangers' included; beyond it an upgrade is refused."""
        return 2 * self.max_calls + 16
