"""Browsers' access tokens: the vendor's format, and whose they are."""

import time
from dataclasses import replace
from typing import Any

import jwt
import pytest

from voice_engine.telephony.twilio.tokens import VALID_S, BrowserTokens, TokenSettings

SETTINGS = TokenSettings(
    account_sid=f"AC{'1' * 32}", key_sid=f"SK{'2' * 32}", secret="s" * 32, application_sid=f"AP{'3' * 32}"
)
IDENTITY = "org_o1:user_u1"


def test_a_token_has_the_vendors_header_issuer_grant_and_hour() -> None:
    token = BrowserTokens(SETTINGS).mint(IDENTITY)
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, SETTINGS.secret, algorithms=["HS256"])
    assert (header["alg"], header["cty"], header["typ"]) == ("HS256", "twilio-fpa;v=1", "JWT")
    assert (claims["iss"], claims["sub"]) == (SETTINGS.key_sid, SETTINGS.account_sid)
    assert claims["grants"]["identity"] == IDENTITY
    assert claims["grants"]["voice"]["outgoing"] == {"application_sid": SETTINGS.application_sid}
    assert claims["exp"] - time.time() == pytest.approx(VALID_S, abs=5)


def test_a_token_is_read_by_whoever_made_it() -> None:
    tokens = BrowserTokens(replace(SETTINGS, application_sid=None))
    assert tokens.verify(tokens.mint(IDENTITY)) == IDENTITY


@pytest.mark.parametrize(
    ("changes", "secret", "algorithm"),
    [
        ({}, "another secret of thirty-two chars", "HS256"),
        ({"exp": 1}, SETTINGS.secret, "HS256"),
        ({"iss": "SKother"}, SETTINGS.secret, "HS256"),
        ({"grants": {"identity": IDENTITY}}, SETTINGS.secret, "HS256"),
        ({"grants": {"voice": {}}}, SETTINGS.secret, "HS256"),
        ({"grants": "voice"}, SETTINGS.secret, "HS256"),
        ({}, "", "none"),
    ],
)
def test_forged_old_and_foreign_tokens_are_nobodys(changes: dict[str, Any], secret: str, algorithm: str) -> None:
    good = BrowserTokens(SETTINGS).mint(IDENTITY)
    claims = {**jwt.decode(good, SETTINGS.secret, algorithms=["HS256"]), **changes}
    forged = jwt.encode(claims, secret, algorithm=algorithm, headers={"cty": "twilio-fpa;v=1"})
    assert BrowserTokens(SETTINGS).verify(forged) is None


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "é", "\0"])
def test_what_is_no_token_is_nobodys(text: str) -> None:
    assert BrowserTokens(SETTINGS).verify(text) is None
