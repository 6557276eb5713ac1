"""A database of before the index: its calls get their kind at once, and a job that indexes them."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from tests.fakes.database import PostgresTemplates, Templates
from voice_engine.domains.models import METADATA
from voice_engine.store import migrate
from voice_engine.store.rows import new_id

BEFORE = "0003"

ORGANIZATION = """INSERT INTO organizations (id, kind, name, timezone, country, locale, status, created_at)
VALUES (:id, 'PERSONAL', 'Ada', 'UTC', 'US', 'en', 'ACTIVE', '2026-02-13 15:30:00')"""
CALL = """INSERT INTO calls (id, organization_id, product, direction, channel, status, created_at, attempts,
is_urgent, timezone, zone_given, language, app_language, task, record, max_seconds, credits_used, highlights,
next_steps)
VALUES (:id, :organization_id, 'KALLY', 'outbound', 'PSTN', 'success', '2026-02-13 15:30:00', 1,
false, 'UTC', false, 'en', 'en', '{"task_category": "clinic"}', true, 900, 0, '[]', '[]')"""


@pytest.fixture
def url(templates: Templates, tmp_path: Path) -> str:
    """A database of the version before."""
    made = templates.empty_url() if isinstance(templates, PostgresTemplates) else f"sqlite:///{tmp_path}/old.db"
    with migrate._connected(made) as connection:
        command.upgrade(migrate._config(connection, METADATA), BEFORE)
    return made


def test_calls_that_are_there_are_taken_over(url: str) -> None:
    organization_id = new_id()
    with migrate._connected(url) as connection:
        connection.execute(sa.text(ORGANIZATION), {"id": organization_id})
        connection.execute(sa.text(CALL), {"id": new_id(), "organization_id": organization_id})

    migrate.upgrade(url, METADATA)

    with migrate._connected(url) as connection:
        assert connection.execute(sa.text("SELECT category FROM calls")).scalar_one() == "clinic"
        assert connection.execute(sa.text("SELECT kind FROM outbox")).scalars().all() == ["call.index"]


def test_an_empty_database_has_nothing_to_take_over(url: str) -> None:
    migrate.upgrade(url, METADATA)

    with migrate._connected(url) as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM outbox")).scalar_one() == 0
