"""The index that lists of calls are searched by: a row a call, and the database's own full-text index over it.

FTS5 without positions on SQLite, a GIN index over a `tsvector` on PostgreSQL; neither is a table that the object
mapper describes, so both are made here by hand, and by their own migration step.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.store.rows import BY_HAND, ID_LENGTH, Row, TenantRow

PLACES = 64
"""So many calls of one millisecond have their order; further ones take the next millisecond's places."""


class CallTerms(TenantRow):
    """What one call is found by (`terms.py`), parted by spaces.

    `number` is the moment of the call (`number_at`), so that the index alone gives the newest first and knows
    where a day begins. On PostgreSQL the terms are a `tsvector`.
    """

    __tablename__ = "call_terms"

    number: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    call_id: Mapped[str] = mapped_column(
        sa.String(ID_LENGTH), sa.ForeignKey("calls.id", ondelete="CASCADE"), unique=True, nullable=False
    )
    terms: Mapped[str] = mapped_column(sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"))

    __table_args__ = (sa.Index("ix_call_terms_newest", "organization_id", "number"),)


def number_at(moment: dt.datetime) -> int:
    """The first number of a call that was made at `moment` (aware), to the millisecond."""
    return int(moment.timestamp() * 1000) * PLACES


INDEX = "call_index"
"""FTS5 over the terms, none of which is cut: an underscore counts as a letter. Positions are not kept."""
TERMS_INDEX = "ix_call_terms_terms"

SQLITE_DDL = (
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
POSTGRESQL_DDL = ("CREATE INDEX ix_call_terms_terms ON call_terms USING gin (terms)",)

Row.metadata.info.setdefault(BY_HAND, set()).update(
    {INDEX, *(f"{INDEX}_{part}" for part in ("data", "idx", "docsize", "config")), TERMS_INDEX}
)


def _make_index(table: sa.Table, connection: sa.Connection, **_options: object) -> None:
    """SQLAlchemy's `after_create` listener of the terms."""
    for statement in SQLITE_DDL if connection.dialect.name == "sqlite" else POSTGRESQL_DDL:
        connection.exec_driver_sql(statement)


event.listen(CallTerms.__table__, "after_create", _make_index)
