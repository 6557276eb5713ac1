"""Two texts side by side: nothing is lost, what stayed is told as such, any texts are compared in bounded time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.domains.prompts.comparing import Comparison, Kind, compare, count_lines

LINES = st.lists(st.sampled_from(["", "a", "b c", "open at nine", "open at ten", "- Monday: closed"]), max_size=12)


def _side(comparison: Comparison, *, old: bool) -> str:
    sides = (row.old if old else row.new for row in comparison.rows)
    numbers = (row.old_number if old else row.new_number for row in comparison.rows)
    return "\n".join("".join(p.text for p in side) for side, n in zip(sides, numbers, strict=True) if n is not None)


@given(LINES, LINES)
def test_either_text_can_be_read_down_its_side(before: list[str], after: list[str]) -> None:
    old, new = "\n".join(before), "\n".join(after)

    comparison = compare(old, new)

    assert (_side(comparison, old=True), _side(comparison, old=False)) == (old, new)
    assert [row for _, run in comparison.runs() for row in run] == list(comparison.rows)


@given(LINES)
def test_a_text_is_the_same_as_itself(lines: list[str]) -> None:
    text = "\n".join(lines)

    assert {row.kind for row in compare(text, text).rows} == {Kind.SAME}
    assert compare(text.replace("\n", "\r\n"), text).added == 0


def test_a_changed_line_tells_its_words() -> None:
    (row,) = compare("- Monday: 09:00-17:00", "- Monday: 08:30-17:00").rows

    assert row.kind is Kind.CHANGED
    assert "".join(part.text for part in row.old if part.differs) == "0900"
    assert "".join(part.text for part in row.new if part.differs) == "0830"


def test_a_moved_paragraph_leaves_the_others_where_they_are() -> None:
    old = "Hello.\nWe are open.\nParking is free.\nAsk for Jo."
    new = "Parking is free.\nHello.\nWe are open.\nAsk for Jo."

    kinds = [row.kind for row in compare(old, new).rows]

    assert kinds.count(Kind.SAME) == 3
    assert count_lines(old, new) == (0, 0)


def test_lines_with_nothing_in_common_went_and_came() -> None:
    kinds = [row.kind for row in compare("Be brief.", "Parking costs two dollars").rows]

    assert kinds == [Kind.REMOVED, Kind.ADDED]


def test_what_is_far_from_any_change_folds() -> None:
    lines = [f"line {number}" for number in range(40)]

    runs = list(compare("\n".join(lines), "\n".join([*lines[:20], "new", *lines[20:]])).runs())

    assert [(folds, len(rows)) for folds, rows in runs] == [(True, 18), (False, 5), (True, 18)]


@pytest.mark.slow
def test_the_longest_prompts_are_compared_at_once() -> None:
    """Repeated lines have no fixed points; without a bound they took minutes."""
    old, new = "a\nb\n" * 12_000, "b\nb\na\n" * 8_000
    started = time.process_time()

    compare(old, new)

    assert time.process_time() - started < 10
