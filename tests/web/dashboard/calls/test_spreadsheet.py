"""What a stranger said on the telephone must not run in somebody's spreadsheet."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.web.dashboard.calls.spreadsheet import csv_line, guarded


@pytest.mark.parametrize(
    "cell",
    ['=HYPERLINK("http://evil","x")', "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "  =1", "＝1", "\n=1"],
)
def test_a_cell_that_could_be_a_formula_is_text(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["+14155551234", "Nobu", "", "4:07", "2026-02-13T10:30:00-05:00"])
def test_other_cells_are_as_they_were(cell: str) -> None:
    assert guarded(cell) == cell


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1, max_size=5))
def test_a_line_reads_back_as_what_was_written(cells: list[str]) -> None:
    """Quotes, commas and line ends in a summary do not move its neighbours."""
    (row,) = csv.reader(io.StringIO(csv_line(cells), newline=""))

    assert row == [guarded(cell) for cell in cells]
