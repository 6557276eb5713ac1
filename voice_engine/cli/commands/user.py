"""`voice-engine user`: the accounts of this installation, straight in its database, for whoever has the machine."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from voice_engine.bootstrap.identity import link_url
from voice_engine.cli.console import EXIT_OK, emit_json, out
from voice_engine.cli.installation import Installation, at_installation
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import User
from voice_engine.domains.accounts.service import NewAccount
from voice_engine.errors import InvalidInput, NotFound

OPERATOR = "operator"
"""The actor of these deeds in the audit."""

ReadPassword = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class UserOptions:
    """What the commands take. `consent`: the person agreed that calls are made for them."""

    email: str = ""
    name: str = ""
    timezone: str = "UTC"
    country: str = "US"
    locale: str = "en"
    operator: bool = False
    consent: bool = False
    enable: bool = False
    as_json: bool = False


def add(options: UserOptions, read_password: ReadPassword) -> int:
    """Make an account. Without a password (an empty line) it is entered by a link or another issuer."""
    email = accounts.fold_email(options.email)
    password = read_password("Password (empty: none, sign in by link): ")

    async def work(here: Installation) -> User:
        hashed = await here.identity.sign_in.hash_password(password, email=email) if password else None
        account = NewAccount(
            email=email,
            name=options.name,
            password_hash=hashed,
            locale=options.locale,
            timezone=options.timezone,
            country=options.country.upper(),
            is_operator=options.operator,
            consented=options.consent,
            email_verified=True,
        )
        async with here.store.system("the operator's command") as unit:
            return await accounts.create(unit, account, now=here.now(), actor=OPERATOR)

    user = at_installation(work)
    if options.as_json:
        emit_json(_facts(user))
    else:
        out().print(f"Made {user.email} ({user.id}).", markup=False)
        if not options.consent:
            out().print("They agree to calls on their behalf in the web app, before the first one.")
    return EXIT_OK


def list_users(options: UserOptions) -> int:
    """Every account, oldest first."""

    async def work(here: Installation) -> list[dict[str, Any]]:
        async with here.store.system("the operator's command", writes=False) as unit:
            return [_facts(user) for user in await accounts.list_all(unit)]

    users = at_installation(work)
    if options.as_json:
        emit_json({"users": users})
    elif not users:
        out().print("There is no account yet: voice-engine serve prints a link that makes the first one.")
    for user in users if not options.as_json else ():
        marks = [mark for mark in ("operator", "disabled") if user[mark]]
        out().print("  ".join([user["email"], user["name"], *marks]).rstrip(), markup=False, soft_wrap=True)
    return EXIT_OK


def password(options: UserOptions, read_password: ReadPassword) -> int:
    """Give an account another password; everybody who is signed in with it is out."""
    chosen = read_password("New password: ")

    async def work(here: Installation) -> None:
        user = await _find(here, options.email)
        hashed = await here.identity.sign_in.hash_password(chosen, email=user.email)
        async with here.store.system("the operator's command") as unit:
            await accounts.set_password(unit, user.id, hashed, now=here.now(), actor=OPERATOR)
            await here.identity.endings.end_logins(unit, user.id, reason="password_changed")

    at_installation(work)
    return _done(options, "The password is changed; every browser and app has to sign in again.")


def disable(options: UserOptions) -> int:
    """Close an account, or reopen it. Closing ends its sessions and tokens at once; its data stays."""

    async def work(here: Installation) -> None:
        user = await _find(here, options.email)
        async with here.store.system("the operator's command") as unit:
            await accounts.set_disabled(unit, user.id, disabled=not options.enable, now=here.now(), actor=OPERATOR)
            if not options.enable:
                await here.identity.endings.end_everything(unit, user.id, reason="disabled")

    at_installation(work)
    return _done(options, "The account is open." if options.enable else "The account is closed.")


def link(options: UserOptions) -> int:
    """Print a link that signs the user in once, within 15 minutes."""

    async def work(here: Installation) -> str:
        user = await _find(here, options.email)
        return link_url(here.identity, await here.identity.sign_in.link_for(user.id))

    url = at_installation(work)
    if options.as_json:
        emit_json({"url": url})
    else:
        out().print(url, markup=False, soft_wrap=True)
    return EXIT_OK


def ask_password(prompt: str) -> str:
    """A password from the terminal, unseen; from standard input's first line when that is no terminal."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    from getpass import getpass

    chosen = getpass(prompt)
    if chosen and getpass("Again: ") != chosen:
        raise InvalidInput("passwords_differ", "the two passwords are not the same")
    return chosen


async def _find(here: Installation, email: str) -> User:
    async with here.store.system("the operator's command", writes=False) as unit:
        user = await accounts.find_by_email(unit, email)
        if user is None:
            raise NotFound("user_not_found", f"there is no account with the address {email}")
        unit.session.expunge(user)
        return user


def _facts(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "operator": user.is_operator,
        "consented": user.consented_at is not None,
        "disabled": user.disabled_at is not None,
        "created_at": user.created_at.isoformat(),
    }


def _done(options: UserOptions, words: str) -> int:
    if options.as_json:
        emit_json({"done": True})
    else:
        out().print(words)
    return EXIT_OK
