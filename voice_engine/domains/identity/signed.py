"""Signed tokens, ours and other issuers': one reading, RS256 only, whose failures are of one kind.

The key decides the algorithm, not the token: `none`, and HS256 with a public key as its secret, fail here.
"""

import binascii
import json
from base64 import urlsafe_b64decode
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

ALGORITHM = "RS256"
MOST_CHARACTERS = 16_384
"""Longer tokens are not parsed."""


class Unverified(Exception):  # a state of a token, caught by its two readers
    """The token is malformed, or not signed by this key."""


def key_id(token: str) -> str | None:
    """The `kid` of the token's header, unverified: it only chooses the key. None when it has none.

    Raises:
        Unverified: it is no signed token, or not an RS256 one.
    """
    parts = token.split(".")
    if len(token) > MOST_CHARACTERS or len(parts) != 3 or not token.isascii():
        raise Unverified("not a compact signed token")
    try:
        header = json.loads(urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise Unverified("unreadable header") from error
    if not isinstance(header, dict) or header.get("alg") != ALGORITHM:
        raise Unverified("another algorithm")
    kid = header.get("kid")
    return kid if isinstance(kid, str) else None


def verified_claims(token: str, key: RSAKey, *, kind: str | None = None) -> dict[str, Any]:
    """The claims, once the signature holds; times and addressees are the caller's to check.

    `kind` demands a header `typ`, so that one sort of token does not pass for another.

    Raises:
        Unverified: whatever is wrong.
    """
    try:
        read = jwt.decode(token, key, algorithms=[ALGORITHM])
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise Unverified(type(error).__name__) from error
    if kind is not None and read.header.get("typ") != kind:
        raise Unverified("another kind of token")
    return dict(read.claims)


def sign(claims: dict[str, Any], key: RSAKey, *, kind: str) -> str:
    """A signed token of these claims."""
    return jwt.encode({"alg": ALGORITHM, "typ": kind, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])
