"""Counting what a piece of code says to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from voice_engine.store.engine import Store


@contextmanager
def counted_statements(store: Store) -> Iterator[list[str]]:
    """The SQL that is executed while the context is open, without transaction control."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:  # the driver's event
        if not statement.startswith("BEGIN"):
            said.append(statement)

    event.listen(store.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(store.engine.sync_engine, "before_cursor_execute", note)
