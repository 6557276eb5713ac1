"""How many calls each media process can hold, for those who dial."""

import sqlalchemy as sa
from alembic import op

import voice_engine.store.rows

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go on."""
    op.create_table(
        "media_processes",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("worker", sa.String(length=64), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("draining", sa.Boolean(), nullable=False),
        sa.Column("started_at", voice_engine.store.rows.Instant(timezone=True), nullable=False),
        sa.Column("seen_at", voice_engine.store.rows.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_media_processes")),
    )


def downgrade() -> None:
    """Go back."""
    op.drop_table("media_processes")
