"""What commands on the database share: settings, schema, store and identity, opened for one piece of work."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from voice_engine.bootstrap.identity import open_identity
from voice_engine.cli.calls import read_settings
from voice_engine.cli.serving.place import reached_url
from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import User
from voice_engine.domains.identity.service import Identity
from voice_engine.domains.models import METADATA
from voice_engine.errors import InvalidInput, NotFound
from voice_engine.store import migrate
from voice_engine.store.engine import Store, open_store
from voice_engine.store.uow import UnitOfWork

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """An open database."""

    store: Store
    identity: Identity

    def now(self) -> dt.datetime:
        """The time."""
        return self.identity.now()


async def the_user(unit: UnitOfWork, email: str = "", *, also_disabled: bool = False) -> User:
    """Whom a command is about: the account of this address, or the only one there is.

    Raises:
        NotFound: `user_not_found`. InvalidInput: `user_unclear`.
    """
    users = [user for user in await accounts.list_all(unit) if also_disabled or user.disabled_at is None]
    if email:
        users = [user for user in users if user.email == accounts.fold_email(email)]
    if not users:
        raise NotFound("user_not_found", "there is no such account; make one: voice-engine user add EMAIL")
    if len(users) > 1:
        raise InvalidInput("user_unclear", "there are several accounts: say whose, with --user EMAIL")
    return users[0]


def at_installation(work: Callable[[Installation], Awaitable[T]]) -> T:
    """Bring the database up to date, open it, do `work`, close it. Raises what it raises, InvalidInput first."""
    settings = read_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    migrate.upgrade(settings.store_url, METADATA)

    async def main() -> T:
        store = open_store(settings.store_url)
        try:
            identity = open_identity(settings, store, public_url=reached_url(settings))
            return await work(Installation(store=store, identity=identity))
        finally:
            await store.aclose()

    return asyncio.run(main())
