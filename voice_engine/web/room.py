"""Whether this process takes one more call, whichever door it comes to."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from voice_engine.web.calls import CallHandler
from voice_engine.web.drain import Drain
from voice_engine.web.tickets import Tickets


class Room:
    """Counts the calls that are up, the streams on their way and the calls that are being decided about."""

    def __init__(self, handler: CallHandler, drain: Drain, *, most: int) -> None:
        self._handler = handler
        self._drain = drain
        self._most = most
        self._books: list[Tickets] = []
        self._being_planned = 0

    def count(self, book: Tickets) -> None:
        """Streams on their way are in this book too."""
        self._books.append(book)

    def refusal(self) -> Literal["draining", "full"] | None:
        """Why not; None: there is room."""
        if self._drain.draining:
            return "draining"
        taken = self._handler.live + sum(len(book) for book in self._books) + self._being_planned
        return "full" if taken >= self._most else None

    @contextmanager
    def planning(self) -> Iterator[None]:
        """A call is being decided about: it counts while the context is open."""
        self._being_planned += 1
        try:
            yield
        finally:
            self._being_planned -= 1
