"""WAV files: what is read, what is refused by which code, and that a growing file stays playable."""

import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.audio import mulaw
from voice_engine.audio.wav import WavWriter, parse_wav, read_stereo_wav, read_wav, write_wav
from voice_engine.errors import InvalidInput

SAMPLES = np.array([0, 1, -1, 1000, -32768, 32767], dtype=np.int16)


def wav(
    audio: bytes = SAMPLES.tobytes(),
    *,
    tag: int = 1,
    channels: int = 1,
    rate: int = 8000,
    bits: int = 16,
    extra: bytes = b"",
) -> bytes:
    block = channels * bits // 8
    form = struct.pack("<HHIIHH", tag, channels, rate, rate * block, block, bits) + extra
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(audio)) + audio
    return b"RIFF" + struct.pack("<I", len(body)) + body


def refused(content: bytes) -> str:
    with pytest.raises(InvalidInput, match=r"call\.wav: ") as caught:
        parse_wav(content, name="call.wav")
    return caught.value.code


def test_pcm_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav())

    assert read_wav(tmp_path / "a.wav").tolist() == SAMPLES.tolist()


def test_mulaw_is_read_and_decoded() -> None:
    codes = bytes(range(256))

    assert parse_wav(wav(codes, tag=7, bits=8), name="a")[:, 0].tolist() == mulaw.decode_pcm(codes).tolist()


def test_the_extensible_format_is_read() -> None:
    extra = struct.pack("<HHIH", 22, 16, 4, 1) + bytes(14)

    assert parse_wav(wav(tag=0xFFFE, extra=extra), name="a")[:, 0].tolist() == SAMPLES.tolist()


def test_other_chunks_are_skipped_odd_ones_with_their_padding() -> None:
    content = wav()
    listed = content[:36] + b"LIST" + struct.pack("<I", 3) + b"abc\0" + content[36:]

    assert parse_wav(listed, name="a")[:, 0].tolist() == SAMPLES.tolist()


def test_both_channels_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav(channels=2))

    left, right = read_stereo_wav(tmp_path / "a.wav")

    assert (left.tolist(), right.tolist()) == ([0, -1, -32768], [1, 1000, 32767])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_a_wav"),
        (b"RIFF\0\0\0\0AVI ", "not_a_wav"),
        (b"ID3" + bytes(100), "not_a_wav"),
        (wav()[:12], "truncated_wav"),
        (wav()[:40], "truncated_wav"),
        (wav()[:36], "truncated_wav"),
        (wav()[:-1], "truncated_wav"),
        (wav(b"\0\0\0"), "truncated_wav"),
        (wav()[:12] + wav()[36:], "not_a_wav"),
        (wav(rate=16_000), "wrong_rate"),
        (wav(channels=2), "not_mono"),
        (wav(channels=0), "not_mono"),
        (wav(tag=3, bits=32), "unsupported_encoding"),
        (wav(tag=6, bits=8), "unsupported_encoding"),
        (wav(bits=24), "unsupported_encoding"),
        (wav(tag=0xFFFE), "unsupported_encoding"),
        (wav(b""), "empty_wav"),
    ],
)
def test_an_unusable_file_is_refused_by_name_and_code(content: bytes, code: str) -> None:
    assert refused(content) == code


def test_a_mono_file_is_no_recording(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav())

    with pytest.raises(InvalidInput) as caught:
        read_stereo_wav(tmp_path / "a.wav")

    assert caught.value.code == "not_stereo"


@pytest.mark.parametrize("name", ["missing.wav", "."])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_wav(tmp_path / name)

    assert caught.value.code == "unreadable_file"


@given(st.binary(max_size=120) | st.binary(max_size=80).map(lambda tail: wav()[:20] + tail))
def test_any_bytes_are_audio_or_invalid_input(content: bytes) -> None:
    try:
        assert parse_wav(content, name="fuzz").size
    except InvalidInput as error:
        assert error.code


def test_a_written_file_reads_back(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", SAMPLES)

    assert read_wav(tmp_path / "a.wav").tolist() == SAMPLES.tolist()
    assert (tmp_path / "a.wav").read_bytes() == wav()


def test_the_header_is_right_after_every_write(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with WavWriter(path, channels=2) as writer:
        for size in (3, 1, 2):
            writer.write(np.zeros(2 * size, dtype="<i2").tobytes())
            assert path.read_bytes()[40:44] == struct.pack("<I", path.stat().st_size - 44)
    writer.close()

    assert read_stereo_wav(path)[0].size == 6


def test_a_path_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        WavWriter(tmp_path / "no" / "a.wav", channels=1)

    assert caught.value.code == "unwritable_output"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full device")
def test_a_disk_that_fills_up_is_reported(tmp_path: Path) -> None:
    writer = WavWriter(tmp_path / "a.wav", channels=1)
    with Path("/dev/full").open("wb") as full:
        os.dup2(full.fileno(), writer._file.fileno())

    with pytest.raises(InvalidInput) as caught:
        writer.write(bytes(320))
    writer.close()

    assert caught.value.code == "unwritable_output"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full device")
def test_a_full_disk_is_reported_and_leaves_no_file(tmp_path: Path) -> None:
    link = tmp_path / "full.wav"
    link.symlink_to("/dev/full")

    with pytest.raises(InvalidInput) as caught:
        WavWriter(link, channels=1)

    assert caught.value.code == "unwritable_output"
    assert not link.is_symlink()
