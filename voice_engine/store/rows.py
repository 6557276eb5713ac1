"""What every table is made of: the declarative base, the tenant's column, column types for both databases.

Tables themselves are declared by the domains, in `domains/<concept>/models.py`.
"""

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

ID_LENGTH = 36
"""A UUID in its text form."""

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)

CREDIT_STEP = Decimal("0.01")
"""Credits have two places (contract: "decimals with at most two places")."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraints have names, so that a migration can drop them on both databases."""

BY_HAND = "by_hand"
"""`Row.metadata.info[BY_HAND]`: names of tables and indexes in the database that no model describes (full-text
indexes). Whoever makes them by DDL adds them, so that a comparison with the models leaves them alone."""


def new_id() -> str:
    """A random id (UUID 4, 36 characters)."""
    return str(uuid.uuid4())


def is_id(text: str) -> bool:
    """Whether this can be the id of a row; anything else need not be asked for."""
    return _ID.fullmatch(text) is not None


class Instant(TypeDecorator[dt.datetime]):
    """An aware UTC time, to the microsecond. A naive one is refused: its zone would be a guess."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        """Refuse a naive time; SQLite keeps UTC without its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time needs a zone")
        utc = value.astimezone(dt.UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        """Every time that comes out is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Credits(TypeDecorator[Decimal]):
    """An exact amount of credits, kept as whole hundredths: SQLite has no decimals, and floats are no money."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: sa.Dialect) -> int | None:
        """Whole hundredths; an amount with more places is a bug of the caller."""
        if value is None:
            return None
        hundredths = Decimal(value) / CREDIT_STEP
        if hundredths != int(hundredths):
            raise ValueError(f"{value} credits has more than two places")
        return int(hundredths)

    def process_result_value(self, value: int | None, dialect: sa.Dialect) -> Decimal | None:
        """Back to credits with two places."""
        return None if value is None else (Decimal(value) * CREDIT_STEP).quantize(CREDIT_STEP)


class Json(TypeDecorator[Any]):
    """A JSON document, compared by its canonical text; JSONB on PostgreSQL."""

    impl = sa.JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """JSONB where there is one."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.JSONB(none_as_null=True))
        return dialect.type_descriptor(sa.JSON(none_as_null=True))

    def compare_values(self, x: Any, y: Any) -> bool:  # any JSON
        """Equal when they say the same."""
        return json.dumps(x, sort_keys=True) == json.dumps(y, sort_keys=True)


class Row(DeclarativeBase):
    """A table's row. Rows without a tenant subclass this: accounts, keys, the outbox, the operator's lists."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {dt.datetime: Instant, Decimal: Credits, dict[str, Any]: Json, list[Any]: Json}  # noqa: RUF012


class TenantRow(Row):
    """A row that belongs to one organization. A unit of work of another one never sees it (`uow.py`)."""

    __abstract__ = True

    @declared_attr
    @classmethod
    def organization_id(cls) -> Mapped[str]:
        """Whose row it is; set by the unit of work when it is left out."""
        return mapped_column(
            sa.String(ID_LENGTH), sa.ForeignKey("organizations.id", ondelete="CASCADE"), index=True, nullable=False
        )


def is_described(metadata: sa.MetaData) -> Callable[[str | None, str, Any], bool]:
    """Alembic's `include_name`: whether the models have a word in what the database calls by this name."""
    by_hand: set[str] = metadata.info.get(BY_HAND, set())
    return lambda name, _kind, _parents: name not in by_hand


def id_column() -> Mapped[str]:
    """A primary key that the program makes, so that it is known before the row is written."""
    return mapped_column(sa.String(ID_LENGTH), primary_key=True, default=new_id)


def id_reference(
    target: str, *, nullable: bool = False, ondelete: str = "CASCADE", index: bool = True
) -> Mapped[Any]:
    """A foreign key to `target` ("calls.id")."""
    return mapped_column(
        sa.String(ID_LENGTH), sa.ForeignKey(target, ondelete=ondelete), nullable=nullable, index=index
    )
