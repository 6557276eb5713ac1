"""Which bus an installation has follows from its database: PostgreSQL's own, or sockets beside the SQLite file."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from voice_engine.bus.postgres import PostgresBus
from voice_engine.bus.unix import open_unix_bus
from voice_engine.ports.bus import Bus


@asynccontextmanager
async def open_bus(database_url: str, data_dir: Path) -> AsyncIterator[Bus]:
    """Join the installation's bus until the context is left.

    Raises:
        InvalidInput: `bus_directory_unsafe`.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        with open_unix_bus(data_dir) as unix:
            yield unix
        return
    bus = PostgresBus(url.set(drivername="postgresql").render_as_string(hide_password=False))
    failure: BaseException | None = None
    async with asyncio.TaskGroup() as group:
        running = group.create_task(bus.run())
        try:
            yield bus
        except BaseException as error:  # noqa: BLE001  # raised again below, as itself and not in a group
            failure = error
        finally:
            running.cancel()
    if failure is not None:
        raise failure
