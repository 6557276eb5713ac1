"""The clock model of the carrier's buffer."""

from hypothesis import given
from hypothesis import strategies as st

from voice_engine.core.playout.timeline import MarkLag, Timeline


def test_audio_sent_into_an_empty_buffer_plays_at_once() -> None:
    timeline = Timeline()

    assert timeline.send(800, 50.0, 0.0) == 50.0
    assert timeline.position(50.0) == 0
    assert timeline.position(100.0) == 400


def test_audio_sent_into_a_playing_buffer_follows_on() -> None:
    timeline = Timeline()
    timeline.send(800, 0.0, 0.0)

    assert timeline.send(800, 40.0, 0.0) == 100.0
    assert len(timeline.runs) == 1
    assert timeline.position(150.0) == 1200


def test_a_buffer_that_ran_dry_leaves_a_gap_in_which_nothing_is_played() -> None:
    timeline = Timeline()
    timeline.send(800, 0.0, 0.0)
    timeline.send(800, 300.0, 0.0)

    assert timeline.position(200.0) == 800
    assert timeline.position(300.0) == 800
    assert timeline.position(350.0) == 1200


def test_what_the_reply_before_has_left_in_the_buffer_plays_first() -> None:
    assert Timeline().send(800, 0.0, 120.0) == 120.0


def test_cut_audio_was_not_played() -> None:
    timeline = Timeline()
    timeline.send(800, 0.0, 0.0)
    timeline.send(800, 300.0, 0.0)

    timeline.cut(600)

    assert timeline.position(1000.0) == 600
    assert timeline.send(200, 500.0, 0.0) == 500.0
    assert timeline.position(2000.0) == 800


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 2400)), min_size=1))
def test_the_position_never_goes_back_and_ends_at_what_was_sent(sends: list[tuple[int, int]]) -> None:
    timeline, now_ms, sent = Timeline(), 0.0, 0
    for wait_ms, size in sends:
        now_ms += wait_ms
        timeline.send(size, now_ms, 0.0)
        sent += size

    positions = [timeline.position(at) for at in range(0, int(timeline.ends_ms) + 50, 7)]

    assert positions == sorted(positions)
    assert timeline.position(timeline.ends_ms + 1) == sent


def test_the_way_to_the_carrier_is_half_of_a_marks_round_trip() -> None:
    lag = MarkLag()
    for _ in range(3):
        lag.observe(120.0)

    assert lag.lag_ms == 60.0


def test_a_stall_is_all_lag_and_is_forgotten_with_the_buffer() -> None:
    lag = MarkLag()
    lag.observe(100.0)
    lag.observe(1100.0)

    assert lag.lag_ms == 1050.0
    lag.buffer_emptied()
    assert lag.lag_ms == 50.0


def test_an_early_mark_is_no_negative_lag() -> None:
    lag = MarkLag()
    lag.observe(-40.0)

    assert lag.lag_ms == 0.0
