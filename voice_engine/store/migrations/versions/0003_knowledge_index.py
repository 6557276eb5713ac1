"""The full-text index over pieces of knowledge, written by hand: the models cannot describe it."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SQLITE = (
    """CREATE VIRTUAL TABLE kb_index USING fts5(
        file_id, terms, content='kb_chunks', content_rowid='number', tokenize="unicode61 tokenchars '-'")""",
    """CREATE TRIGGER kb_chunks_added AFTER INSERT ON kb_chunks BEGIN
        INSERT INTO kb_index (rowid, file_id, terms) VALUES (new.number, new.file_id, new.terms); END""",
    """CREATE TRIGGER kb_chunks_removed AFTER DELETE ON kb_chunks BEGIN
        INSERT INTO kb_index (kb_index, rowid, file_id, terms)
        VALUES ('delete', old.number, old.file_id, old.terms); END""",
)
POSTGRESQL = ("CREATE INDEX ix_kb_chunks_terms ON kb_chunks USING gin (to_tsvector('simple', terms))",)


def upgrade() -> None:
    """Go on."""
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Go back."""
    if op.get_bind().dialect.name == "sqlite":
        for statement in (
            "DROP TRIGGER kb_chunks_removed",
            "DROP TRIGGER kb_chunks_added",
            "DROP TABLE kb_index",
        ):
            op.get_bind().exec_driver_sql(statement)
    else:
        op.get_bind().exec_driver_sql("DROP INDEX ix_kb_chunks_terms")
