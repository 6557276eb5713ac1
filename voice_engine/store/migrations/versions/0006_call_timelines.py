"""A call's time axis, and where the time before each answer went."""

import sqlalchemy as sa
from alembic import op

import voice_engine.store.rows

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go on."""
    op.add_column("transcript_entries", sa.Column("latency", voice_engine.store.rows.Json(), nullable=True))
    op.create_table(
        "call_timelines",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("body", voice_engine.store.rows.Json(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_call_timelines_call_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_call_timelines_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_timelines")),
        sa.UniqueConstraint("call_id", name=op.f("uq_call_timelines_call_id")),
    )
    op.create_index(op.f("ix_call_timelines_organization_id"), "call_timelines", ["organization_id"])


def downgrade() -> None:
    """Go back."""
    op.drop_table("call_timelines")
    op.drop_column("transcript_entries", "latency")
