"""Where the recorder puts each sample, what it takes back, and what it leaves on disk."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.audio.wav import read_stereo_wav
from voice_engine.errors import InvalidInput
from voice_engine.runtime.recorder import Recorder

SAMPLES_PER_MS = 8


def frame(value: int, *, ms: int = 20) -> bytes:
    return np.full(ms * SAMPLES_PER_MS, value, dtype="<i2").tobytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "recording.wav"


@pytest.fixture
def recorder(path: Path) -> Iterator[Recorder]:
    recorder = Recorder(path)
    yield recorder
    recorder.close()


def runs(channel: np.ndarray[tuple[int], np.dtype[np.int16]]) -> list[tuple[int, int, float]]:
    """(value, samples, start in ms) of each run of equal samples."""
    edges = [0, *(np.flatnonzero(np.diff(channel)) + 1), channel.size]
    return [(int(channel[a]), int(b - a), a / SAMPLES_PER_MS) for a, b in pairwise(edges) if b > a]


def test_both_parties_stand_at_their_media_time(recorder: Recorder, path: Path) -> None:
    recorder.other(0, frame(1))
    recorder.engine(60, frame(2))
    recorder.other(20, frame(1))
    recorder.close()

    left, right = read_stereo_wav(path)
    assert runs(left) == [(1, 320, 0.0), (0, 320, 40.0)]
    assert runs(right) == [(0, 480, 0.0), (2, 160, 60.0)]


def test_a_gap_becomes_silence(recorder: Recorder, path: Path) -> None:
    recorder.other(0, frame(1))
    recorder.other(500, frame(1))
    recorder.close()

    assert runs(read_stereo_wav(path)[0]) == [(1, 160, 0.0), (0, 3840, 20.0), (1, 160, 500.0)]


def test_late_frames_find_their_place(recorder: Recorder, path: Path) -> None:
    for media_ms, value in ((0, 1), (40, 3), (20, 2), (60, 4)):
        recorder.other(media_ms, frame(value))
    recorder.close()

    assert [value for value, *_ in runs(read_stereo_wav(path)[0])] == [1, 2, 3, 4]
    assert recorder.late_frames == 0


def test_a_frame_later_than_the_window_is_counted_and_hurts_nothing(recorder: Recorder, path: Path) -> None:
    for media_ms in range(0, 4000, 20):
        recorder.other(media_ms, frame(1))
    recorder.write(recorder.pending())

    recorder.other(100, frame(9))
    recorder.other(2480, frame(9, ms=40))  # half of it before what is still open
    recorder.close()

    left, _ = read_stereo_wav(path)
    assert recorder.late_frames == 2
    assert left.size == 4000 * SAMPLES_PER_MS
    assert runs(left)[1] == (9, 160, 2500.0)


def test_time_stamps_that_jitter_make_no_clicks(recorder: Recorder, path: Path) -> None:
    for index, jitter in enumerate((0, 3, -4, 7, 0, -9)):
        recorder.other(index * 20 + max(0, jitter), frame(1))
    recorder.close()

    assert runs(read_stereo_wav(path)[0]) == [(1, 960, 0.0)]


def test_engine_audio_that_was_cleared_is_taken_back(recorder: Recorder, path: Path) -> None:
    recorder.other(0, frame(1, ms=400))
    recorder.engine(100, frame(2, ms=300))

    recorder.truncate_engine(250)
    recorder.engine(350, frame(3, ms=50))
    recorder.close()

    assert runs(read_stereo_wav(path)[1]) == [(0, 800, 0.0), (2, 1200, 100.0), (0, 800, 250.0), (3, 400, 350.0)]


def test_taking_back_before_the_open_window_takes_back_what_is_left(recorder: Recorder, path: Path) -> None:
    recorder.other(0, frame(1, ms=4000))
    recorder.engine(0, frame(2, ms=4000))
    recorder.write(recorder.pending())

    recorder.truncate_engine(0)
    recorder.close()

    assert runs(read_stereo_wav(path)[1]) == [(2, 20000, 0.0), (0, 12000, 2500.0)]


def test_the_window_stays_open_behind_the_newest_inbound_frame(recorder: Recorder) -> None:
    recorder.other(0, frame(1, ms=1500))
    recorder.engine(0, frame(2, ms=9000))

    assert recorder.pending() == b""

    recorder.other(1500, frame(1, ms=100))
    assert len(recorder.pending()) == 100 * SAMPLES_PER_MS * 4


def test_stalled_inbound_media_do_not_pile_up_engine_audio(recorder: Recorder) -> None:
    """Without a bound, music played to a silent line would be held in memory for ever."""
    recorder.engine(0, frame(2, ms=61_000))

    assert len(recorder.pending()) == 1000 * SAMPLES_PER_MS * 4
    assert recorder.duration_ms == 61_000


def test_a_nonsense_time_stamp_is_not_followed(recorder: Recorder) -> None:
    recorder.other(0, frame(1))
    recorder.other(10**10, frame(1))

    assert recorder.duration_ms == 20


def test_the_file_is_playable_after_each_write(recorder: Recorder, path: Path) -> None:
    for second in range(4):
        recorder.other(second * 1000, frame(1, ms=1000))
        recorder.write(recorder.pending())
        if second >= 2:
            assert read_stereo_wav(path)[0].size == (second * 1000 - 500) * SAMPLES_PER_MS


def test_a_declined_recording_is_deleted_and_stays_so(recorder: Recorder, path: Path) -> None:
    recorder.other(0, frame(1, ms=3000))
    batch = recorder.pending()

    recorder.discard()
    recorder.write(batch)
    recorder.other(3000, frame(1))
    recorder.engine(0, frame(1))
    recorder.truncate_engine(0)
    recorder.close()

    assert not path.exists()
    assert recorder.pending() == b""


def test_closing_twice_is_once(recorder: Recorder, path: Path) -> None:
    recorder.other(0, frame(1))

    recorder.close()
    recorder.other(20, frame(1))
    recorder.close()

    assert read_stereo_wav(path)[0].size == 160


def test_an_unwritable_path_is_refused_with_nothing_left(tmp_path: Path) -> None:
    target = tmp_path / "missing" / "recording.wav"

    with pytest.raises(InvalidInput) as caught:
        Recorder(target)

    assert caught.value.code == "unwritable_output"
    assert list(tmp_path.iterdir()) == []


@given(st.permutations(range(30)))
def test_any_order_within_the_window_gives_the_same_recording(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    path = tmp_path_factory.mktemp("order") / "recording.wav"
    recorder = Recorder(path)

    for index in order:
        recorder.other(index * 20, frame(index + 1))
    recorder.close()

    assert [value for value, *_ in runs(read_stereo_wav(path)[0])] == list(range(1, 31))
