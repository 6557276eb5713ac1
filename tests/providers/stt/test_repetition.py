"""Loops of a decoder are cut, what people say twice is not."""

from hypothesis import given
from hypothesis import strategies as st

from voice_engine.providers.stt.repetition import without_repetition


def test_a_loop_is_cut_to_its_first_round() -> None:
    assert without_repetition([9, 8, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]) == [9, 8, 1, 2, 3, 4]


def test_an_unfinished_round_is_cut_only_when_the_budget_cut_it_off() -> None:
    looped = [9, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4]

    assert without_repetition(looped) == looped
    assert without_repetition(looped, cut_off=True) == [9, 1, 2, 3, 4, 5, 6]


def test_digits_said_three_times_stay() -> None:
    assert without_repetition([7, 5, 5, 5], cut_off=True) == [7, 5, 5, 5]


@given(st.lists(st.integers(0, 3), max_size=30), st.booleans())
def test_the_result_is_a_beginning_and_cutting_again_changes_nothing_more_than_it_must(
    ids: list[int], cut_off: bool
) -> None:
    cut = without_repetition(ids, cut_off=cut_off)

    assert cut == ids[: len(cut)]
    assert set(cut) == set(ids)
