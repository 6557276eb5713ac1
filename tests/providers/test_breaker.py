"""The circuit breaker."""

from voice_engine.providers.breaker import Breaker, by_health


def test_opens_after_its_failures_and_closes_after_its_cooldown() -> None:
    breaker = Breaker(failures=2, cooldown_s=30)

    breaker.note_failure(0)
    once = breaker.is_open(1)
    breaker.note_failure(1)

    assert not once
    assert (breaker.is_open(1), breaker.is_open(30.9), breaker.is_open(31)) == (True, True, False)


def test_a_failure_after_the_cooldown_opens_at_once() -> None:
    breaker = Breaker(failures=2, cooldown_s=30)
    for at_s in (0, 1, 40):
        breaker.note_failure(at_s)

    assert breaker.is_open(41)


def test_only_consecutive_failures_count() -> None:
    breaker = Breaker(failures=2, cooldown_s=30)
    breaker.note_failure(0)
    breaker.note_success()
    breaker.note_failure(1)

    assert not breaker.is_open(2)


def test_open_ones_come_last_and_stay_in_order() -> None:
    """When all are open, the call is still tried: better a late answer than none."""
    breakers = [Breaker(failures=1, cooldown_s=30) for _ in range(3)]
    breakers[0].note_failure(0)

    assert by_health(breakers, 1) == [1, 2, 0]
