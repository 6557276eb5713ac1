"""The arithmetic of a frame."""

import numpy as np
import pytest

from voice_engine.audio.frames import FRAME_MS, FRAME_SAMPLES, RATE_HZ, SAMPLES_PER_MS, AudioFrame


def test_a_frame_is_20_ms_and_160_samples() -> None:
    assert (FRAME_MS, FRAME_SAMPLES, RATE_HZ) == (20, 160, 8000)
    assert FRAME_MS * SAMPLES_PER_MS == FRAME_SAMPLES


def test_a_frame_knows_its_place_and_cannot_be_moved() -> None:
    frame = AudioFrame(pcm=np.zeros(160, dtype=np.int16), media_ms=40)

    with pytest.raises(AttributeError):
        frame.media_ms = 60  # type: ignore[misc]  # the point of the test
    assert (frame.media_ms, frame.rate_hz) == (40, 8000)
