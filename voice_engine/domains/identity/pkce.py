"""Proof key for code exchange (RFC 7636), S256 only: `plain` proves nothing to whoever reads the redirect."""

import base64
import hashlib
import hmac
import re

METHOD = "S256"

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
"""SHA-256 in base64url without padding."""
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
"""RFC 7636, 4.1."""


def is_challenge(text: str) -> bool:
    """Whether `text` can be an S256 challenge."""
    return _CHALLENGE.fullmatch(text) is not None


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode()


def proves(verifier: str | None, challenge: str | None) -> bool:
    """Whether the token request belongs to the authorize request: both without proof, or both with matching ones.

    A verifier without a challenge is refused: the challenge was stripped on the way (OAuth 2.1, 4.1.3).
    """
    if challenge is None or verifier is None:
        return challenge is None and verifier is None
    if not _VERIFIER.fullmatch(verifier):
        return False
    return hmac.compare_digest(challenge_of(verifier), challenge)
