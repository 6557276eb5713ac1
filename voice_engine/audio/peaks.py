"""The outline of a recording: for each stretch of time the loudest sample of each channel. Streams; numpy only.

Layout of files as in `wav`: RIFF with `fmt ` and `data`, PCM16 or μ-law, any rate, one or two channels.
"""

import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from voice_engine.audio import mulaw

Peaks = npt.NDArray[np.uint8]
"""Shape (channels, n): 0 (silence) to 255 (full scale), linear."""

_FULL_SCALE = 32768
_SAMPLE_BYTES = {1: 2, 7: 1}
"""Bytes of a sample by WAVE format tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How a file's audio lies. `start`: its first byte; `length_bytes`: as the header says, perhaps too much."""

    tag: int
    channels: int
    rate_hz: int
    start: int
    length_bytes: int

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of all channels."""
        return _SAMPLE_BYTES[self.tag] * self.channels

    @property
    def duration_ms(self) -> int:
        """How long it plays, by its header."""
        return self.length_bytes // self.frame_bytes * 1000 // self.rate_hz


def read_layout(head: bytes) -> Layout | None:
    """The layout by a file's first bytes (4 KiB are plenty); None: not a file whose audio can be read here."""
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return None
    at, form = 12, None
    while at + 8 <= len(head):
        name, size = head[at : at + 4], struct.unpack_from("<I", head, at + 4)[0]
        if name == b"fmt " and size >= 16 and at + 24 <= len(head):
            form = struct.unpack_from("<HHIIHH", head, at + 8)
        elif name == b"data":
            return _layout(form, start=at + 8, length_bytes=size)
        at += 8 + size + size % 2
    return None


def _layout(form: tuple[int, ...] | None, *, start: int, length_bytes: int) -> Layout | None:
    if form is None:
        return None
    tag, channels, rate_hz, _, _, bits = form
    if bits != 8 * _SAMPLE_BYTES.get(tag, 0) or channels not in {1, 2} or rate_hz < 1:
        return None
    return Layout(tag=tag, channels=channels, rate_hz=rate_hz, start=start, length_bytes=length_bytes)


class PeakMeter:
    """Takes a file's audio piece by piece. `per_s`: peaks a second, at most the sampling rate."""

    def __init__(self, layout: Layout, *, per_s: int) -> None:
        self._layout = layout
        self._bytes_per_peak = layout.rate_hz // per_s * layout.frame_bytes
        self.per_s = layout.rate_hz / (layout.rate_hz // per_s)
        """Peaks a second, exactly: a peak is of whole samples."""
        self._rest = b""
        self._done: list[Peaks] = []

    def push(self, audio: bytes) -> None:
        """The next bytes, cut anywhere."""
        audio = self._rest + audio
        whole = len(audio) // self._bytes_per_peak * self._bytes_per_peak
        self._rest = audio[whole:]
        if whole:
            self._done.append(self._measure(audio[:whole]))

    def finish(self) -> Peaks:
        """All peaks; a last stretch that is not whole counts as one."""
        rest, self._rest = self._rest[: len(self._rest) // self._layout.frame_bytes * self._layout.frame_bytes], b""
        if rest:
            self._done.append(self._measure(rest + bytes(self._bytes_per_peak - len(rest))))
        return np.concatenate(self._done, axis=1) if self._done else np.zeros((self._layout.channels, 0), np.uint8)

    def _measure(self, audio: bytes) -> Peaks:
        samples = np.frombuffer(audio, dtype="<i2") if self._layout.tag == 1 else mulaw.decode_pcm(audio)
        stretches = samples.reshape(-1, self._bytes_per_peak // self._layout.frame_bytes, self._layout.channels)
        highest, lowest = stretches.max(axis=1).astype(np.int32), stretches.min(axis=1).astype(np.int32)
        loudest = np.maximum(highest, -lowest)
        peaks: Peaks = np.minimum(loudest * 256 // _FULL_SCALE, 255).astype(np.uint8).T
        return peaks
