"""Cutting text for the synthesizer: nothing lost, nothing cut inside a time, date, number or title."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_engine.core.dialogue.clauses import MAX_CHARS, ClauseCutter, CutMode, cut_clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        (
            "Hello, this is an AI assistant, calling for John Smith. Do you have a table?",
            ["Hello, this is an AI assistant,", "calling for John Smith.", "Do you have a table?"],
        ),
        ("Sure, thanks.", ["Sure, thanks."]),
        ("Could we do 8:30 p.m. on Saturday?", ["Could we do 8:30 p.m. on Saturday?"]),
        ("It is at 8 p.m. Does that work?", ["It is at 8 p.m.", "Does that work?"]),
        ("We saw Dr. Lee at St. Mary's.", ["We saw Dr. Lee at St. Mary's."]),
        ("That is 12.50 in all, or about 1,200 a year.", ["That is 12.50 in all,", "or about 1,200 a year."]),
        ("Saturday February 14, 2026 at eight.", ["Saturday February 14, 2026 at eight."]),
        ("It is at 8. Is that right?", ["It is at 8.", "Is that right?"]),
        ("Take room no. 5 please. Thanks.", ["Take room no. 5 please.", "Thanks."]),
        ("My name is J. Smith. Bye.", ["My name is J. Smith.", "Bye."]),
        ("¿Le va bien a las 8 p. m. del sábado? Gracias.", ["¿Le va bien a las 8 p. m. del sábado?", "Gracias."]),
        ("Sería a las 8 p. m. ¿Le va bien?", ["Sería a las 8 p. m.", "¿Le va bien?"]),
        ("Con la Dra. Ruiz, por favor. ¿Sí?", ["Con la Dra. Ruiz,", "por favor.", "¿Sí?"]),
        ("Wait... What?! Really", ["Wait...", "What?!", "Really"]),
        ('She said "yes." Then she left.', ['She said "yes."', "Then she left."]),
        ("  \n ", []),
        ("...", []),
    ],
)
def test_text_is_cut_where_a_speaker_would_pause(text: str, clauses: list[str]) -> None:
    """Each case is a mistake that a plain split at punctuation makes."""
    assert cut_clauses(text) == clauses


def test_sentences_stay_whole_in_sentence_mode() -> None:
    """For a provider that is asked for whole sentences, commas are no boundary."""
    text = "Hello there my friend, this is the assistant. Goodbye, then."

    assert cut_clauses(text, "sentence") == ["Hello there my friend, this is the assistant.", "Goodbye, then."]


def test_a_sentence_is_given_as_soon_as_its_last_token_is_seen() -> None:
    """Waiting for the next token would add its interval to the caller's wait."""
    cutter = ClauseCutter("sentence")

    assert cutter.push("All of it") == []
    assert cutter.push(" is arranged.") == ["All of it is arranged."]


def test_a_stop_after_a_figure_waits_for_what_follows() -> None:
    """`8.` may still become `8.30`."""
    cutter = ClauseCutter()

    assert cutter.push("It is 8.") == []
    assert cutter.push("30 euros. ") == ["It is 8.30 euros."]


def test_text_without_punctuation_is_cut_at_a_space() -> None:
    """A model that never ends its sentence must not hold back the audio."""
    pieces = cut_clauses("word " * 100)

    assert len(pieces) > 1
    assert all(len(piece) <= MAX_CHARS for piece in pieces)


words = st.sampled_from([
    "hello", "sure,", "eight", "8:30", "8.30", "p.m.", "Dr.", "Lee.", "booked.", "table?", "14,", "2026",
    "gracias.", "¿Sí?", "—", "a.", "m.", "J.", "etc.", "ok!", "no.", "5",
])  # fmt: skip


@given(st.lists(words, max_size=40), st.sampled_from(["clause", "sentence"]))
def test_no_word_is_lost_or_added(tokens: list[str], cut: CutMode) -> None:
    """Whatever the cuts, the pieces joined are the text."""
    text = " ".join(tokens)

    spoken = " ".join(cut_clauses(text, cut))

    assert [w for w in spoken.split() if any(c.isalnum() for c in w)] == [
        w for w in text.split() if any(c.isalnum() for c in w)
    ]


@given(st.lists(words, max_size=30))
def test_streamed_text_keeps_every_word_whatever_the_tokens(tokens: list[str]) -> None:
    """Token boundaries fall anywhere, also inside words."""
    text = " ".join(tokens)
    cutter = ClauseCutter()
    pieces: list[str] = []
    for index in range(0, len(text), 3):
        pieces += cutter.push(text[index : index + 3])
    pieces += cutter.finish()

    assert "".join(c for c in "".join(pieces) if c.isalnum()) == "".join(c for c in text if c.isalnum())
