"""RFC 7636, S256 only."""

import pytest

from voice_engine.domains.identity.pkce import challenge_of, is_challenge, proves

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_rfcs_own_example() -> None:
    """RFC 7636, appendix B."""
    assert challenge_of(VERIFIER) == CHALLENGE
    assert proves(VERIFIER, CHALLENGE)


@pytest.mark.parametrize(
    ("verifier", "challenge"),
    [
        (None, CHALLENGE),
        (VERIFIER, None),
        ("", CHALLENGE),
        (VERIFIER[:-1], CHALLENGE),
        (CHALLENGE, CHALLENGE),
        (VERIFIER[:42], challenge_of(VERIFIER[:42])),
        ("v" * 129, challenge_of("v" * 129)),
        ("ñ" * 43, CHALLENGE),
    ],
)
def test_what_does_not_prove(verifier: str | None, challenge: str | None) -> None:
    assert not proves(verifier, challenge)


def test_without_either_nothing_has_to_be_proven() -> None:
    assert proves(None, None)


@pytest.mark.parametrize("text", ["", "short", CHALLENGE + "=", CHALLENGE[:-1] + "+", CHALLENGE + "\n"])
def test_what_is_no_challenge(text: str) -> None:
    assert is_challenge(CHALLENGE)
    assert not is_challenge(text)
