"""Tokens that were good a moment ago."""

import datetime as dt

from tests.fakes.accounts import NOW
from voice_engine.domains.identity.caller import Caller
from voice_engine.domains.identity.verified import MOST, VerifiedTokens

LAG = dt.timedelta(seconds=2)


def _caller(token_id: str) -> Caller:
    return Caller(
        user_id="u", organization_id="o", scopes=frozenset(), client_id="c", token_id=token_id, expires_at=None
    )


def test_what_was_read_before_a_revocation_is_not_kept_after_it() -> None:
    """The row was read, the revocation committed, and only then the answer came."""
    verified = VerifiedTokens(LAG, now=lambda: NOW)
    changes = verified.changes
    verified.forget("t")
    verified.keep("hash", _caller("t"), read_at=NOW, changes=changes)

    assert verified.find("hash") is None


def test_a_clock_that_was_put_back_makes_nothing_live_longer() -> None:
    times = [NOW, NOW - dt.timedelta(hours=1)]
    verified = VerifiedTokens(LAG, now=lambda: times[-1])
    verified.keep("hash", _caller("t"), read_at=NOW, changes=0)

    assert verified.find("hash") is None


def test_memory_is_bounded_and_keeps_the_newest() -> None:
    verified = VerifiedTokens(LAG, now=lambda: NOW)
    for number in range(MOST + 1):
        verified.keep(str(number), _caller(str(number)), read_at=NOW, changes=0)

    assert verified.find("0") is None
    assert verified.find(str(MOST)) is not None
