"""Whether this process takes one more call, whichever door it comes to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from voice_engine.domains.calls.media import Capacity
from voice_engine.web.calls import CallHandler
from voice_engine.web.drain import Drain
from voice_engine.web.tickets import Tickets

Spare = Callable[[], int | None]
"""How many more calls the providers would take now; None: they set no limit."""


def unlimited() -> int | None:
    """Providers that take whatever comes."""
    return None


class Room:
    """Counts the calls that are up, the streams on their way and the calls that are being decided about."""

    def __init__(self, handler: CallHandler, drain: Drain, *, most: int, spare: Spare = unlimited) -> None:
        self._handler = handler
        self._drain = drain
        self._most = most
        self._spare = spare
        self._books: list[Tickets] = []
        self._being_planned = 0

    def count(self, book: Tickets) -> None:
        """Streams on their way are in this book too."""
        self._books.append(book)

    @property
    def taken(self) -> int:
        """Calls that are up or about to be."""
        return self._handler.live + self.expected

    @property
    def expected(self) -> int:
        """Calls that are about to be up."""
        return sum(len(book) for book in self._books) + self._being_planned

    @property
    def capacity(self) -> Capacity:
        """What this process can hold; the providers' own limit counts."""
        taken = self.taken
        if self._drain.draining:
            return Capacity(places=taken, free=0, draining=True)
        spare, left = self._spare(), max(0, self._most - taken)
        free = left if spare is None else min(left, spare)
        return Capacity(places=taken + free, free=free)

    def refusal(self, *, dialled: bool = False) -> Literal["draining", "full"] | None:
        """Why not; None: there is room. `dialled`: we placed the call before the drain began, so it is let in."""
        if self._drain.draining and not dialled:
            return "draining"
        return "full" if self.taken >= self._most else None

    @contextmanager
    def planning(self) -> Iterator[None]:
        """A call is being decided about: it counts while the context is open."""
        self._being_planned += 1
        try:
            yield
        finally:
            self._being_planned -= 1
