"""Words of a question are found in a passage as the ranking finds them."""

from hypothesis import given
from hypothesis import strategies as st

from voice_engine.core.retrieval.marking import mark


def _hits(text: str, question: str) -> list[str]:
    return [part.text for part in mark(text, question) if part.is_hit]


def test_words_are_met_whatever_their_ending_and_language() -> None:
    assert _hits("Parking costs 2 dollars.", "¿cuánto vale el aparcamiento?") == ["Parking", "costs"]
    assert _hits("Implants are placed on Thursdays.", "who does the implants") == ["Implants"]


def test_small_words_are_no_hits() -> None:
    assert _hits("It is for the dog.", "is it for the cat") == []


@given(st.text(max_size=80), st.text(max_size=30))
def test_the_parts_are_the_text(text: str, question: str) -> None:
    assert "".join(part.text for part in mark(text, question)) == text
