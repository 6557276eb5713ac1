"""The call's two clocks: `now_ms` (the loop's, since the call began) and `media_ms` (frames of caller audio).

A stream's timestamps start at zero each time one is opened; the call's media time goes on across streams.
"""

from voice_engine.audio.frames import FRAME_MS
from voice_engine.ports.clock import Clock


class Timeline:
    """Converts between the loop's clock, a stream's timestamps and the call's media time."""

    def __init__(self, clock: Clock, *, elapsed_ms: float = 0.0) -> None:
        """`elapsed_ms`: how much of the call had passed when it was resumed."""
        self._clock = clock
        self._origin_ms = clock.now_ms() - elapsed_ms
        self._stream_base_ms = 0
        self._media_end_ms = int(elapsed_ms) // FRAME_MS * FRAME_MS
        self._lead_ms = 0.0

    def now_ms(self) -> float:
        """Milliseconds since the call began."""
        return self._clock.now_ms() - self._origin_ms

    def stream_opened(self) -> None:
        """A new stream starts at timestamp 0: map it to now, on the frame grid, never backwards."""
        grid = int(self.now_ms()) // FRAME_MS * FRAME_MS
        self._stream_base_ms = max(self._media_end_ms, grid)
        self._lead_ms = self._stream_base_ms - self.now_ms()

    def frame_arrived(self, timestamp_ms: int, now_ms: float) -> int:
        """The call's media time of a frame that the stream stamped `timestamp_ms`."""
        media_ms = self._stream_base_ms + timestamp_ms
        end_ms = media_ms + FRAME_MS
        self._media_end_ms = max(self._media_end_ms, end_ms)
        lead_ms = end_ms - now_ms
        if lead_ms > self._lead_ms:
            self._lead_ms = lead_ms
        else:
            # A late frame moves the estimate slowly: jitter delays frames, it never hurries them.
            self._lead_ms += (lead_ms - self._lead_ms) * 0.002
        return media_ms

    @property
    def media_end_ms(self) -> int:
        """End of the newest caller frame, in media time."""
        return self._media_end_ms

    def media_at(self, now_ms: float) -> int:
        """The media time that plays at `now_ms` of our clock, by the least-delayed frames seen."""
        return max(0, round(now_ms + self._lead_ms))
