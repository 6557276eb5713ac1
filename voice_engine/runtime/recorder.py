"""A call's stereo recording: left the other party, right the engine, both laid out by media time.

Neither wall clock nor arrival order moves a sample, so the channels cannot drift apart. A short window stays in
memory, where late frames find their place and unheard engine audio is cut off again; what has left it is handed out
in batches (`pending`), for the disk write (`write`) to happen in a worker thread. A call of any length holds a few
hundred kB.
"""

import threading
from pathlib import Path

import numpy as np

from voice_engine.audio.frames import RATE_HZ, SAMPLES_PER_MS
from voice_engine.audio.wav import WavWriter

_BYTES_PER_MS = 2 * SAMPLES_PER_MS

_SNAP_BYTES = 10 * _BYTES_PER_MS
"""Frames that start within 10 ms of the previous end join it: carriers' time stamps jitter by a few ms, and a join
spares the click of a cut or a hole. The limit is against absolute media time, so joins cannot add up."""

_WINDOW_MS = 1500
"""How far the two channels stay open behind the newest inbound frame: for late frames and for `truncate_engine`."""

_LIMIT_MS = 60_000
"""The most either channel holds; beyond it the oldest goes to disk although the window is still open (inbound media
stalled, or time stamps jumped)."""

_JUMP_MS = 900_000
"""A time stamp further ahead than the longest call (15 minutes) is nonsense and is not filled up with silence."""


class Recorder:
    """Streams one call to `path`. All methods but `write` and `close` are quick and belong to the event loop.

    Raises InvalidInput (`unwritable_output`) at once, with nothing left behind, when `path` cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.late_frames = 0
        """Frames, or parts of them, that came after their place was on disk."""
        self._writer = WavWriter(path, channels=2, rate_hz=RATE_HZ)
        self._lock = threading.Lock()  # `discard` may meet a `write` in its thread
        self._open = True
        self._left = bytearray()
        self._right = bytearray()
        self._base = 0  # media position, in bytes of one channel, of both arrays' first sample

    @property
    def duration_ms(self) -> int:
        """Media time up to which something is recorded."""
        return (self._base + max(len(self._left), len(self._right))) // _BYTES_PER_MS

    def other(self, media_ms: int, pcm: bytes) -> None:
        """Place what the other party said: int16 little-endian bytes; `media_ms` (≥ 0) is of the first sample."""
        self._place(self._left, media_ms * _BYTES_PER_MS - self._base, pcm)

    def engine(self, media_ms: int, pcm: bytes) -> None:
        """Place what the engine says at the media time at which it *plays*, which may lie ahead."""
        self._place(self._right, media_ms * _BYTES_PER_MS - self._base, pcm)

    def truncate_engine(self, from_media_ms: int) -> None:
        """Take back the engine's audio from this media time on: it was cleared before it played."""
        if self._open:
            del self._right[max(0, from_media_ms * _BYTES_PER_MS - self._base) :]

    def pending(self) -> bytes:
        """Take what is older than the window, as interleaved samples for `write`; b"" when there is nothing."""
        ready = len(self._left) - _WINDOW_MS * _BYTES_PER_MS
        longest = max(len(self._left), len(self._right))
        return self._take(max(ready, longest - _LIMIT_MS * _BYTES_PER_MS))

    def write(self, interleaved: bytes) -> None:
        """Blocking: append a batch of `pending`. Raises InvalidInput (`unwritable_output`)."""
        with self._lock:
            if self._open and interleaved:
                self._writer.write(interleaved)

    def close(self) -> None:
        """Blocking: write what is left and close; idempotent. Raises InvalidInput (`unwritable_output`)."""
        rest = self._take(max(len(self._left), len(self._right)))
        try:
            self.write(rest)
        finally:
            with self._lock:
                self._open = False
                self._writer.close()

    def discard(self) -> None:
        """Recording was declined: delete the file. Whatever is placed or written from now on is ignored."""
        with self._lock:
            self._open = False
            self._writer.close()
            self.path.unlink(missing_ok=True)
        self._left.clear()
        self._right.clear()

    def _place(self, channel: bytearray, at: int, pcm: bytes) -> None:
        end = len(channel)
        if -_SNAP_BYTES <= at - end <= _SNAP_BYTES and self._open:
            channel += pcm
            return
        self._place_apart(channel, at, pcm)

    def _place_apart(self, channel: bytearray, at: int, pcm: bytes) -> None:
        end = len(channel)
        if not self._open or at - end > _JUMP_MS * _BYTES_PER_MS:
            return
        if at < 0:
            self.late_frames += 1
            pcm, at = pcm[-at:], 0
        if at > end:
            channel += bytes(at - end)
        channel[at : at + len(pcm)] = pcm

    def _take(self, size: int) -> bytes:
        if size <= 0 or not self._open:
            return b""
        both = np.zeros((size // 2, 2), dtype="<i2")
        for index, channel in enumerate((self._left, self._right)):
            part = np.frombuffer(bytes(channel[:size]), dtype="<i2")
            both[: part.size, index] = part
            del channel[:size]
        self._base += size
        return both.tobytes()
