"""Numbers of the calls domain."""

import datetime as dt
from dataclasses import dataclass, field

from voice_engine.domains.safety.hours import CallingHours


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSettings:
    """How calls are placed. Times in seconds.

    `public_url` is the base of our webhooks, as the carrier reaches it. `caller_id` (E.164) is shown by calls of
    organizations without a number of their own. `lines` calls may be up at once in all, `lines_per_organization` of
    one organization. `sync_wait_s` is how long a POST waits for the end of its call, `gpt_wait_s` for clients that
    give up earlier.
    """

    public_url: str
    caller_id: str
    hours: CallingHours = field(default_factory=CallingHours)
    lines: int = 40
    lines_per_organization: int = 10
    sync_wait_s: float = 120.0
    gpt_wait_s: float = 40.0
    stop_wait_s: float = 5.0
    ring_timeout_s: int = 45
    detect_machines: bool = True
    record: bool = True
    extra_pairs: frozenset[tuple[str, str]] = frozenset()
    """(own region, called region) that trial accounts may call beyond their own."""

    redial_after_s: tuple[float, ...] = (15.0, 60.0)
    """Pauses before a dial that the carrier did not take is tried again; as many tries as pauses, and the first."""
    look_after_s: tuple[float, ...] = (1.0, 3.0, 8.0, 20.0)
    """When to look for a call whose order's answer got lost, each after the look before."""
    report_wait_s: float = 60.0
    """How long the media process may take to report a call that the carrier says is over."""
    owner_lost_s: float = 30.0
    """A media process that was not heard of for so long is dead, and its calls with it."""
    command_lease_s: float = 10.0
    longest_leg_s: int = 1800
    """The carrier cuts a leg after this: twice the longest call, for the case that nothing of ours does."""
    furthest: dt.timedelta = dt.timedelta(days=366)
    """No call is scheduled later than this from now."""

    def url(self, kind: str, call_id: str, attempt_id: str) -> str:
        """The webhook of one dial: "voice", "status" or "amd". It carries our own ids."""
        return f"{self.public_url}/v1/webhooks/twilio/{kind}?call_id={call_id}&attempt_id={attempt_id}"
