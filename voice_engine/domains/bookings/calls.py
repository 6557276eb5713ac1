"""What a call asks of its business's bookings: bounded in time, and kept only if the call was told so.

A unit of work runs in a task of the process's own, so that a database that hangs keeps no call waiting: after
`BOUND_MS` the caller is told that it could not be done, and a message is offered. What is written later than that,
or after the caller hung up, is taken back: nobody was told of it.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import structlog

from voice_engine.domains.bookings import booking, repository
from voice_engine.errors import UpstreamFailed, VoiceEngineError
from voice_engine.ports.calendar import Booking, BookingBook, BookingRequest, NamedBooking
from voice_engine.store.engine import Store

BOUND_MS = 4_000
"""Below the engine's own bound of a tool (`runtime.settings.tool_timeout_ms`), so that its order is kept; a filler
covers the wait. A booking takes about 10 ms; the rest is for other writers of a SQLite file."""
MOST_AT_ONCE = 64
"""Questions under way; further ones fail at once, rather than pile up before a database that hangs."""
MOST_UPCOMING = 2_000
"""Bookings among which one is found by name or number: the soonest. Every other one still takes its time."""

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class _Patience:
    """Whether the call still waits for an answer."""

    def __init__(self) -> None:
        self._over = False

    def end(self) -> None:
        """Nobody waits any more."""
        self._over = True

    def is_over(self) -> bool:
        """Whether nobody waits any more: it changes while the answer is made."""
        return self._over


class Books:
    """The bookings of every business, as one process's calls see them; open while it serves (`open_books`)."""

    def __init__(
        self,
        store: Store,
        tasks: asyncio.TaskGroup,
        *,
        now: Callable[[], dt.datetime],
        bound_ms: float = BOUND_MS,
    ) -> None:
        self.store = store
        self.now = now
        self._tasks = tasks
        self._bound_s = bound_ms / 1000
        self._running: set[asyncio.Task[object]] = set()

    def of(self, organization_id: str, call_id: str) -> BookingBook:
        """One business's bookings, for one call."""
        return CallBook(self, organization_id, call_id)

    async def ask(self, work: Callable[[_Patience], Awaitable[T]], *, writes: bool) -> T:
        """The answer of `work`, in time. A late read is given up; a late write sees `_Patience.is_over` and undoes.

        Raises:
            UpstreamFailed: `bookings_late`, `bookings_broken`, the store's own.
            VoiceEngineError: what `work` raises.
        """
        if len(self._running) >= MOST_AT_ONCE:
            _log.warning("bookings.refused", running=len(self._running))
            raise _late()
        patience = _Patience()
        task = self._tasks.create_task(_answer(work, patience), name="bookings")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            await asyncio.wait({task}, timeout=self._bound_s)
        finally:
            if not task.done():
                patience.end()
                if not writes:
                    task.cancel()
        if patience.is_over():
            _log.warning("bookings.late", bound_ms=self._bound_s * 1000)
            raise _late()
        answer = task.result()
        if isinstance(answer, VoiceEngineError):
            raise answer
        return answer

    async def close(self) -> None:
        """Let what runs end, but wait for nothing that hangs."""
        running = set(self._running)
        if running:
            await asyncio.wait(running, timeout=self._bound_s)
        for task in running:
            task.cancel()


class CallBook:
    """`ports.calendar.BookingBook` of one call, which writes in the order in which it was asked."""

    def __init__(self, books: Books, organization_id: str, call_id: str) -> None:
        self._books = books
        self._organization_id = organization_id
        self._call_id = call_id
        self._order = asyncio.Lock()

    async def list_between(self, start: dt.datetime, end: dt.datetime) -> list[tuple[dt.datetime, dt.datetime]]:
        """The spans that are booked and touch [start, end)."""

        async def read(_patience: _Patience) -> list[tuple[dt.datetime, dt.datetime]]:
            async with self._books.store.read(self._organization_id) as work:
                return await repository.list_spans(work, start, end)

        return await self._books.ask(read, writes=False)

    async def list_upcoming(self) -> list[NamedBooking]:
        """What is still to come, soonest first."""

        async def read(_patience: _Patience) -> list[NamedBooking]:
            async with self._books.store.read(self._organization_id) as work:
                rows = await repository.list_upcoming(work, at=self._books.now(), limit=MOST_UPCOMING)
            return [
                NamedBooking(
                    booking=Booking(reference=row.reference, start=row.starts_at, end=row.ends_at),
                    name=row.name,
                    phone=row.phone,
                )
                for row in rows
            ]

        return await self._books.ask(read, writes=False)

    async def add(self, request: BookingRequest, *, end: dt.datetime) -> Booking:
        """Book [request.start, end) once per key."""

        async def write(patience: _Patience) -> Booking:
            async with self._order:
                return await self._add(request, end, patience)

        return await self._books.ask(write, writes=True)

    async def cancel(self, reference: str) -> None:
        """Cancel, late too: the caller wished it."""

        async def write(_patience: _Patience) -> None:
            async with self._order, self._books.store.begin(self._organization_id) as work:
                await booking.cancel(work, reference, at=self._books.now())

        await self._books.ask(write, writes=True)

    async def _add(self, request: BookingRequest, end: dt.datetime, patience: _Patience) -> Booking:
        if patience.is_over():
            raise _late()
        async with self._books.store.begin(self._organization_id) as work:
            made, is_new = await booking.book(work, request, end=end, call_id=self._call_id, at=self._books.now())
            if patience.is_over():
                raise _late()
        if patience.is_over() and is_new:
            async with self._books.store.begin(self._organization_id) as work:
                await booking.cancel(work, made.reference, at=self._books.now())
        return made


async def _answer(work: Callable[[_Patience], Awaitable[T]], patience: _Patience) -> T | VoiceEngineError:
    """Errors are answers: one that left its task would end the server's calls."""
    try:
        return await work(patience)
    except VoiceEngineError as error:
        if isinstance(error, UpstreamFailed):
            _log.warning("bookings.failed", code=error.code)
        return error
    except Exception:  # noqa: BLE001  # the edge of one question: a bug in it must not end the server
        _log.exception("bookings.broken")
        return UpstreamFailed("bookings_broken", "the booking failed", provider="database", retryable=False)


def _late() -> UpstreamFailed:
    return UpstreamFailed(
        "bookings_late", "the bookings do not answer in time; try again", provider="database", retryable=True
    )


@asynccontextmanager
async def open_books(
    store: Store, *, now: Callable[[], dt.datetime], bound_ms: float = BOUND_MS
) -> AsyncIterator[Books]:
    """The process's books; leaving it ends what is under way."""
    async with asyncio.TaskGroup() as tasks:
        books = Books(store, tasks, now=now, bound_ms=bound_ms)
        yield books
        await books.close()
