"""What callers booked, a row each; what was booked before is taken over from the calls that booked it."""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

import voice_engine.store.rows

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BOOKED = sa.text("state = 'booked'")
SLOT_MINUTES = 30
"""Of whom no other length is set."""
REFERENCE_LENGTH = 64

_INSTANT, _JSON = voice_engine.store.rows.Instant, voice_engine.store.rows.Json
_CALLS = sa.table(
    "calls",
    sa.column("id", sa.String),
    sa.column("organization_id", sa.String),
    sa.column("direction", sa.String),
    sa.column("task_outcome", sa.String),
    sa.column("created_at", _INSTANT),
    sa.column("agreed", _JSON),
    sa.column("outcome", _JSON),
)
_ORGANIZATIONS = sa.table("organizations", sa.column("id", sa.String), sa.column("timezone", sa.String))
_RECEPTION = sa.table(
    "reception_settings", sa.column("organization_id", sa.String), sa.column("slot_minutes", sa.Integer)
)
_BOOKINGS = sa.table(
    "bookings",
    *(sa.column(name, sa.String) for name in ("id", "organization_id", "call_id", "key", "reference", "state")),
    *(sa.column(name, sa.Text) for name in ("service", "name", "phone")),
    *(sa.column(name, _INSTANT) for name in ("starts_at", "ends_at", "booked_at")),
)


def upgrade() -> None:
    """Go on."""
    op.create_table(
        "bookings",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=True),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("reference", sa.String(length=REFERENCE_LENGTH), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("starts_at", _INSTANT(timezone=True), nullable=False),
        sa.Column("ends_at", _INSTANT(timezone=True), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("booked_at", _INSTANT(timezone=True), nullable=False),
        sa.Column("cancelled_at", _INSTANT(timezone=True), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_bookings_call_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_bookings_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
    )
    op.create_index(op.f("ix_bookings_organization_id"), "bookings", ["organization_id"])
    op.create_index(op.f("ix_bookings_call_id"), "bookings", ["call_id"])
    for name, column in (("ix_bookings_taken", "starts_at"), ("ix_bookings_reference", "reference")):
        columns = ["organization_id", column]
        op.create_index(name, "bookings", columns, unique=True, sqlite_where=BOOKED, postgresql_where=BOOKED)
    _take_over(dt.datetime.now(dt.UTC))
    _forget_copies()


def _take_over(now: dt.datetime) -> None:
    """What is still to come. Of two that were given the same time the earlier call keeps it."""
    bind = op.get_bind()
    booked = (_CALLS.c.direction == "inbound", _CALLS.c.task_outcome == "achieved", _CALLS.c.agreed.is_not(None))
    found = (
        sa.select(_CALLS, _ORGANIZATIONS.c.timezone, _RECEPTION.c.slot_minutes)
        .join(_ORGANIZATIONS, _ORGANIZATIONS.c.id == _CALLS.c.organization_id)
        .outerjoin(_RECEPTION, _RECEPTION.c.organization_id == _CALLS.c.organization_id)
        .where(*booked)
        .order_by(_CALLS.c.created_at, _CALLS.c.id)
    )
    taken: dict[str, list[dict[str, Any]]] = {}
    for call in bind.execute(found).all():
        row, others = _row_of(call, now), taken.setdefault(call.organization_id, [])
        if row is None or any(_overlap(row, other) for other in others):
            continue
        if row["reference"] in {other["reference"] for other in others}:
            row["reference"] = call.id
        others.append(row)
    for rows in taken.values():
        if rows:
            bind.execute(sa.insert(_BOOKINGS), rows)


def _row_of(call: Any, now: dt.datetime) -> dict[str, Any] | None:  # a row of the statement above
    agreed = call.agreed if isinstance(call.agreed, dict) else {}
    try:
        day, time = dt.date.fromisoformat(str(agreed["date"])), dt.time.fromisoformat(str(agreed["time"]))
        start = dt.datetime.combine(day, time, ZoneInfo(call.timezone)).astimezone(dt.UTC)
    except (KeyError, ValueError, OSError):
        return None
    if start < now:
        return None
    reference = (call.outcome or {}).get("confirmation") or call.id[:8]
    return {
        "id": str(uuid.uuid4()),
        "organization_id": call.organization_id,
        "call_id": call.id,
        "key": f"{call.id}:{start.isoformat()}",
        "reference": str(reference)[:REFERENCE_LENGTH],
        "state": "booked",
        "starts_at": start,
        "ends_at": start + dt.timedelta(minutes=call.slot_minutes or SLOT_MINUTES),
        "booked_at": call.created_at,
        **{key: str(agreed[key]) if agreed.get(key) else None for key in ("service", "name", "phone")},
    }


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return bool(one["starts_at"] < other["ends_at"] and other["starts_at"] < one["ends_at"])


def _forget_copies() -> None:
    """Each call was told of every caller's booking, by name and number; no call needs that any more."""
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        bind.exec_driver_sql(
            """UPDATE calls SET spec = json_set(spec, '$.assistant.bookings', json('[]'))
            WHERE json_array_length(spec, '$.assistant.bookings') > 0"""
        )
    else:
        bind.exec_driver_sql(
            """UPDATE calls SET spec = jsonb_set(spec, '{assistant,bookings}', '[]')
            WHERE jsonb_typeof(spec #> '{assistant,bookings}') = 'array'"""
        )


def downgrade() -> None:
    """Go back: what was booked is in its calls as far as they keep it."""
    op.drop_table("bookings")
