"""A model that keeps failing is left alone, and gets another chance."""

from voice_engine.core.dialogue.llm.breaker import Breaker


def test_it_opens_after_the_set_number_of_failures_in_a_row() -> None:
    """A success in between forgives."""
    breaker = Breaker(failures=2, pause_turns=3)

    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert breaker.allows()
    breaker.failed()

    assert breaker.open
    assert [breaker.allows() for _ in range(4)] == [False, False, False, True]


def test_one_failure_after_the_pause_opens_it_again() -> None:
    """It has not earned two new tries."""
    breaker = Breaker(failures=2, pause_turns=1)
    breaker.failed()
    breaker.failed()
    assert [breaker.allows(), breaker.allows()] == [False, True]

    breaker.failed()

    assert breaker.open


def test_a_lasting_failure_opens_it_for_good() -> None:
    """A refused key stays refused."""
    breaker = Breaker(failures=2, pause_turns=1)

    breaker.failed(lasting=True)

    assert breaker.open
    assert not any(breaker.allows() for _ in range(20))
