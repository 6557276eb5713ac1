"""The migrations make what the models say, on both databases, once, whoever starts first."""

import asyncio
import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.fakes.database import PostgresTemplates, Templates
from voice_engine.domains.models import METADATA
from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.store import migrate
from voice_engine.store.engine import parse_url


@pytest.fixture
def empty_url(templates: Templates, tmp_path: Path) -> str:
    """A database without tables."""
    return templates.empty_url() if isinstance(templates, PostgresTemplates) else f"sqlite:///{tmp_path}/empty.db"


def test_the_migrations_make_what_the_models_say(empty_url: str) -> None:
    """A column that was added to a model and to no migration is found here."""
    migrate.upgrade(empty_url, METADATA)

    assert migrate.differences(empty_url, METADATA) == []
    assert migrate.state_of(empty_url).up_to_date


def test_a_second_upgrade_changes_nothing(empty_url: str) -> None:
    """Every start runs it."""
    first = migrate.upgrade(empty_url, METADATA)

    second = migrate.upgrade(empty_url, METADATA)

    assert (first.current, second.current) == (None, migrate.head())


async def test_processes_that_start_together_migrate_once(empty_url: str) -> None:
    """`serve` and its worker begin at the same moment."""
    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(asyncio.to_thread(migrate.upgrade, empty_url, METADATA))

    assert migrate.differences(empty_url, METADATA) == []


def test_a_new_file_is_opened_by_many_at_once(tmp_path: Path) -> None:
    """SQLite waits for nobody while a file becomes write-ahead: one file of 12 had an opening refused."""
    for number in range(50):
        path = tmp_path / f"{number}.db"
        path.touch()
        together = threading.Barrier(6)
        with ThreadPoolExecutor(6) as threads:
            starts = [threads.submit(open_a_file, path, together) for _ in range(6)]

        assert [start.result() for start in starts] == ["wal"] * 6


def open_a_file(path: Path, together: threading.Barrier) -> str:
    """What a process does with its database first; the journal's mode."""
    together.wait()
    migrate.write_ahead(str(path))
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA journal_mode").fetchone()[0])


def test_a_database_of_a_later_version_is_refused(empty_url: str) -> None:
    """An old program must not write into it."""
    migrate.upgrade(empty_url, METADATA)
    url = parse_url(empty_url)
    engine = sa.create_engine(url if url.get_backend_name() == "postgresql" else url.set(drivername="sqlite"))
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()

    with pytest.raises(InvalidInput) as refusal:
        migrate.upgrade(empty_url, METADATA)

    assert refusal.value.code == "database_newer"


def test_a_database_that_is_not_there_is_said_without_its_password() -> None:
    """The line goes to a terminal."""
    with pytest.raises(UpstreamFailed) as failure:
        migrate.upgrade("postgresql://ada:hunter2@127.0.0.1:1/none", METADATA)

    assert failure.value.code == "database_unavailable"
    assert "hunter2" not in failure.value.message


def test_a_new_sqlite_file_is_its_owners_alone(tmp_path: Path) -> None:
    """With its log: the mode is the file's own from the first byte on, whatever the umask."""
    file = tmp_path / "new.db"

    migrate.upgrade(f"sqlite:///{file}", METADATA)

    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
