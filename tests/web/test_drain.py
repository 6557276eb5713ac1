"""Draining: wait for calls, end them politely in the end, stop."""

from tests.web.fakes import FakeEngine
from voice_engine.web.drain import Drain


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def parts() -> tuple[FakeEngine, Clock, Drain]:
    engine, clock = FakeEngine(), Clock()
    return engine, clock, Drain(engine, timeout_s=60, farewell_s=20, now=clock)


def test_a_serving_process_does_not_stop() -> None:
    _, _, drain = parts()

    assert (drain.draining, drain.done()) == (False, False)


def test_an_idle_process_stops_at_once() -> None:
    _, _, drain = parts()

    drain.begin()

    assert drain.done()


def test_only_the_first_signal_begins_it() -> None:
    _, _, drain = parts()

    assert (drain.begin(), drain.begin()) == (True, False)


def test_live_calls_are_waited_for() -> None:
    engine, clock, drain = parts()
    engine.live_sids = {"a"}
    drain.begin()

    clock.now = 59.0
    waiting = drain.done()
    engine.live_sids.clear()

    assert (waiting, drain.done(), engine.wound_down) == (False, True, 0)


def test_calls_that_last_too_long_get_one_polite_end() -> None:
    engine, clock, drain = parts()
    engine.live_sids = {"a"}
    drain.begin()

    clock.now = 60.0
    steps = [drain.done(), drain.done()]
    clock.now = 79.9
    steps.append(drain.done())
    clock.now = 80.0
    steps.append(drain.done())

    assert steps == [False, False, False, True]
    assert engine.wound_down == 1
