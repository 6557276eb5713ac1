"""Migration 0007: what calls agreed on gets a row each, and leaves the other calls that were told of it."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from tests.fakes.database import PostgresTemplates, Templates
from voice_engine.domains.models import METADATA
from voice_engine.store import migrate
from voice_engine.store.rows import Instant, Json

SOON = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=30)


@pytest.fixture
def url(templates: Templates, tmp_path: Path) -> str:
    """A database as version 0006 left it."""
    empty = templates.empty_url() if isinstance(templates, PostgresTemplates) else f"sqlite:///{tmp_path}/old.db"
    with migrate._connected(empty) as connection:
        command.upgrade(migrate._config(connection, METADATA), "0006")
    return empty


def test_what_calls_agreed_on_takes_its_time_and_stands_in_no_other_call(url: str) -> None:
    """What is over is left out; of two with one time the earlier keeps it."""
    with migrate._connected(url) as connection:
        _insert(connection, "organizations", id="o1", timezone="America/New_York")
        _insert(connection, "reception_settings", organization_id="o1", slot_minutes=45)
        _call(connection, "c1", SOON, "10:00", name="Ann", reference="111111")
        _call(connection, "c2", SOON, "10:30", name="Bob", reference="222222")
        _call(connection, "c3", SOON, "10:45", name="Cy", reference="111111")
        _call(connection, "c4", dt.date(2020, 1, 1), "10:00", name="Di", reference="444444")
        told = {"assistant": {"name": "Eva", "bookings": [{"name": "Ann", "phone": "+12125550199"}]}}
        _call(connection, "c5", None, None, spec=told)

    migrate.upgrade(url, METADATA)

    with migrate._connected(url) as connection:
        found = connection.execute(
            sa.select(METADATA.tables["bookings"]).order_by(METADATA.tables["bookings"].c.starts_at)
        ).all()
        specs = connection.execute(sa.select(METADATA.tables["calls"].c.spec)).scalars().all()
    assert [(row.call_id, row.name, row.phone, row.reference, row.state) for row in found] == [
        ("c1", "Ann", "+12125550199", "111111", "booked"),
        ("c3", "Cy", "+12125550199", "c3", "booked"),
    ]
    assert found[0].ends_at - found[0].starts_at == dt.timedelta(minutes=45)
    assert [spec for spec in specs if spec] == [{"assistant": {"name": "Eva", "bookings": []}}]


def _call(
    connection: sa.Connection,
    call_id: str,
    day: dt.date | None,
    time: str | None,
    *,
    name: str = "",
    reference: str = "",
    spec: dict[str, Any] | None = None,
) -> None:
    agreed = {"date": day.isoformat(), "time": time, "name": name, "phone": "+12125550199"} if day else None
    _insert(
        connection,
        "calls",
        id=call_id,
        organization_id="o1",
        direction="inbound",
        task_outcome="achieved" if day else None,
        agreed=agreed,
        outcome={"confirmation": reference} if day else None,
        spec=spec,
    )


def _insert(connection: sa.Connection, name: str, **values: Any) -> None:
    """A row with these values, and something in every other column that must not be empty."""
    there = sa.inspect(connection).get_columns(name)
    typed = sa.table(name, *(sa.column(one["name"], _type_of(name, one["name"])) for one in there))
    filled = {one["name"]: _something(_type_of(name, one["name"])) for one in there if not one["nullable"]}
    connection.execute(sa.insert(typed).values({**filled, **values}))


def _type_of(table: str, column: str) -> Any:
    return METADATA.tables[table].c[column].type


def _something(kind: Any) -> Any:
    if isinstance(kind, Instant):
        return dt.datetime(2026, 2, 13, 15, tzinfo=dt.UTC)
    if isinstance(kind, sa.String):
        return "x"
    return [] if isinstance(kind, Json) else False if isinstance(kind, sa.Boolean) else 0
