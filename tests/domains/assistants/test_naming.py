"""A name that changes is changed in texts as a whole word, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.domains.assistants.naming import renamed


@pytest.mark.parametrize(
    ("text", "old", "new", "wanted"),
    [
        ("This is Ann. Ann's desk.", "Ann", "Alex", "This is Alex. Alex's desk."),
        ("Anna and Ann", "Ann", "Alex", "Anna and Alex"),
        ("Soy María.", "María", "José", "Soy José."),
        ("Call Dr. A+ now", "Dr. A+", "\\1", "Call \\1 now"),
        ("ann", "Ann", "Alex", "ann"),
        ("Ann", "", "Alex", "Ann"),
    ],
)
def test_whole_names_are_replaced(text: str, old: str, new: str, wanted: str) -> None:
    assert renamed(text, old, new) == wanted


@given(before=st.text(), after=st.text())
def test_the_rest_of_the_text_stays(before: str, after: str) -> None:
    text = f"{before.replace('Savannah', '')} Savannah {after.replace('Savannah', '')}"

    assert renamed(text, "Savannah", "Zoë Quixote") == text.replace("Savannah", "Zoë Quixote")
