"""Which offer is taken, and what is proposed instead."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from voice_engine.core.dialogue.commands import When
from voice_engine.core.dialogue.negotiation import (
    Accept,
    AskTime,
    Clarify,
    Counter,
    GiveUp,
    NextDate,
    Wanted,
    decide,
    minutes_of,
    time_of,
)

SATURDAY, SUNDAY = dt.date(2026, 2, 14), dt.date(2026, 2, 15)
WANTED = Wanted(dates=(SATURDAY, SUNDAY), preferred=dt.time(20, 0), earliest=dt.time(19, 0), latest=dt.time(21, 0))
times = st.integers(0, 95).map(lambda quarter: time_of(quarter * 15))
whens = st.builds(
    When,
    date=st.sampled_from([None, SATURDAY, SUNDAY, dt.date(2026, 2, 16)]),
    time=st.none() | times,
    ambiguous=st.booleans(),
)


def at(hour: int, minute: int = 0, day: dt.date | None = None) -> When:
    return When(date=day, time=dt.time(hour, minute))


def test_the_nearest_to_the_preference_is_taken() -> None:
    decision = decide(WANTED, [at(19, 0), at(20, 30), at(21, 0)], date_index=0, rounds=0)

    assert decision == Accept(date=SATURDAY, time=dt.time(20, 30))


def test_the_owners_first_date_goes_before_a_nearer_time() -> None:
    decision = decide(WANTED, [at(20, 0, SUNDAY), at(19, 0, SATURDAY)], date_index=0, rounds=0)

    assert decision == Accept(date=SATURDAY, time=dt.time(19, 0))


def test_an_offer_outside_is_countered_twice_and_then_the_next_date_is_asked_for() -> None:
    decisions = [decide(WANTED, [at(17, 30)], date_index=0, rounds=rounds) for rounds in range(3)]

    assert decisions == [Counter(), Counter(), NextDate(index=1, date=SUNDAY)]


def test_on_the_last_date_it_gives_up() -> None:
    assert decide(WANTED, [at(17, 30)], date_index=1, rounds=2) == GiveUp()


def test_a_refused_day_is_not_countered() -> None:
    decision = decide(WANTED, [], date_index=0, rounds=0, whole_day=True)

    assert decision == NextDate(index=1, date=SUNDAY)


def test_a_day_without_a_time_is_asked_for_its_time() -> None:
    assert decide(WANTED, [When(date=SUNDAY)], date_index=0, rounds=0) == AskTime(date=SUNDAY)


def test_a_day_that_the_owner_did_not_name_is_not_taken() -> None:
    other = at(20, 0, dt.date(2026, 2, 16))

    assert decide(WANTED, [other], date_index=0, rounds=0) == Counter()


def test_a_time_without_any_known_day_asks_for_the_day() -> None:
    assert decide(Wanted(), [at(20, 0)], date_index=0, rounds=0) == AskTime(date=None)


def test_of_a_range_the_nearest_quarter_hour_is_taken() -> None:
    span = When(time=dt.time(20, 15), until=dt.time(23, 0))

    assert decide(WANTED, [span], date_index=0, rounds=0) == Accept(date=SATURDAY, time=dt.time(20, 15))


def test_a_range_across_midnight_is_read_forward() -> None:
    late = Wanted(dates=(SATURDAY,), earliest=dt.time(23, 0), latest=dt.time(1, 0))
    span = When(time=dt.time(22, 0), until=dt.time(0, 30))

    assert decide(late, [span], date_index=0, rounds=0) == Accept(date=SATURDAY, time=dt.time(23, 0))


def test_am_or_pm_is_asked_for_when_the_window_allows_both() -> None:
    wide = Wanted(dates=(SATURDAY,), earliest=dt.time(7, 0), latest=dt.time(22, 0))
    doubtful = When(time=dt.time(8, 30), ambiguous=True)

    decision = decide(wide, [doubtful], date_index=0, rounds=0)

    assert decision == Clarify(
        options=(When(time=dt.time(8, 30)), When(time=dt.time(20, 30))),
    )


def test_an_exact_wish_is_countered_once() -> None:
    exact = Wanted(dates=(SATURDAY,), preferred=dt.time(20), earliest=dt.time(20), latest=dt.time(20))

    assert decide(exact, [at(21)], date_index=0, rounds=0) == Counter()
    assert decide(exact, [at(21)], date_index=0, rounds=1) == GiveUp()


@given(st.lists(whens, max_size=4), st.integers(0, 2), st.integers(0, 2), st.booleans())
def test_what_is_accepted_has_an_offered_time_inside_the_window_and_an_allowed_date(
    options: list[When], date_index: int, rounds: int, whole_day: bool
) -> None:
    """Whatever is offered, nothing outside the owner's wish is ever agreed to."""
    decision = decide(WANTED, options, date_index=date_index, rounds=rounds, whole_day=whole_day)

    if isinstance(decision, Accept):
        assert decision.date in WANTED.dates
        assert WANTED.allows(decision.time)
        assert decision.time in {option.time for option in options}


@given(times)
def test_minutes_and_times_are_inverse(moment: dt.time) -> None:
    assert time_of(minutes_of(moment)) == moment
