"""The outline of a recording: exact, whatever the pieces in which the file comes."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.audio import mulaw
from voice_engine.audio.peaks import Layout, PeakMeter, read_layout
from voice_engine.audio.wav import wav_bytes

STEREO = Layout(tag=1, channels=2, rate_hz=8000, start=44, length_bytes=4 * 8000)


def _interleaved(left: list[int], right: list[int]) -> bytes:
    return np.array([left, right], dtype="<i2").T.tobytes()


def test_the_loudest_sample_of_each_stretch_on_each_side() -> None:
    """A negative peak counts as a positive one, full scale included."""
    left = [0] * 400 + [100] * 399 + [-16384]
    right = [-32768] * 400 + [0] * 400
    meter = PeakMeter(STEREO, per_s=20)

    meter.push(_interleaved(left, right))

    assert meter.finish().tolist() == [[0, 128], [255, 0]]
    assert meter.per_s == 20.0


@given(st.lists(st.integers(1, 3000), max_size=12))
def test_pieces_cut_anywhere_give_the_same(cuts: list[int]) -> None:
    noise = np.random.default_rng(7).integers(-32768, 32767, 6001, dtype=np.int16).tobytes()
    whole, pieces = PeakMeter(STEREO, per_s=50), PeakMeter(STEREO, per_s=50)
    whole.push(noise)

    at = 0
    for cut in cuts:
        pieces.push(noise[at : at + cut])
        at += cut
    pieces.push(noise[at:])

    assert pieces.finish().tolist() == whole.finish().tolist()


def test_a_last_stretch_that_is_not_whole_counts() -> None:
    meter = PeakMeter(STEREO, per_s=20)
    meter.push(_interleaved([0] * 400 + [8192], [0] * 401) + b"\x01")

    assert meter.finish()[0].tolist() == [0, 64]


def test_nothing_has_no_peaks() -> None:
    assert PeakMeter(STEREO, per_s=20).finish().shape == (2, 0)


def test_a_file_of_ours_is_read() -> None:
    layout = read_layout(wav_bytes(np.zeros(8000, np.int16))[:4096])

    assert layout == Layout(tag=1, channels=1, rate_hz=8000, start=44, length_bytes=16000)
    assert layout.duration_ms == 1000


def test_a_files_other_chunks_are_passed_over_and_mu_law_is_decoded() -> None:
    """Carriers put a `LIST` before the audio, and may keep it as it came."""
    form = struct.pack("<HHIIHH", 7, 1, 8000, 8000, 1, 8)
    audio = mulaw.encode_pcm(np.full(160, 20000, np.int16))
    chunks = b"fmt " + struct.pack("<I", 16) + form + b"LIST" + struct.pack("<I", 3) + b"abc\0"
    file = b"RIFF\0\0\0\0WAVE" + chunks + b"data" + struct.pack("<I", len(audio)) + audio
    layout = read_layout(file)
    assert layout is not None

    meter = PeakMeter(layout, per_s=50)
    meter.push(file[layout.start :])

    (peak,) = meter.finish()[0].tolist()
    assert abs(peak - 20000 / 128) <= 4


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"ID3\x04",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"RIFF\0\0\0\0WAVEdata\0\0\0\0",
        b"RIFF\0\0\0\0WAVEfmt " + struct.pack("<IHHIIHH", 16, 3, 2, 8000, 0, 0, 32) + b"data\0\0\0\0",
        b"RIFF\0\0\0\0WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 6, 8000, 0, 0, 16) + b"data\0\0\0\0",
    ],
)
def test_what_cannot_be_read_is_not(head: bytes) -> None:
    """Another engine may give us anything."""
    assert read_layout(head) is None
