"""What users of other engines complain about in recordings."""

import gc
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from voice_engine.audio.wav import read_stereo_wav
from voice_engine.runtime.recorder import Recorder

FRAME = np.full(160, 1000, dtype="<i2").tobytes()


@pytest.mark.slow
def test_pain_11_an_hour_of_recording_stays_on_disk_not_in_memory(tmp_path: Path) -> None:
    """An hour of both channels, frame by frame, flushed each second: under 5 MB at its highest."""
    gc.collect()
    recorder = Recorder(tmp_path / "hour.wav")
    other, engine = recorder.other, recorder.engine

    for second in range(3600):
        if second == 1800:
            tracemalloc.start()  # late: what the first half hour left is in the rest of the arrays
        for media_ms in range(second * 1000, second * 1000 + 1000, 20):
            other(media_ms, FRAME)
            engine(media_ms, FRAME)
        recorder.write(recorder.pending())
    _, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    recorder.close()

    assert (tmp_path / "hour.wav").stat().st_size == 44 + 3600 * 8000 * 4
    assert highest < 5_000_000


@pytest.mark.slow
def test_pain_23_tones_stay_in_place_after_half_an_hour_of_jitter_and_stalls(tmp_path: Path) -> None:
    """Bursts a minute apart on both channels; frames jitter, come in bunches, get lost; flushes come late.

    The placing takes no clock, so a stalled loop can only delay calls and flushes, which this does.
    """
    chance = np.random.default_rng(23)
    recorder = Recorder(tmp_path / "long.wav")
    silence, burst = bytes(320), FRAME
    bursts = set(range(1000, 30 * 60_000, 60_000))

    for start_ms in range(0, 30 * 60_000, 1000):
        frames = [(at, burst if at in bursts else silence) for at in range(start_ms, start_ms + 1000, 20)]
        kept = [item for item in frames if item[0] in bursts or chance.random() > 0.02]
        if chance.random() < 0.3:
            kept = sorted(kept, key=lambda item: item[0] + chance.integers(0, 200))
        for media_ms, pcm in kept:
            jitter = 0 if media_ms in bursts else int(chance.integers(-3, 4))
            recorder.other(max(0, media_ms + jitter), pcm)
        if start_ms in bursts:
            recorder.engine(start_ms + 300, burst)
        if chance.random() < 0.5:
            recorder.write(recorder.pending())
    recorder.close()

    left, right = read_stereo_wav(tmp_path / "long.wav")
    for channel, shift in ((left, 0), (right, 300)):
        onsets = np.flatnonzero(np.diff(np.abs(channel.astype(np.int32)) > 500, prepend=False))[::2] / 8
        expected = [at + shift for at in sorted(bursts)]
        assert np.abs(onsets - expected).max() <= 20
