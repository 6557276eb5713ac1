"""A document is cut so that each piece can be found and understood alone, and nothing is lost."""

import time

from hypothesis import given
from hypothesis import strategies as st

from voice_engine.core.retrieval.pieces import OVERLAP_CHARS, PIECE_CHARS, pieces_of

TEXT = st.text(alphabet=st.sampled_from("ab .?!\n#é-:Q"), max_size=4000)


@given(TEXT)
def test_no_letter_is_lost_and_no_piece_is_too_long(text: str) -> None:
    pieces = list(pieces_of(text))
    kept = "".join(f"{piece.heading}{piece.text}" for piece in pieces)

    for line in text.splitlines():
        if line.strip() and not line.strip().startswith("#"):
            assert "".join(line.split()) in "".join(kept.split())
    assert all(len(piece.text) <= PIECE_CHARS + OVERLAP_CHARS + 2 for piece in pieces)


def test_a_piece_knows_its_headings_and_is_found_by_them() -> None:
    pieces = list(pieces_of("# Prices\nGeneral.\n## Whitening\nIt costs 240 dollars.\n# Hours\nFrom nine."))

    assert [piece.heading for piece in pieces] == ["Prices", "Prices > Whitening", "Hours"]
    assert {"price", "whiten"} <= set(pieces[1].terms.split())


def test_an_answer_stays_with_its_question() -> None:
    lines = [f"Q: Question number {n}?\nA: {'Answer ' * 20}{n}." for n in range(30)]

    for piece in pieces_of("\n".join(lines)):
        assert piece.text.count("Question") == piece.text.count("A: ")


def test_a_cut_repeats_what_stood_before_it() -> None:
    first, second, *_ = pieces_of("\n".join(f"Sentence number {n} says something about it." for n in range(60)))

    assert second.text.splitlines()[0] == first.text.splitlines()[-1]


def test_hostile_text_is_cut_in_linear_time() -> None:
    """A run of dots, or one word without end, must not hold the loop."""
    began = time.process_time()
    for text in ("." * 8000 + "x", "x" * 8000, "x." * 4000, "?\n" * 4000, "# " * 4000, "(" * 8000):
        list(pieces_of(text))

    assert time.process_time() - began < 0.5
