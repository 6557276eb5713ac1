"""What the operations on calls reach."""

from collections.abc import Callable
from dataclasses import dataclass

from voice_engine.blobs.signing import MediaUrls
from voice_engine.domains.calls.service import CallService
from voice_engine.domains.calls.waiting import CallWaits

RECORDINGS = "recordings"
"""The kind of media that calls' recordings are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSurface:
    """The service, and what stands between two of its units of work.

    `links` signs what `public_url` serves. `repeats_itself` says of a client id whether it retries without a key.
    """

    service: CallService
    waits: CallWaits
    links: MediaUrls
    public_url: str
    repeats_itself: Callable[[str], bool]
