"""argon2id off the loop, and no way to tell an unknown account from a wrong password."""

import pytest

from tests.fakes.identity import CHEAP
from voice_engine.domains.identity.passwords import Passwords, check_password
from voice_engine.domains.identity.settings import PasswordCost
from voice_engine.errors import InvalidInput


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(CHEAP)


async def test_a_password_verifies_against_its_hash_only(passwords: Passwords) -> None:
    stored = await passwords.hash("a fine password")

    assert stored.startswith("$argon2id$")
    assert await passwords.verify("a fine password", stored)
    assert not await passwords.verify("a fine passworD", stored)
    assert await passwords.hash("a fine password") != stored


async def test_nobodys_password_costs_a_hash_and_fails(passwords: Passwords) -> None:
    """Were it answered at once, the time would tell which addresses have accounts."""
    hashed: list[str] = []
    check = passwords._check
    passwords._check = lambda password, stored: hashed.append(stored) or check(password, stored)  # type: ignore[method-assign, func-returns-value]  # counts

    assert not await passwords.verify("nobody's password", None)
    assert len(hashed) == 1


@pytest.mark.parametrize("stored", ["", "plain", "$2b$12$abcdefghijklmno", "$argon2id$v=19$m=64,t=1,p=1$x$y"])
async def test_a_damaged_hash_lets_nobody_in(passwords: Passwords, stored: str) -> None:
    assert not await passwords.verify("a fine password", stored)


async def test_an_endless_password_is_not_hashed(passwords: Passwords) -> None:
    assert not await passwords.verify("p" * 257, await passwords.hash("p" * 257))


async def test_the_standard_cost_is_the_rfcs() -> None:
    """RFC 9106, 4: 64 MiB, three passes, four lanes."""
    assert "$m=65536,t=3,p=4$" in await Passwords(PasswordCost()).hash("a fine password")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("1234567", "password_too_short"),
        ("p" * 257, "password_too_long"),
        ("PASSWORD", "password_too_common"),
        ("Ada@Example.com", "password_too_common"),
    ],
)
def test_passwords_that_are_refused(password: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_password(password, email="ada@example.com")

    assert refused.value.code == code


@pytest.mark.parametrize("password", ["12345679", "ñandú 🦤 contraseña", "p" * 256, "        "])
def test_passwords_that_are_taken(password: str) -> None:
    assert check_password(password, email="ada@example.com") == password
