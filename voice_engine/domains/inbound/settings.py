"""Numbers of the inbound domain."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundSettings:
    """How calls that come in are treated. Times in seconds.

    `extra_pairs` as in `safety.numbers.Reach`. `order_wait_s` is how long a request waits for a live call's process
    to say how an order went, `takeover_wait_s` and `transfer_wait_s` the same for orders that ring somebody.
    """

    extra_pairs: Collection[tuple[str, str]] = field(default=frozenset())
    ring_s: int = 25
    """How long a transfer or forwarding target rings before the receptionist takes the call: five rings."""
    voicemail_s: int = 120
    """The longest message."""
    order_wait_s: float = 5.0
    takeover_wait_s: float = 40.0
    transfer_wait_s: float = 58.0
    """Whoever picks up at a transfer's target is asked besides (`web.takeover.ASK_S`); proxies wait a minute."""
    heartbeat_s: float = 15.0
    """Of the event stream; the contract's number."""
    retry_ms: int = 3_000
    """What the event stream tells clients to wait before they come again."""
    stream_s: float = 3600.0
    """The longest life of one stream, which is an access token's: it cannot outlive the token that opened it."""
    streams_per_user: int = 8
    replay_window: dt.timedelta = dt.timedelta(hours=24)
    """How far back a stream that comes again surely finds its place; the log is kept as long as its calls."""
