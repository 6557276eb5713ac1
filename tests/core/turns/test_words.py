"""Classes of words."""

import pytest

from voice_engine.core.turns.words import (
    Kind,
    classify,
    is_backchannel,
    is_yes_or_no,
    slowest_ms,
    spanish_sound,
    words_of,
)


def test_words_lose_case_and_punctuation_but_keep_apostrophes_and_hyphens() -> None:
    assert words_of("  Mm-hm, THAT’S it… 8:30!") == ["mm-hm", "that's", "it", "8", "30"]


@pytest.mark.parametrize(
    ("text", "language", "kind"),
    [
        ("", "en", Kind.NOTHING),
        ("...", "en", Kind.NOTHING),
        ("Mm-hm.", "en", Kind.BACKCHANNEL),
        ("Mama,", "en", Kind.BACKCHANNEL),
        ("Eh-ha!", "en", Kind.BACKCHANNEL),
        ("Yeah, okay.", "en", Kind.BACKCHANNEL),
        ("Of course.", "en", Kind.BACKCHANNEL),
        ("Ajá, muy bien.", "es", Kind.BACKCHANNEL),
        ("sí, claro que sí", "es", Kind.BACKCHANNEL),
        ("You", "en", Kind.NOTHING),
        ("¡Adiós!", "es", Kind.NOTHING),
        ("Wait.", "en", Kind.STOP),
        ("Hold on a second", "en", Kind.STOP),
        ("No, that's wrong", "en", Kind.STOP),
        ("Un momento, por favor", "es", Kind.STOP),
        ("Perdón", "es", Kind.STOP),
        ("Yeah, but not on Friday", "en", Kind.SPEECH),
        ("half past eight", "en", Kind.SPEECH),
        ("you are closed", "en", Kind.SPEECH),
        ("me", "en", Kind.SPEECH),
        ("Got it, got it, g", "en", Kind.BACKCHANNEL),
        ("Wait, wait, wa", "en", Kind.STOP),
        ("un balé", "es", Kind.SPEECH),
        ("Vález.", "es", Kind.BACKCHANNEL),
        ("T, C.", "es", Kind.BACKCHANNEL),
        ("Acha, vale", "es", Kind.BACKCHANNEL),
        ("Esperemos", "es", Kind.STOP),
        ("Paré", "es", Kind.STOP),
        ("en", "es", Kind.OPENING),
        ("muy", "es", Kind.OPENING),
        ("caballo", "es", Kind.SPEECH),
        ("Y sí.", "es", Kind.BACKCHANNEL),
        ("y eso", "es", Kind.SPEECH),
        ("en tiendas", "es", Kind.OPENING),
        ("comprensible", "es", Kind.OPENING),
        ("con", "es", Kind.OPENING),
        ("¿Dónde está?", "es", Kind.STOP),
        ("Tengo que irme", "es", Kind.STOP),
    ],
)
def test_an_utterance_over_the_engine_has_a_kind(text: str, language: str, kind: Kind) -> None:
    assert classify(text, language, 450.0) is kind


def test_more_words_than_fit_into_the_time_were_made_up() -> None:
    assert classify("thanks for watching this video", "en", 120.0) is Kind.NOTHING
    assert classify("thanks for watching this video", "en", 1200.0) is Kind.SPEECH


def test_a_word_that_coughs_are_taken_for_counts_when_it_is_longer_than_a_cough() -> None:
    assert classify("Adiós", "es", 700.0) is Kind.SPEECH


@pytest.mark.parametrize("text", ["me", "he", "him", "uh-uh no", "no", "ham and eggs", "wait"])
def test_these_are_no_backchannels(text: str) -> None:
    assert not is_backchannel(text, "en")


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Yes, that's right.", "en", True),
        ("No thank you", "en", True),
        ("yes at eight", "en", False),
        ("", "en", False),
        ("Sí, señor.", "es", True),
        ("no, gracias", "es", True),
        ("sí, pero a las nueve", "es", False),
    ],
)
def test_a_bare_yes_or_no_is_known(text: str, language: str, expected: bool) -> None:
    assert is_yes_or_no(text, language) is expected


@pytest.mark.parametrize(
    ("one", "other"),
    [("vale", "bale"), ("claro", "klaro"), ("ya", "lla"), ("acento", "asento"), ("gente", "jente")],
)
def test_spanish_words_that_are_said_alike_sound_alike(one: str, other: str) -> None:
    assert spanish_sound(one) == spanish_sound(other)


@pytest.mark.parametrize(("one", "other"), [("pero", "perro"), ("vale", "valía"), ("chico", "cico")])
def test_others_do_not(one: str, other: str) -> None:
    assert spanish_sound(one) != spanish_sound(other)


def test_words_last_as_long_as_they_are_said_slowly_and_hums_at_will() -> None:
    assert slowest_ms("Ok.") < slowest_ms("de acuerdo") < 1000
    assert slowest_ms("mmm") == float("inf")
