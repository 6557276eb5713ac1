import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.core.dialogue.language import normalise
from voice_engine.core.dialogue.language.en.words import WORDS
from voice_engine.core.dialogue.language.text import canonical, fold


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Uh, I can do eight-thirty P.M.", "i can do 8 30 pm"),
        ("the twenty first of May", "the 21th of may"),
        ("J-O-H-N", "j o h n"),
        ("8pm or 8:30pm", "8 pm or 8:30 pm"),
        ("one hundred and fifty dollars", "150 dollars"),
        ("one eight hundred five five five", "1 800 5 5 5"),
        ("double five", "5 5"),
        ("eight oh five", "8 0 5"),
        ("that's eight's table", "thats 8 is table"),
        ("I I can can do it", "i i can do it"),
        ("table for for at ate", "table for 4 at 8"),
        ("one second, the second of May", "1 second , the 2th of may"),
    ],
)
def test_english_becomes_canonical(text: str, expected: str) -> None:
    assert " ".join(normalise(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("¿A las ocho y media?", "a las 8 y media ?"),
        ("treinta y cinco, veintidós", "35 , 22"),
        ("el primero de mayo", "el 1th de mayo"),
        ("una mesa a la una", "una mesa a la 1"),
        ("a las 20.30 o 20h45", "a las 20:30 o 20:45"),
        ("mil quinientos doce", "1512"),
    ],
)
def test_spanish_becomes_canonical(text: str, expected: str) -> None:
    assert " ".join(normalise(text, "es")) == expected


@given(st.text(max_size=80))
def test_folding_keeps_the_length_so_that_spans_stay_true(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text(max_size=80))
def test_every_token_points_into_its_source(text: str) -> None:
    canon = canonical(text, WORDS)

    assert all(0 <= token.start < token.end <= len(canon.source) for token in canon.tokens)
    assert canon.text == " ".join(token.text for token in canon.tokens)


def test_a_canonical_span_leads_back_to_the_words_as_written() -> None:
    canon = canonical("Call me, uh, at Eight Thirty please", WORDS)
    start = canon.text.index("8 30")

    assert canon.original(start, start + 4) == "Eight Thirty"
