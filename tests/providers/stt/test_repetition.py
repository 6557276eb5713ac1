"""Loops of a decoder are cut, what people say twice is not."""

from hypothesis import given
from hypothesis import strategies as st

from voice_engine.providers.stt.repetition import without_repetition


def test_a_loop_is_cut_to_its_first_round() -> None:
    assert without_repetition([9, 8, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]) == [9, 8, 1, 2, 3, 4]


def test_an_unfinished_round_is_cut_too() -> None:
    assert without_repetition([9, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4]) == [9, 1, 2, 3, 4, 5, 6]


def test_digits_said_three_times_stay() -> None:
    assert without_repetition([7, 5, 5, 5]) == [7, 5, 5, 5]


@given(st.lists(st.integers(0, 3), max_size=30))
def test_the_result_is_a_beginning_that_lost_no_word(ids: list[int]) -> None:
    cut = without_repetition(ids)

    assert cut == ids[: len(cut)]
    assert set(cut) == set(ids)
