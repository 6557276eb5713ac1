"""One process's database: SQLite in WAL mode from a file, or PostgreSQL by URL, behind the same two verbs.

SQLite: a writing unit begins IMMEDIATE, so that two writers queue (busy timeout 5 s) and neither fails half-way
when it turns from reading to writing. Writers of one process wait in line for their turn before they ask for it:
SQLite itself lets them poll, and under load the unlucky ones never get in. PostgreSQL: READ COMMITTED; rows are
locked where it matters.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.store import uow as unit
from voice_engine.store.uow import UnitOfWork

BUSY_TIMEOUT_MS = 5_000
"""How long a writer waits for another on SQLite (docs/adr: store)."""

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}

_log = structlog.get_logger(__name__)


class _Session(Session):
    """The class whose sessions `uow.guard` holds to their tenant."""


unit.guard(_Session)


class Store:
    """The database of one process. Close it with `aclose`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.announce: Callable[[str], None] | None = None
        """Told of every topic that a committed unit wakes: a bus's `publish`, set once there is one."""
        self._turn = asyncio.Lock() if engine.dialect.name == "sqlite" else None

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @property
    def url(self) -> URL:
        """Where it is; its password is masked when printed."""
        return self.engine.url

    @asynccontextmanager
    async def begin(self, organization_id: str) -> AsyncIterator[UnitOfWork]:
        """A unit of work of one organization that may write; commits when left, rolls back on an error.

        Raises:
            UpstreamFailed: `database_busy` (retryable), `database_unavailable`.
            InvalidInput: `validation_error`, of a text with a NUL, which PostgreSQL does not take.
        """
        async with self._open(organization_id, writes=True) as work:
            yield work

    @asynccontextmanager
    async def read(self, organization_id: str) -> AsyncIterator[UnitOfWork]:
        """A consistent view of one organization's rows; what is written in it is not kept."""
        async with self._open(organization_id, writes=False) as work:
            yield work

    @asynccontextmanager
    async def system(self, reason: str, *, writes: bool = True) -> AsyncIterator[UnitOfWork]:
        """A unit that sees every organization: for the operator, jobs and webhooks, before the tenant is known.

        `reason` says in constant words why no tenant applies; it stands in the debug log.
        """
        _log.debug("store.system_unit", reason=reason)
        async with self._open(None, writes=writes) as work:
            yield work

    @asynccontextmanager
    async def _open(self, organization_id: str | None, *, writes: bool) -> AsyncIterator[UnitOfWork]:
        info: dict[str, Any] = {} if organization_id is None else {unit.TENANT: organization_id}
        session = AsyncSession(self.engine, sync_session_class=_Session, expire_on_commit=False, info=info)
        work = UnitOfWork(session, organization_id=organization_id, announce=self.announce)
        try:
            async with self._writing() if writes else contextlib.nullcontext(), session:
                await session.connection(execution_options={"voice_engine_writes": writes})
                yield work
                if writes:
                    await session.commit()
                else:
                    session.expunge_all()  # a rollback would expire what the caller takes along
                    await session.rollback()
        except (OperationalError, InterfaceError) as error:
            raise _unavailable(error) from error
        except DataError as error:
            if "NUL (0x00)" in str(error.orig):  # the driver's words; what comes in by no schema may have one
                raise InvalidInput("validation_error", "a text has a sign that cannot be kept (NUL)") from error
            raise
        except PoolTimeoutError as error:
            raise UpstreamFailed(
                "database_busy", "the database is busy; try again", provider="database", retryable=True
            ) from error
        if writes:
            work.committed()

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[None]:
        """This process's turn to write, in the order in which it was asked for. Raises UpstreamFailed."""
        if self._turn is None:
            yield
            return
        if self._turn.locked():
            try:
                async with asyncio.timeout(BUSY_TIMEOUT_MS / 1000):
                    await self._turn.acquire()
            except TimeoutError as error:
                raise _busy() from error
        else:
            await self._turn.acquire()
        try:
            yield
        finally:
            self._turn.release()

    async def ping(self) -> None:
        """Raise UpstreamFailed when the database does not answer."""
        async with self.system("health", writes=False) as work:
            await work.session.execute(sa.text("SELECT 1"))

    async def aclose(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def open_store(url: str, *, pool_size: int = 10) -> Store:
    """The database at `url`: `sqlite:///path/file.db` or `postgresql://user:password@host/name`.

    Nothing is read or written yet. A SQLite file is made readable by its owner only.

    Raises:
        InvalidInput: `database_url_invalid`.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return Store(_sqlite(parsed))
    # What statements are given is of callers and customers: it stands in no error's text, and so in no log.
    return Store(
        create_async_engine(
            parsed, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True, hide_parameters=True
        )
    )


def parse_url(url: str) -> URL:
    """The URL with our driver. Raises InvalidInput `database_url_invalid`."""
    try:
        parsed = make_url(url)
        driver = DRIVERS[parsed.get_backend_name()]
    except (ArgumentError, KeyError) as error:
        raise InvalidInput(
            "database_url_invalid",
            "the database URL must start with sqlite:/// or postgresql:// (VOICE_ENGINE_DATABASE_URL)",
        ) from error
    return parsed.set(drivername=driver)


def make_private(url: URL) -> None:
    """Have a SQLite file be its owner's alone from its first byte on; its log takes the mode over."""
    if url.database and url.database != ":memory:":
        path = Path(url.database)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _sqlite(url: URL) -> AsyncEngine:
    make_private(url)
    engine = create_async_engine(url, pool_size=5, max_overflow=10, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", prepare_sqlite)
    event.listen(engine.sync_engine, "begin", begin_sqlite)
    return engine


def prepare_sqlite(connection: Any, _record: object) -> None:  # the driver's adapted connection
    """SQLAlchemy's `connect` listener: write-ahead log, foreign keys, patience with another writer."""
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-8192",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin_sqlite(connection: sa.Connection) -> None:
    """SQLAlchemy's `begin` listener: whoever may write takes the lock at once."""
    writes = connection.get_execution_options().get("voice_engine_writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _busy() -> UpstreamFailed:
    return UpstreamFailed("database_busy", "the database is busy; try again", provider="database", retryable=True)


def _unavailable(error: DBAPIError) -> UpstreamFailed:
    if "locked" in str(error.orig):
        return _busy()
    _log.error("store.unavailable", reason=str(error.orig).splitlines()[0][:200] if str(error.orig) else "unknown")
    return UpstreamFailed(
        "database_unavailable", "the database cannot be used now", provider="database", retryable=True
    )
