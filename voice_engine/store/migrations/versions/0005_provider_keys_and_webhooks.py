"""Organizations' own provider accounts, outgoing webhooks with their log, and an index for pages of the audit."""

import sqlalchemy as sa
from alembic import op

import voice_engine.store.rows

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go on."""
    op.create_table(
        "hook_endpoints",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("events", voice_engine.store.rows.Json(), nullable=False),
        sa.Column("secret_sealed", sa.Text(), nullable=False),
        sa.Column("previous_sealed", sa.Text(), nullable=True),
        sa.Column("previous_until", voice_engine.store.rows.Instant(timezone=True), nullable=True),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_at", voice_engine.store.rows.Instant(timezone=True), nullable=True),
        sa.Column("disabled_reason", sa.String(length=16), nullable=True),
        sa.Column("failing_since", voice_engine.store.rows.Instant(timezone=True), nullable=True),
        sa.Column("created_at", voice_engine.store.rows.Instant(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_hook_endpoints_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hook_endpoints")),
    )
    with op.batch_alter_table("hook_endpoints", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hook_endpoints_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "provider_keys",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("base_url", sa.String(length=500), nullable=True),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("voice", sa.String(length=100), nullable=True),
        sa.Column("key_sealed", sa.Text(), nullable=True),
        sa.Column("key_tail", sa.String(length=4), nullable=True),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", voice_engine.store.rows.Instant(timezone=True), nullable=False),
        sa.Column("updated_at", voice_engine.store.rows.Instant(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(length=36), nullable=True),
        sa.Column("tested_at", voice_engine.store.rows.Instant(timezone=True), nullable=True),
        sa.Column("test_code", sa.String(length=64), nullable=True),
        sa.Column("test_detail", sa.String(length=300), nullable=True),
        sa.Column("test_ms", sa.Integer(), nullable=True),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_provider_keys_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_keys")),
        sa.UniqueConstraint("organization_id", "kind", name=op.f("uq_provider_keys_organization_id_kind")),
    )
    with op.batch_alter_table("provider_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_provider_keys_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "hook_deliveries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("endpoint_id", sa.String(length=36), nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=True),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_code", sa.String(length=32), nullable=True),
        sa.Column("next_at", voice_engine.store.rows.Instant(timezone=True), nullable=True),
        sa.Column("created_at", voice_engine.store.rows.Instant(timezone=True), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.id"], name=op.f("fk_hook_deliveries_call_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"], ["hook_endpoints.id"], name=op.f("fk_hook_deliveries_endpoint_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_hook_deliveries_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hook_deliveries")),
    )
    with op.batch_alter_table("hook_deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hook_deliveries_call_id"), ["call_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hook_deliveries_created_at"), ["created_at"], unique=False)
        batch_op.create_index("ix_hook_deliveries_newest", ["endpoint_id", "created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_hook_deliveries_organization_id"), ["organization_id"], unique=False)

    op.create_table(
        "hook_attempts",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("delivery_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("is_manual", sa.Boolean(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("at", voice_engine.store.rows.Instant(timezone=True), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=32), nullable=True),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["hook_deliveries.id"], name=op.f("fk_hook_attempts_delivery_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_hook_attempts_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hook_attempts")),
        sa.UniqueConstraint("delivery_id", "number", name=op.f("uq_hook_attempts_delivery_id_number")),
        sa.UniqueConstraint("job_id", name=op.f("uq_hook_attempts_job_id")),
    )
    with op.batch_alter_table("hook_attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_hook_attempts_organization_id"), ["organization_id"], unique=False)

    op.create_index("ix_audit_newest", "audit", ["organization_id", "at", "id"])


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_audit_newest", table_name="audit")
    with op.batch_alter_table("hook_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hook_attempts_organization_id"))

    op.drop_table("hook_attempts")
    with op.batch_alter_table("hook_deliveries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hook_deliveries_organization_id"))
        batch_op.drop_index("ix_hook_deliveries_newest")
        batch_op.drop_index(batch_op.f("ix_hook_deliveries_created_at"))
        batch_op.drop_index(batch_op.f("ix_hook_deliveries_call_id"))

    op.drop_table("hook_deliveries")
    with op.batch_alter_table("provider_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_provider_keys_organization_id"))

    op.drop_table("provider_keys")
    with op.batch_alter_table("hook_endpoints", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hook_endpoints_organization_id"))

    op.drop_table("hook_endpoints")
