"""The bit-parallel common subsequence is the textbook's."""

import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.domains.prompts.likeness import common_length, likeness, most_alike, words_alike

short = st.text("abc", max_size=8)


def _by_the_book(first: str, second: str) -> int:
    @functools.cache
    def longest(i: int, j: int) -> int:
        if i == len(first) or j == len(second):
            return 0
        if first[i] == second[j]:
            return 1 + longest(i + 1, j + 1)
        return max(longest(i + 1, j), longest(i, j + 1))

    return longest(0, 0)


@given(short, short)
def test_the_common_part_is_the_longest(first: str, second: str) -> None:
    assert common_length(first, second) == _by_the_book(first, second)


@given(short, short)
def test_no_texts_of_these_lengths_are_more_alike(first: str, second: str) -> None:
    assert likeness(first, second) <= most_alike(len(first), len(second))


@pytest.mark.parametrize(
    ("first", "second", "expected"), [("same", "same", 1.0), ("", "", 0.0), ("abcd", "xbxd", 0.5)]
)
def test_likeness_is_twice_the_common_part_over_both(first: str, second: str, expected: float) -> None:
    assert likeness(first, second) == expected


def test_words_are_compared_whatever_their_case() -> None:
    assert words_alike("The address is 5 Oak", "the ADDRESS is 5 oak!") > 0.9
