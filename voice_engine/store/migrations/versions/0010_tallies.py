"""What came to its end lately is found without a walk through all there is: the operator's figures ask every few
seconds."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go on."""
    op.create_index("ix_calls_ended", "calls", ["ended_at"])
    op.create_index("ix_call_attempts_created", "call_attempts", ["created_at"])
    op.create_index("ix_credit_entries_occurred", "credit_entries", ["occurred_at"])


def downgrade() -> None:
    """Go back."""
    op.drop_index("ix_credit_entries_occurred", table_name="credit_entries")
    op.drop_index("ix_call_attempts_created", table_name="call_attempts")
    op.drop_index("ix_calls_ended", table_name="calls")
