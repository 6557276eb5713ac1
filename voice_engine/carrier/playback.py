"""The carrier's playback buffer: what the engine sent and what of it has been played. Pure.

Positions count samples since the stream began. A mark waits at the position of the last sample sent before it;
it is due when that sample has left the buffer, at once when nothing is buffered, and at `clear` for all alike.
"""

from collections import deque

from voice_engine.audio.frames import FRAME_SAMPLES, RATE_HZ

MAX_BUFFERED_SAMPLES = 600 * RATE_HZ
"""Ten minutes (Twilio's warning 31931): what is sent beyond it is discarded."""

SILENCE = b"\xff"
"""μ-law zero (G.711)."""


class PlaybackBuffer:
    """A queue of μ-law bytes with marks at exact positions."""

    def __init__(self, max_samples: int = MAX_BUFFERED_SAMPLES) -> None:
        self._max_samples = max_samples
        self._chunks: deque[bytes] = deque()
        self._offset = 0
        self._marks: deque[tuple[int, str]] = deque()
        self.received_samples = 0
        self.played_samples = 0
        self.cleared_samples = 0

    @property
    def buffered_samples(self) -> int:
        """Samples that wait to be played."""
        return self.received_samples - self.played_samples - self.cleared_samples

    def append(self, mulaw: bytes) -> bool:
        """Queue audio; False when it would exceed the buffer and was discarded whole."""
        if self.buffered_samples + len(mulaw) > self._max_samples:
            return False
        self._chunks.append(mulaw)
        self.received_samples += len(mulaw)
        return True

    def mark(self, name: str) -> bool:
        """Place a mark after what was queued so far; True when it is due at once."""
        if self.buffered_samples == 0 and not self._marks:
            return True
        self._marks.append((self.received_samples, name))
        return False

    def clear(self) -> list[str]:
        """Drop what is queued; every pending mark is returned, in order, and is due now."""
        self.cleared_samples += self.buffered_samples
        self._chunks.clear()
        self._offset = 0
        names = [name for _, name in self._marks]
        self._marks.clear()
        return names

    def pull(self, samples: int = FRAME_SAMPLES) -> tuple[bytes | None, list[str]]:
        """Play one frame: `samples` bytes padded with silence (None when nothing was queued), and marks now due."""
        if not self._chunks:
            return None, []
        parts: list[bytes] = []
        missing = samples
        while missing and self._chunks:
            head = self._chunks[0]
            part = head[self._offset : self._offset + missing]
            parts.append(part)
            missing -= len(part)
            self._offset += len(part)
            if self._offset == len(head):
                self._chunks.popleft()
                self._offset = 0
        self.played_samples += samples - missing
        frame = b"".join(parts)
        return frame + SILENCE * missing if missing else frame, self._due()

    def _due(self) -> list[str]:
        """Marks whose position has been passed. Cleared samples count as passed."""
        passed = self.played_samples + self.cleared_samples
        names: list[str] = []
        while self._marks and self._marks[0][0] <= passed:
            names.append(self._marks.popleft()[1])
        return names
