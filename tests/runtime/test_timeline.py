"""The two clocks of a call stay together across streams, jitter and stalls."""

from voice_engine.runtime.timeline import Timeline


class HandClock:
    def __init__(self) -> None:
        self.at_ms = 1_000.0

    def now_ms(self) -> float:
        return self.at_ms

    async def sleep_ms(self, duration_ms: float) -> None:
        self.at_ms += duration_ms


def test_frames_map_to_media_time_from_zero() -> None:
    clock = HandClock()
    timeline = Timeline(clock)
    timeline.stream_opened()

    assert [timeline.frame_arrived(ts, ts + 20.0) for ts in (0, 20, 40)] == [0, 20, 40]
    assert timeline.media_end_ms == 60


def test_a_second_stream_goes_on_where_the_call_is() -> None:
    """Its timestamps start at zero again, the call's media time does not."""
    clock = HandClock()
    timeline = Timeline(clock)
    timeline.stream_opened()
    timeline.frame_arrived(0, 20.0)
    clock.at_ms += 5_010

    timeline.stream_opened()

    assert timeline.frame_arrived(0, 5_030.0) == 5_000


def test_media_time_never_goes_back_at_a_quick_reopen() -> None:
    clock = HandClock()
    timeline = Timeline(clock)
    timeline.stream_opened()
    for ts in range(0, 1_000, 20):
        timeline.frame_arrived(ts, 100.0)

    timeline.stream_opened()

    assert timeline.frame_arrived(0, 120.0) == 1_000


def test_late_frames_do_not_move_the_clock_relation() -> None:
    """One burst after a stall: playback is still placed by the frames that came on time."""
    clock = HandClock()
    timeline = Timeline(clock)
    timeline.stream_opened()
    for ts in range(0, 2_000, 20):
        timeline.frame_arrived(ts, ts + 25.0)
    before = timeline.media_at(2_500)
    for ts in range(2_000, 2_200, 20):
        timeline.frame_arrived(ts, 2_225.0)

    assert abs(timeline.media_at(2_500) - before) <= 4


def test_a_resumed_call_starts_at_its_elapsed_time() -> None:
    timeline = Timeline(HandClock(), elapsed_ms=61_234.0)

    assert timeline.now_ms() == 61_234.0
    timeline.stream_opened()
    assert timeline.frame_arrived(0, 61_254.0) == 61_220
