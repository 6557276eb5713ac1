"""Live audio handed on: in time, and back in time after a stall."""

from hypothesis import given
from hypothesis import strategies as st

from voice_engine.core.playout.relay import RelayPace, RelaySettings

SETTINGS = RelaySettings()


def test_frames_in_time_play_one_after_the_other() -> None:
    """Frames that jitter by a few ms leave no hole and lose nothing."""
    pace = RelayPace()

    starts = [pace.admit(at_ms, 20, quiet=True) for at_ms in (0, 18, 39, 60, 84)]

    assert starts == [0, 20, 40, 60, 84]
    assert pace.left_out_ms == 0


def test_after_a_stall_silence_is_left_out_until_nothing_lags() -> None:
    """Ten frames in one burst: the carrier would play everything 180 ms late from then on."""
    pace = RelayPace()
    for _ in range(10):
        pace.admit(1_000, 20, quiet=False)

    later = [pace.admit(1_000 + 20 * number, 20, quiet=True) for number in range(1, 20)]

    assert None in later
    last = later[-1]
    assert last is not None
    assert last - (1_000 + 20 * 19) <= SETTINGS.spare_ms


def test_speech_is_left_out_only_when_the_lag_is_long() -> None:
    pace = RelayPace()

    starts = [pace.admit(0, 20, quiet=False) for _ in range(12)]

    assert [start is None for start in starts] == [False] * 9 + [True] * 3
    assert pace.left_out_ms == 60


@given(st.lists(st.tuples(st.floats(0, 200), st.booleans()), max_size=200))
def test_nothing_ever_waits_longer_than_the_most(frames: list[tuple[float, bool]]) -> None:
    """Whatever comes when: what is sent is heard soon, in order, and what is not sent is counted."""
    pace, now_ms, heard_until_ms, sent = RelayPace(), 0.0, 0.0, 0
    for gap_ms, quiet in frames:
        now_ms += gap_ms
        start_ms = pace.admit(now_ms, 20, quiet=quiet)
        if start_ms is None:
            continue
        sent += 1
        assert max(now_ms, heard_until_ms) == start_ms
        assert start_ms - now_ms <= SETTINGS.most_ms
        heard_until_ms = start_ms + 20

    assert pace.left_out_ms == 20 * (len(frames) - sent)
