"""Passwords: argon2id, off the event loop, at most two at once: a flood of sign-ins holds nothing else up."""

import asyncio

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError
from pwdlib.hashers.argon2 import Argon2Hasher

from voice_engine.domains.identity.settings import PasswordCost
from voice_engine.errors import InvalidInput

LEAST_CHARACTERS = 8
"""NIST SP 800-63B, 5.1.1.2."""
MOST_CHARACTERS = 256
"""Far beyond any passphrase; more only costs time."""
AT_ONCE = 2
"""Hashes computed at once: each takes 64 MiB and about 0.2 s of processor time."""

_COMMON = frozenset(
    "password passw0rd password1 12345678 123456789 1234567890 qwertyui qwerty123 qwertyuiop iloveyou 11111111 "  # noqa: SIM905  # words read better than 26 lines
    "00000000 87654321 abcd1234 1q2w3e4r 1qaz2wsx letmein1 sunshine princess football baseball superman trustno1 "
    "contraseña contrasena voiceengine voice-engine changeme".split()
)
"""What is tried first. No word list: guesses are slowed down by the rate limit."""


def check_password(password: str, *, email: str) -> str:
    """The password, when a new account may have it.

    Raises:
        InvalidInput: `password_too_short`, `password_too_long`, `password_too_common`.
    """
    if len(password) < LEAST_CHARACTERS:
        raise InvalidInput("password_too_short", f"choose a password of {LEAST_CHARACTERS} characters or more")
    if len(password) > MOST_CHARACTERS:
        raise InvalidInput("password_too_long", f"choose a password of at most {MOST_CHARACTERS} characters")
    folded = password.casefold()
    if folded in _COMMON or folded in {email.casefold(), email.partition("@")[0].casefold()}:
        raise InvalidInput("password_too_common", "this password is among the first to be guessed; choose another")
    return password


class Passwords:
    """Hashes and verifies passwords."""

    def __init__(self, cost: PasswordCost) -> None:
        self._hasher = PasswordHash(
            (Argon2Hasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes),)
        )
        self._room = asyncio.Semaphore(AT_ONCE)
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """The password's hash, in argon2's own text form."""
        async with self._room:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether the password is the stored one. For no stored one it takes as long and says no."""
        if len(password) > MOST_CHARACTERS:
            return False
        async with self._room:
            if stored is None:
                if self._nobodys is None:
                    self._nobodys = await asyncio.to_thread(self._hasher.hash, "nobody's password")
                await asyncio.to_thread(self._check, password, self._nobodys)
                return False
            return await asyncio.to_thread(self._check, password, stored)

    def _check(self, password: str, stored: str) -> bool:
        try:
            return self._hasher.verify(password, stored)
        except PwdlibError:  # a hash of another scheme, or damaged: no password fits it
            return False
