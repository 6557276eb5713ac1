"""WAV files of the telephone world: a strict reader (8 kHz, PCM16 or μ-law) and a writer that streams.

Strict, because neither ears nor recognizers refuse a file at the wrong rate: everything just gets a bit worse.
Layout: Microsoft's Multimedia Programming Interface 1.0 (RIFF, `fmt `, `data`); format tags 1 and 7.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from voice_engine.audio import mulaw
from voice_engine.audio.frames import PCM, RATE_HZ
from voice_engine.errors import InvalidInput

_PCM = 1
_MULAW = 7
_EXTENSIBLE = 0xFFFE
_SAMPLE_BYTES = {_PCM: 2, _MULAW: 1}
_HEADER_BYTES = 44


@dataclass(frozen=True, slots=True, kw_only=True)
class _Format:
    tag: int
    channels: int
    rate_hz: int
    bits: int


def read_wav(path: Path) -> PCM:
    """Read a mono file: int16, shape (n,), 8 kHz, n > 0.

    Raises InvalidInput: `unreadable_file`, `not_a_wav`, `truncated_wav`, `unsupported_encoding`, `wrong_rate`,
    `not_mono`, `empty_wav`.
    """
    return parse_wav(_read(path), name=str(path), channels=1)[:, 0]


def read_stereo_wav(path: Path) -> tuple[PCM, PCM]:
    """Read a two-channel file, such as a recording: (left, right), each int16, shape (n,), 8 kHz. As `read_wav`."""
    both = parse_wav(_read(path), name=str(path), channels=2)
    return np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])


def parse_wav(content: bytes, *, name: str, channels: int = 1) -> PCM:
    """Parse a whole file's bytes to int16, shape (n, channels). `name` leads messages. As `read_wav`."""
    if len(content) < 12 or content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise InvalidInput("not_a_wav", f"{name}: not a WAV file (no RIFF/WAVE header)")
    chunks = _chunks(content, name)
    if b"fmt " not in chunks or len(chunks[b"fmt "]) < 16:
        raise InvalidInput(
            "truncated_wav" if not chunks else "not_a_wav", f"{name}: the WAV file has no format chunk"
        )
    form = _format(chunks[b"fmt "])
    _check(form, name, channels)
    if b"data" not in chunks:
        raise InvalidInput("truncated_wav", f"{name}: the WAV file ends before its audio")
    audio = chunks[b"data"]
    if len(audio) % (_SAMPLE_BYTES[form.tag] * channels):
        raise InvalidInput("truncated_wav", f"{name}: the audio ends in the middle of a sample")
    if not audio:
        raise InvalidInput("empty_wav", f"{name}: the WAV file holds no audio")
    samples = np.frombuffer(audio, dtype="<i2") if form.tag == _PCM else mulaw.decode_pcm(audio)
    return samples.astype(np.int16, copy=False).reshape(-1, channels)


def write_wav(path: Path, pcm: PCM, *, rate_hz: int = RATE_HZ) -> None:
    """Write int16 mono, shape (n,), as one PCM16 file. Raises InvalidInput (`unwritable_output`)."""
    with WavWriter(path, channels=1, rate_hz=rate_hz) as writer:
        writer.write(pcm.astype("<i2", copy=False).tobytes())


def wav_bytes(pcm: PCM, *, rate_hz: int = RATE_HZ) -> bytes:
    """Int16 mono, shape (n,), as the bytes of one PCM16 file."""
    audio = pcm.astype("<i2", copy=False).tobytes()
    return _header_of(len(audio), channels=1, rate_hz=rate_hz) + audio


class WavWriter:
    """A PCM16 file that grows. After every `write` the header matches the audio: a crash leaves a playable file.

    Raises InvalidInput (`unwritable_output`) when the file cannot be created or written.
    """

    def __init__(self, path: Path, *, channels: int, rate_hz: int = RATE_HZ) -> None:
        self.path = path
        self._channels = channels
        self._rate_hz = rate_hz
        self._bytes = 0
        try:
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            self._file.write(self._header())
        except OSError as error:
            self.close()
            path.unlink(missing_ok=True)
            raise _unwritable(path, error) from error

    def write(self, pcm: bytes) -> None:
        """Append int16 little-endian samples, channels interleaved, and bring the header up to date."""
        try:
            self._append(pcm)
            self._file.seek(0)
            self._file.write(self._header())
            self._file.seek(0, 2)
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def close(self) -> None:
        """Close the file; idempotent."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _append(self, pcm: bytes) -> None:
        # An unbuffered file may take less than it is given.
        rest = memoryview(pcm)
        while rest:
            taken = self._file.write(rest)
            self._bytes += taken
            rest = rest[taken:]

    def _header(self) -> bytes:
        return _header_of(self._bytes, channels=self._channels, rate_hz=self._rate_hz)


def _header_of(audio_bytes: int, *, channels: int, rate_hz: int) -> bytes:
    block = 2 * channels
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", _HEADER_BYTES - 8 + audio_bytes, b"WAVE", b"fmt ", 16, _PCM, channels),
        *(rate_hz, rate_hz * block, block, 16, b"data", audio_bytes),
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput("unreadable_file", f"{path}: cannot be read ({error.strerror})") from error


def _unwritable(path: Path, error: OSError) -> InvalidInput:
    return InvalidInput("unwritable_output", f"{path}: cannot be written ({error.strerror})")


def _chunks(content: bytes, name: str) -> dict[bytes, bytes]:
    """The first chunk of each kind up to the audio."""
    chunks: dict[bytes, bytes] = {}
    at = 12
    while at + 8 <= len(content) and b"data" not in chunks:
        kind = content[at : at + 4]
        size = int.from_bytes(content[at + 4 : at + 8], "little")
        body = content[at + 8 : at + 8 + size]
        if len(body) < size:
            raise InvalidInput("truncated_wav", f"{name}: truncated: {size} bytes announced, {len(body)} there")
        chunks.setdefault(kind, body)
        at += 8 + size + size % 2
    return chunks


def _format(chunk: bytes) -> _Format:
    tag, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", chunk)
    if tag == _EXTENSIBLE and len(chunk) >= 26:
        tag = int.from_bytes(chunk[24:26], "little")  # the sub-format's first two bytes are the plain tag
    return _Format(tag=tag, channels=channels, rate_hz=rate_hz, bits=bits)


def _check(form: _Format, name: str, channels: int) -> None:
    if form.tag not in _SAMPLE_BYTES or form.bits != 8 * _SAMPLE_BYTES[form.tag]:
        what = f"format {form.tag}, {form.bits} bits"
        raise InvalidInput("unsupported_encoding", f"{name}: needs 16-bit PCM or μ-law, has {what}")
    if form.rate_hz != RATE_HZ:
        raise InvalidInput("wrong_rate", f"{name}: needs {RATE_HZ} Hz, has {form.rate_hz} Hz; resample it")
    if form.channels != channels:
        wanted = "one channel" if channels == 1 else f"{channels} channels"
        raise InvalidInput(
            "not_mono" if channels == 1 else "not_stereo", f"{name}: needs {wanted}, has {form.channels}"
        )
