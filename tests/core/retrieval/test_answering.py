"""A caller is told the sentence that answers, not the page it stands on."""

import pytest

from voice_engine.core.retrieval.answering import SPOKEN_CHARS, answer_in

PAGE = """The practice was founded in 1987 by Dr. Helen Marsh. It moved to the old mill in 2004.
Whitening takes about ninety minutes and costs 240 dollars. It is not done for children under sixteen.
Implants are placed by Dr. Ruiz on Thursdays at 3 p.m. in the annex. Ask for the side entrance."""
LIST = """**Q: Do you take American Express?**
A: We accept all credit cards except American Express.
Q: Is there parking?
A: Yes, behind the building. It is free for two hours."""


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("who founded the practice", "The practice was founded in 1987 by Dr. Helen Marsh. It moved"),
        ("how much is whitening", "Whitening takes about ninety minutes and costs 240 dollars. It is not done"),
        ("who does implants", "Implants are placed by Dr. Ruiz on Thursdays at 3 p.m. in the annex."),
    ],
)
def test_the_sentence_that_answers_is_picked(question: str, answer: str) -> None:
    """With the one that goes on with it, and no other; an abbreviation ends none."""
    told = answer_in(PAGE, question)

    assert told.startswith(answer)
    assert len(told) <= SPOKEN_CHARS


def test_of_questions_and_answers_the_answer_is_told() -> None:
    assert answer_in(LIST, "do you take american express") == "We accept all credit cards except American Express."
    assert answer_in(LIST, "is there parking").startswith("Yes, behind the building. It is free")


def test_a_row_of_a_table_is_told_whole() -> None:
    rows = "Treatment: Cleaning; Price: 80 €\nTreatment: Whitening; Price: 240 €\nTreatment: Crown; Price: 900 €"

    assert answer_in(rows, "what is the price of whitening") == "Treatment: Whitening; Price: 240 €."


def test_spanish_is_picked_alike() -> None:
    text = "Abrimos a las nueve.\nEl blanqueamiento cuesta 180 €.\nSe admiten perros pequeños."

    assert answer_in(text, "¿cuánto cuesta el blanqueamiento?") == "El blanqueamiento cuesta 180 €."


@pytest.mark.parametrize("question", ["", "xyzzy", "what is it"])
def test_whatever_was_asked_something_short_is_told(question: str) -> None:
    """A passage may have been found by its headings alone."""
    for passage in (PAGE, LIST, "word " * 300, "x" * 2000, "What now?", "?"):
        told = answer_in(passage, question)
        assert told
        assert len(told) <= SPOKEN_CHARS + 1


def test_a_short_fact_is_told_as_it_is_written() -> None:
    fact = "There is free parking behind the building, and the first hour at the meters is free, too."

    assert answer_in(fact, "parking") == fact
