"""What commands on the database share: settings, schema, store and identity, opened for one piece of work."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from voice_engine.bootstrap.identity import open_identity
from voice_engine.cli.calls import read_settings
from voice_engine.domains.identity.service import Identity
from voice_engine.domains.models import METADATA
from voice_engine.store import migrate
from voice_engine.store.engine import Store, open_store

T = TypeVar("T")

LOCAL_URL = "http://127.0.0.1:8000"
"""Where `serve` listens when nothing else is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """An open database."""

    store: Store
    identity: Identity

    def now(self) -> dt.datetime:
        """The time."""
        return self.identity.now()


def at_installation(work: Callable[[Installation], Awaitable[T]]) -> T:
    """Bring the database up to date, open it, do `work`, close it. Raises what it raises, InvalidInput first."""
    settings = read_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    migrate.upgrade(settings.store_url, METADATA)

    async def main() -> T:
        store = open_store(settings.store_url)
        try:
            identity = open_identity(settings, store, public_url=settings.public_url or LOCAL_URL)
            return await work(Installation(store=store, identity=identity))
        finally:
            await store.aclose()

    return asyncio.run(main())
