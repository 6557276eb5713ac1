"""What upkeep goes by: emptied calls, recordings that are still to be kept, webhooks that are still to be sent."""

import sqlalchemy as sa
from alembic import op

import voice_engine.store.rows

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UNKEPT = sa.text("recording_ms IS NOT NULL AND recording_key IS NULL")
PENDING = sa.text("state = 'pending'")


def upgrade() -> None:
    """Go on. Messages that belong to no call lose what was said in them: nothing would ever erase it."""
    instant = voice_engine.store.rows.Instant(timezone=True)
    op.add_column("calls", sa.Column("emptied_at", instant, nullable=True))
    op.create_index("ix_calls_unkept", "calls", ["ended_at"], sqlite_where=UNKEPT, postgresql_where=UNKEPT)
    op.create_index(
        "ix_hook_deliveries_pending",
        "hook_deliveries",
        ["next_at"],
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )
    events = sa.table("webhook_events", sa.column("call_id", sa.String), sa.column("payload", sa.String))
    op.execute(sa.update(events).where(events.c.call_id.is_(None)).values(payload=sa.null()))


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_hook_deliveries_pending", table_name="hook_deliveries")
    op.drop_index("ix_calls_unkept", table_name="calls")
    op.drop_column("calls", "emptied_at")
