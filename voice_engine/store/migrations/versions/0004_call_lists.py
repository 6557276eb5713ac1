"""What lists of calls are filtered and searched by: a category, indexes, and the index of words, by hand."""

import datetime as dt
import uuid

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import voice_engine.store.rows

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LISTED = ["organization_id", "created_at", "id", "direction", "status", "channel", "category", "task_outcome"]
RECORDED = sa.text("recording_key IS NOT NULL")

SQLITE = (
    """CREATE VIRTUAL TABLE call_index USING fts5(
        terms, content='call_terms', content_rowid='number', detail='none', tokenize="ascii tokenchars '_'")""",
    """CREATE TRIGGER call_terms_added AFTER INSERT ON call_terms BEGIN
        INSERT INTO call_index (rowid, terms) VALUES (new.number, new.terms); END""",
    """CREATE TRIGGER call_terms_removed AFTER DELETE ON call_terms BEGIN
        INSERT INTO call_index (call_index, rowid, terms) VALUES ('delete', old.number, old.terms); END""",
    """CREATE TRIGGER call_terms_changed AFTER UPDATE OF terms ON call_terms BEGIN
        INSERT INTO call_index (call_index, rowid, terms) VALUES ('delete', old.number, old.terms);
        INSERT INTO call_index (rowid, terms) VALUES (new.number, new.terms); END""",
)
POSTGRESQL = ("CREATE INDEX ix_call_terms_terms ON call_terms USING gin (terms)",)


def upgrade() -> None:
    """Go on."""
    op.add_column("calls", sa.Column("category", sa.String(length=16), nullable=True))
    op.create_index("ix_calls_state", "calls", ["organization_id", "status", "created_at", "id"])
    op.create_index("ix_calls_listed", "calls", LISTED)
    op.create_index("ix_calls_recorded", "calls", LISTED, sqlite_where=RECORDED, postgresql_where=RECORDED)
    op.create_table(
        "call_terms",
        sa.Column(
            "number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("terms", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False),
        sa.Column("organization_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_call_terms_call_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organizations.id"],
            name=op.f("fk_call_terms_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_call_terms")),
        sa.UniqueConstraint("call_id", name=op.f("uq_call_terms_call_id")),
    )
    op.create_index("ix_call_terms_newest", "call_terms", ["organization_id", "number"])
    op.create_index(op.f("ix_call_terms_organization_id"), "call_terms", ["organization_id"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)
    _take_over()


def _take_over() -> None:
    """Calls that are there: their category now, their words by a job, which can read them."""
    bind = op.get_bind()
    if bind.dialect.name == "sqlite":
        bind.exec_driver_sql(
            "UPDATE calls SET category = json_extract(task, '$.task_category') WHERE task IS NOT NULL"
        )
    else:
        bind.exec_driver_sql("UPDATE calls SET category = task ->> 'task_category' WHERE task IS NOT NULL")
    if bind.execute(sa.text("SELECT 1 FROM calls LIMIT 1")).first() is None:
        return
    outbox = sa.table(
        "outbox",
        sa.column("id", sa.String),
        sa.column("kind", sa.String),
        sa.column("payload", voice_engine.store.rows.Json),
        sa.column("key", sa.String),
        sa.column("created_at", voice_engine.store.rows.Instant),
    )
    job = {"id": str(uuid.uuid4()), "kind": "call.index", "payload": {}, "key": "call.index:0004"}
    bind.execute(sa.insert(outbox).values(**job, created_at=dt.datetime.now(dt.UTC)))


def downgrade() -> None:
    """Go back."""
    op.drop_table("call_terms")
    if op.get_bind().dialect.name == "sqlite":
        op.get_bind().exec_driver_sql("DROP TABLE call_index")
    for name in ("ix_calls_recorded", "ix_calls_listed", "ix_calls_state"):
        op.drop_index(name, "calls")
    op.drop_column("calls", "category")
