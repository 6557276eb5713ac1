"""The outline of a recording: computed once, gone with the recording."""

import base64
from pathlib import Path

import numpy as np
import orjson

from tests.fakes.calls import CallsRig
from voice_engine.audio.peaks import Layout
from voice_engine.audio.wav import WavWriter
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.peaks import MOST_PEAKS, RecordingPeaks, peaks_key, rate_of
from voice_engine.domains.calls.repository import calls


async def _recorded(rig: CallsRig, tmp_path: Path, *, seconds: int = 40, content: bytes | None = None) -> Call:
    call = await rig.ask()
    file, key = tmp_path / "a.wav", f"{call.organization_id}/recordings/{call.id}.wav"
    if content is not None:
        file.write_bytes(content)
    else:
        left = np.zeros(8000 * seconds, np.int16)
        left[8000:] = 16384
        with WavWriter(file, channels=2) as writer:
            writer.write(np.stack([left, np.zeros_like(left)], axis=1).tobytes())
    await rig.blobs.put_file(key, file)
    async with rig.store.begin(call.organization_id) as work:
        await calls.set_recording(work, call.id, key)
    return await rig.call(call.id)


async def test_the_outline_of_both_sides(rig: CallsRig, tmp_path: Path) -> None:
    """A file of several batches."""
    call = await _recorded(rig, tmp_path)

    found = await RecordingPeaks(rig.store, rig.blobs).read(call)

    assert found is not None
    outline = orjson.loads(found)
    left, right = (base64.b64decode(channel) for channel in outline["channels"])
    assert (outline["per_s"], outline["count"]) == (50.0, 2000)
    assert (left, right) == (bytes(50) + b"\x80" * 1950, bytes(2000))


async def test_it_is_computed_once(rig: CallsRig, tmp_path: Path) -> None:
    """The second time it is read from beside the recording."""
    call = await _recorded(rig, tmp_path)
    peaks = RecordingPeaks(rig.store, rig.blobs)
    first = await peaks.read(call)
    assert call.recording_key is not None
    await rig.blobs.put_file(call.recording_key, _other(tmp_path))

    assert await peaks.read(call) == first


async def test_a_recording_that_goes_meanwhile_leaves_no_outline(rig: CallsRig, tmp_path: Path) -> None:
    """Whoever erased the call has deleted what there was, and would not come again."""
    call = await _recorded(rig, tmp_path)
    async with rig.store.begin(call.organization_id) as work:
        await calls.set_recording(work, call.id, "elsewhere/x.wav")

    await RecordingPeaks(rig.store, rig.blobs).read(call)

    assert call.recording_key is not None
    assert await rig.blobs.find(peaks_key(call.recording_key)) is None


async def test_what_cannot_be_read_and_what_is_not_there(rig: CallsRig, tmp_path: Path) -> None:
    peaks = RecordingPeaks(rig.store, rig.blobs)
    unreadable = await _recorded(rig, tmp_path, content=b"ID3" + bytes(9000))
    tiny = await _recorded(rig, tmp_path, content=b"RIFF")

    assert await peaks.read(unreadable) is None
    assert await peaks.read(tiny) is None
    assert await peaks.read(await rig.ask()) is None


def test_an_hour_has_ten_a_second() -> None:
    """And a short call as many as are worth drawing."""
    rates = [
        rate_of(Layout(tag=1, channels=2, rate_hz=8000, start=44, length_bytes=32000 * seconds))
        for seconds in (0, 60, 3600, 100_000)
    ]

    assert rates == [50, 50, MOST_PEAKS // 3600, 1]


def _other(tmp_path: Path) -> Path:
    file = tmp_path / "other.wav"
    file.write_bytes(b"RIFF")
    return file
