"""What a call is found by, and where a text is marked."""

import pytest

from voice_engine.domains.calls.listing.terms import (
    SNIPPET_CHARS,
    Piece,
    cut,
    hits,
    mark,
    name_terms,
    number_terms,
    parse_words,
    said_terms,
)


def found_by(text: str, terms: set[str]) -> bool:
    """Whether each word of a search is among the terms."""
    words = parse_words(text)
    return bool(words) and all(
        any(
            any(have.startswith(term.text) for have in terms) if term.is_prefix else term.text in terms
            for term in (*word.names(), *word.said(transcripts=True))
        )
        for word in words
    )


@pytest.mark.parametrize(
    "text", ["+1 (415) 555-1234", "4155551234", "415 555", "5551234", "234", "0415 555 1234", "+14155551234"]
)
def test_a_number_is_found_by_any_run_of_its_digits(text: str) -> None:
    """However it is written; a trunk zero of national notation too."""
    assert found_by(text, number_terms("+14155551234"))


@pytest.mark.parametrize("text", ["999", "41555512345", "12"])
def test_other_digits_do_not_find_a_number(text: str) -> None:
    assert not found_by(text, number_terms("+14155551234"))


@pytest.mark.parametrize("text", ["jose", "José", "nun", "núñez jos"])
def test_a_name_is_found_by_the_beginnings_of_its_words_whatever_the_accents(text: str) -> None:
    assert found_by(text, name_terms("José Núñez"))


def test_what_was_said_is_found_in_any_form_of_the_word() -> None:
    terms = said_terms(["¿Aceptan tarjetas?", "We have two reservations."])

    assert found_by("card", terms)
    assert found_by("reservation", terms)
    assert not found_by("parking", terms)


def test_words_that_say_nothing_are_left_out_beside_others() -> None:
    assert [word.text for word in parse_words("the green door")] == ["green", "door"]
    assert [word.text for word in parse_words("the")] == ["the"]


def test_what_has_no_word_in_it_is_no_search() -> None:
    assert parse_words("  %_*\"' -- ") == ()


def test_terms_hold_nothing_that_an_index_could_take_for_syntax() -> None:
    """They are written into queries."""
    texts = ["'; DROP TABLE calls --", 'a" OR "b', "x:* & !y", "ñandú\0", "日本"]
    words = [term.text for text in texts for word in parse_words(text) for term in word.names()]

    assert words
    assert all(word.replace("_", "").isascii() and word.replace("_", "").isalnum() for word in words)


def test_marks_keep_the_text_and_its_accents() -> None:
    pieces = mark("¿Aceptan tarjetas? Sí, tarjeta.", parse_words("tarjeta"))

    assert "".join(piece.text for piece in pieces) == "¿Aceptan tarjetas? Sí, tarjeta."
    assert [piece.text for piece in pieces if piece.marked] == ["tarjetas", "tarjeta"]


def test_a_number_is_marked_whole() -> None:
    assert mark("+1 415 555 1234", parse_words("5551")) == (Piece(text="+1 415 555 1234", marked=True),)


def test_a_text_without_the_words_is_one_plain_piece() -> None:
    assert mark("Nothing here.", parse_words("tarjeta")) == (Piece(text="Nothing here."),)


def test_a_long_text_is_cut_around_the_word() -> None:
    words = parse_words("xylophone")
    text = "So it goes on. " * 40 + "I play the xylophone well. " + "And on it goes. " * 40

    short = cut(text, words)

    assert "xylophone" in short
    assert short.startswith("…")
    assert short.endswith("…")
    assert len(short) <= SNIPPET_CHARS + 2


def test_a_line_says_which_words_it_has() -> None:
    words = parse_words("window birthday")

    assert len(hits("By the windows, please.", words)) == 1
    assert len(hits("A birthday, by the window.", words)) == 2
