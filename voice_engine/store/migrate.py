"""Bring a database to the schema of this program, or write the step that would.

Runs alembic on a connection of its own, in the calling thread: at start, before anything serves.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.store.engine import BUSY_TIMEOUT_MS, begin_sqlite, make_private, parse_url, prepare_sqlite
from voice_engine.store.rows import is_described

LOCK = 5_306_122
"""PostgreSQL's advisory lock of our migrations: of several processes that start together one does the work."""

ASK_AGAIN_S = 0.01
_NEVER = threading.Event()
"""Never set: waiting on it is a pause of this thread, which has no event loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaState:
    """Where a database stands. `current` None: it is empty."""

    current: str | None
    head: str

    @property
    def up_to_date(self) -> bool:
        """Whether nothing is to be done."""
        return self.current == self.head


def upgrade(url: str, metadata: sa.MetaData) -> SchemaState:
    """Run what is missing; safe to repeat and to run twice at once. Returns where the database stood before.

    Raises:
        InvalidInput: `database_url_invalid`, `database_newer`: a later version of the program wrote it.
        UpstreamFailed: `database_unavailable`.
    """
    with _connected(url) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        state = _state(connection)
        _refuse_newer(state)
        if not state.up_to_date:
            command.upgrade(_config(connection, metadata), "head")
        return state


def state_of(url: str) -> SchemaState:
    """Where the database stands. Raises as `upgrade`."""
    with _connected(url) as connection:
        return _state(connection)


def differences(url: str, metadata: sa.MetaData) -> list[Any]:
    """What the models say that the migrated database does not; empty when they agree."""
    with _connected(url) as connection:
        options = {"include_name": is_described(metadata)}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def write_revision(url: str, metadata: sa.MetaData, message: str, *, revision_id: str) -> str:
    """Write the step from this database to the models; the path of the new file."""
    with _connected(url) as connection:
        script = command.revision(
            _config(connection, metadata), message=message, autogenerate=True, rev_id=revision_id
        )
        assert script is not None
        assert not isinstance(script, list)
        return script.path


@contextmanager
def _connected(url: str) -> Iterator[sa.Connection]:
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        make_private(parsed)
        write_ahead(str(parsed.database))
        parsed = parsed.set(drivername="sqlite")
    engine = sa.create_engine(parsed, poolclass=NullPool, hide_parameters=True)
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", prepare_sqlite)
        event.listen(engine, "begin", begin_sqlite)
    try:
        with engine.begin() as connection:
            yield connection
    except (OperationalError, DBAPIError) as error:
        raise _unavailable(parsed.render_as_string(hide_password=True), _first_line(error)) from error
    finally:
        engine.dispose()


def write_ahead(path: str) -> None:
    """Turn a SQLite file's write-ahead log on: once in its life, and SQLite does not wait for its turn there.

    Of processes that open a new file together, those that find it locked at this step get SQLITE_BUSY at once
    whatever the busy timeout says (https://sqlite.org/c3ref/busy_handler.html: the handler may not be called
    where waiting could deadlock), so we ask again until the timeout.

    Raises:
        UpstreamFailed: `database_unavailable`.
    """
    give_up_at = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise _unavailable(path, str(error)) from error
            _NEVER.wait(ASK_AGAIN_S)


def _unavailable(where: str, reason: str) -> UpstreamFailed:
    return UpstreamFailed(
        "database_unavailable",
        f"cannot use the database at {where}: {reason}",
        provider="database",
        retryable=True,
    )


def _first_line(error: DBAPIError) -> str:
    return (str(error.orig).strip().splitlines() or ["no reason given"])[0]


def _config(connection: sa.Connection, metadata: sa.MetaData) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("voice_engine.store") / "migrations"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes.update(connection=connection, metadata=metadata)
    return config


def head() -> str | None:
    """The newest step; None before the first was written."""
    return ScriptDirectory(str(files("voice_engine.store") / "migrations")).get_current_head()


def _state(connection: sa.Connection) -> SchemaState:
    newest = head()
    assert newest is not None, "there is a first migration"
    return SchemaState(current=MigrationContext.configure(connection).get_current_revision(), head=newest)


def _refuse_newer(state: SchemaState) -> None:
    if state.current is not None and state.current > state.head:
        raise InvalidInput(
            "database_newer",
            f"the database is at step {state.current}, this program knows {state.head}: install the newer version",
        )
