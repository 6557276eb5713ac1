"""G.711 μ-law: the standard's values, and the round trip's error bound."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.audio import mulaw


def test_known_codes_have_the_standards_values() -> None:
    """G.711, table 2a: full scale, the segment's ends and both zeros, scaled by 4 to 16 bits."""
    codes = bytes([0x00, 0x80, 0x0F, 0x8F, 0x7F, 0xFF])

    assert mulaw.decode_pcm(codes).tolist() == [-32124, 32124, -16764, 16764, 0, 0]


def test_every_code_survives_a_round_trip_but_negative_zero() -> None:
    codes = bytes(code for code in range(256) if code != 0x7F)

    assert mulaw.encode(mulaw.decode(codes)) == codes
    assert mulaw.encode(mulaw.decode(b"\x7f")) == b"\xff"


@given(st.lists(st.integers(-32768, 32767), max_size=50))
def test_the_error_is_at_most_half_a_step(samples: list[int]) -> None:
    """A step of a segment is 1/16 of its start; clipping costs at most 644."""
    pcm = np.array(samples, dtype=np.int16)

    error = np.abs(mulaw.decode_pcm(mulaw.encode_pcm(pcm)).astype(np.int32) - pcm)

    size = np.abs(pcm.astype(np.int32))
    allowed = np.where(size > 32124, 644, size / 16 + 8)
    assert (error <= allowed).all()


def test_bytes_and_arrays_agree_whatever_the_arrays_layout() -> None:
    pcm = np.arange(-3000, 3000, 10, dtype=np.int16)

    assert mulaw.encode_pcm(pcm[::2]) == mulaw.encode(pcm[::2].tobytes())
    assert mulaw.decode_pcm(mulaw.encode_pcm(pcm)).tobytes() == mulaw.decode(mulaw.encode(pcm.tobytes()))


def test_silence_is_silent() -> None:
    assert not mulaw.decode_pcm(mulaw.silence(160)).any()
    assert len(mulaw.silence(160)) == 160
