"""Opaque tokens: 256 random bits behind a prefix that says what they are; only their hash is stored.

SHA-256 is enough for such a hash: nobody searches 2^256 values. Prefixes let secret scanners find leaks.
"""

import hashlib
import secrets

REFRESH = "ver_"
API = "ve_"
CODE = "vec_"
SESSION = "ves_"
LINK = "vel_"
CSRF = "vef_"

RANDOM_BYTES = 32


def new_token(prefix: str) -> str:
    """A fresh token."""
    return prefix + secrets.token_urlsafe(RANDOM_BYTES)


def hash_token(token: str) -> str:
    """What is stored of it: SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
