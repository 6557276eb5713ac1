"""Knowledge as rows: an assistant's sections, the files that they are made of, and the pieces that calls search.

The full-text index is the database's own: FTS5 over the pieces on SQLite, a GIN index on PostgreSQL. Neither is a
table that the object mapper describes, so both are made here by hand, and by their own migration step.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.store.rows import BY_HAND, ID_LENGTH, Row, TenantRow, id_column, id_reference

KEY_LENGTH = 50
"""A section's slug (contract: KbSectionKey)."""
NAME_LENGTH = 255


class KbSection(TenantRow):
    """One section of an assistant's knowledge. `text` is what was typed; None: its file is all there is.

    `vapiFileId` on the wire is the id of its attached upload or, without one, of the file its text was written to.
    """

    __tablename__ = "kb_sections"

    id: Mapped[str] = id_column()
    assistant_id: Mapped[str] = id_reference("assistants.id")
    key: Mapped[str] = mapped_column(sa.String(KEY_LENGTH))
    text: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[dt.datetime]
    updated_at: Mapped[dt.datetime]

    __table_args__ = (sa.UniqueConstraint("assistant_id", "key"),)


class KbFile(TenantRow):
    """A file in the blobs. `section_id` None: uploaded and not attached yet, so no call finds it.

    `is_written`: made from a section's text. `pieces` counts its rows in `kb_chunks`, `words` the terms in them.
    """

    __tablename__ = "kb_files"

    id: Mapped[str] = id_column()
    section_id: Mapped[str | None] = id_reference("kb_sections.id", nullable=True)
    name: Mapped[str] = mapped_column(sa.String(NAME_LENGTH))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    blob_key: Mapped[str] = mapped_column(sa.String(200))
    is_written: Mapped[bool] = mapped_column(default=False)
    pieces: Mapped[int]
    words: Mapped[int]
    created_at: Mapped[dt.datetime]


class KbChunk(TenantRow):
    """A piece of a file, about 800 characters. `terms` are its stems and its headings', parted by spaces.

    Its number is the full-text index's row; SQLite renumbers rows that have no whole-numbered key of their own.
    """

    __tablename__ = "kb_chunks"

    number: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True
    )
    file_id: Mapped[str] = mapped_column(sa.String(ID_LENGTH), sa.ForeignKey("kb_files.id", ondelete="CASCADE"))
    position: Mapped[int]
    heading: Mapped[str] = mapped_column(sa.Text, default="")
    text: Mapped[str] = mapped_column(sa.Text)
    terms: Mapped[str] = mapped_column(sa.Text)

    __table_args__ = (sa.UniqueConstraint("file_id", "position"),)


INDEX = "kb_index"
"""FTS5 over `file_id` and `terms` of the pieces. A file's id is one token: the hyphen counts as a letter."""
TERMS_INDEX = "ix_kb_chunks_terms"

SQLITE_DDL = (
    """CREATE VIRTUAL TABLE kb_index USING fts5(
        file_id, terms, content='kb_chunks', content_rowid='number', tokenize="unicode61 tokenchars '-'")""",
    """CREATE TRIGGER kb_chunks_added AFTER INSERT ON kb_chunks BEGIN
        INSERT INTO kb_index (rowid, file_id, terms) VALUES (new.number, new.file_id, new.terms); END""",
    """CREATE TRIGGER kb_chunks_removed AFTER DELETE ON kb_chunks BEGIN
        INSERT INTO kb_index (kb_index, rowid, file_id, terms)
        VALUES ('delete', old.number, old.file_id, old.terms); END""",
)
"""Pieces are never changed, only written and removed."""
POSTGRESQL_DDL = ("CREATE INDEX ix_kb_chunks_terms ON kb_chunks USING gin (to_tsvector('simple', terms))",)

Row.metadata.info.setdefault(BY_HAND, set()).update(
    {INDEX, *(f"{INDEX}_{part}" for part in ("data", "idx", "docsize", "config")), TERMS_INDEX}
)


def _make_index(table: sa.Table, connection: sa.Connection, **_options: object) -> None:
    """SQLAlchemy's `after_create` listener of the pieces."""
    for statement in SQLITE_DDL if connection.dialect.name == "sqlite" else POSTGRESQL_DDL:
        connection.exec_driver_sql(statement)


event.listen(KbChunk.__table__, "after_create", _make_index)
