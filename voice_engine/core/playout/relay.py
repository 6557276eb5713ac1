"""Live audio handed on to a carrier: it plays at once and in order, so whatever comes late stays late for good.

A stall of ours, or of the network before us, delivers its frames in a burst. The carrier queues them, plays them at
the pace of speech, and from then on everything is heard that much later. Leaving out silence brings it back.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RelaySettings:
    """How much audio may wait at the carrier, in ms.

    `spare_ms`: beyond it silence is left out; less would cut at the usual jitter of a frame. `most_ms`: beyond
    it anything is; a conversation suffers from about 150 ms one way (ITU-T G.114).
    """

    spare_ms: float = 30.0
    most_ms: float = 160.0


class RelayPace:
    """One direction of relayed audio. Times are of one clock, in ms, and never decrease."""

    def __init__(self, settings: RelaySettings | None = None) -> None:
        self._settings = settings or RelaySettings()
        self._plays_until_ms = float("-inf")
        self.left_out_ms = 0.0
        """Audio that was left out so far."""

    def admit(self, now_ms: float, duration_ms: float, *, quiet: bool) -> float | None:
        """When audio of `duration_ms` that is sent now will be heard; None: do not send it.

        `quiet`: nobody speaks in it.
        """
        starts_ms = max(now_ms, self._plays_until_ms)
        waits_ms = starts_ms - now_ms
        if waits_ms > (self._settings.spare_ms if quiet else self._settings.most_ms):
            self.left_out_ms += duration_ms
            return None
        self._plays_until_ms = starts_ms + duration_ms
        return starts_ms
