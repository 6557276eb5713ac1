"""The idle timer."""

from voice_engine.core.turns.idle import IdleTimer


def test_it_counts_from_the_end_of_playback() -> None:
    timer = IdleTimer(7000)
    timer.begin(0.0)
    timer.restart(5000.0)

    assert timer.due_ms == 12000.0
    assert timer.fire(12000.0) == (7000, 1)


def test_it_fires_again_and_counts_up_until_they_speak() -> None:
    timer = IdleTimer(7000)
    timer.begin(0.0)
    timer.fire(7000.0)

    assert timer.due_ms == 14000.0
    assert timer.fire(14000.0) == (14000, 2)
    timer.spoken()
    timer.restart(20000.0)
    assert timer.fire(27000.0) == (7000, 1)


def test_the_first_event_starts_it_and_later_ones_do_not() -> None:
    timer = IdleTimer(7000)
    timer.begin(100.0)
    timer.begin(5000.0)

    assert timer.due_ms == 7100.0


def test_a_timer_that_has_not_begun_wants_to_be_looked_at() -> None:
    assert IdleTimer(7000).due_ms <= 0.0
