"""Orders reach the calls of this process, each once, and a database that is away only delays them."""

import asyncio
from collections.abc import Sequence

from voice_engine.bus.local import LocalBus
from voice_engine.clock import run_virtual
from voice_engine.errors import UpstreamFailed
from voice_engine.web.control import LiveOrder, follow_orders


class _Engine:
    def __init__(self, *live: str) -> None:
        self.live_calls: Sequence[str] = live
        self.done: list[str] = []

    async def perform(self, order: LiveOrder) -> str | None:
        self.done.append(order.kind)
        return None if order.kind == "stop" else "call_not_active"


class _Book:
    def __init__(self, *orders: LiveOrder, faults: int = 0) -> None:
        self.open = list(orders)
        self.faults = faults
        self.asked = 0
        self.results: list[tuple[str, str | None]] = []

    async def take(self, call_ids: Sequence[str]) -> Sequence[LiveOrder]:
        self.asked += 1
        if self.faults:
            self.faults -= 1
            raise UpstreamFailed("database_busy", "away", provider="database", retryable=True)
        taken = [order for order in self.open if order.call_id in call_ids]
        self.open = [order for order in self.open if order not in taken]
        return taken

    async def done(self, order: LiveOrder, *, error: str | None) -> None:
        self.results.append((order.id, error))


STOP = LiveOrder(id="o1", call_id="c1", kind="stop")
TRANSFER = LiveOrder(id="o2", call_id="c1", kind="transfer")
ELSEWHERE = LiveOrder(id="o3", call_id="c9", kind="stop")


def _run(engine: _Engine, book: _Book, *, seconds: float, wake_at_s: float | None = None) -> None:
    async def main() -> None:
        bus = LocalBus()
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(follow_orders(engine, book, bus, topic="orders"))
            if wake_at_s is not None:
                await asyncio.sleep(wake_at_s)
                bus.publish("orders")
            await asyncio.sleep(seconds - (wake_at_s or 0.0))
            following.cancel()

    run_virtual(main())


def test_a_wake_has_the_orders_done_at_once_and_answered() -> None:
    """Those of this process's calls, and no other's."""
    engine, book = _Engine("c1"), _Book(STOP, TRANSFER, ELSEWHERE)

    _run(engine, book, seconds=0.2, wake_at_s=0.1)

    assert engine.done == ["stop", "transfer"]
    assert book.results == [("o1", None), ("o2", "call_not_active")]
    assert book.open == [ELSEWHERE]


class _SlowEngine(_Engine):
    """Rings somebody for half a minute; stops at once; and has a defect."""

    async def perform(self, order: LiveOrder) -> str | None:
        if order.kind == "takeover":
            await asyncio.sleep(30.0)
        if order.kind == "reject":
            raise ZeroDivisionError
        return await super().perform(order)


def test_an_order_that_takes_its_time_keeps_no_other_waiting() -> None:
    """A call can be stopped while somebody is being rung for another."""
    takeover = LiveOrder(id="o0", call_id="c1", kind="takeover")
    book = _Book(takeover, STOP)

    _run(_SlowEngine("c1"), book, seconds=2.0)
    soon = list(book.results)

    assert soon == [("o1", None)]


class _LeasingBook(_Book):
    """Hands out an order that nobody has answered again after ten seconds, as the rows do; `done` may fail, too."""

    def __init__(self, *orders: LiveOrder, faults_of_done: int = 0) -> None:
        super().__init__(*orders)
        self.faults_of_done = faults_of_done
        self.taken_at: dict[str, float] = {}

    async def take(self, call_ids: Sequence[str]) -> Sequence[LiveOrder]:
        now = asyncio.get_running_loop().time()
        free = [order for order in self.open if now - self.taken_at.get(order.id, -99.0) > 10.0]
        self.taken_at.update((order.id, now) for order in free)
        return free

    async def done(self, order: LiveOrder, *, error: str | None) -> None:
        if self.faults_of_done:
            self.faults_of_done -= 1
            raise UpstreamFailed("database_busy", "away", provider="database", retryable=True)
        await super().done(order, error=error)
        self.open = [one for one in self.open if one.id != order.id]


def test_an_order_that_outlasts_its_lease_is_done_once() -> None:
    """Somebody is rung for half a minute; a second try's "one is under way already" must not be its result."""
    engine, book = _SlowEngine("c1"), _LeasingBook(LiveOrder(id="o0", call_id="c1", kind="takeover"))

    _run(engine, book, seconds=60.0)

    assert engine.done == ["takeover"]
    assert book.results == [("o0", "call_not_active")]


def test_an_order_whose_result_cannot_be_told_is_not_done_again() -> None:
    """A whisper is not said twice because the database was away after it."""
    engine = _Engine("c1")
    book = _LeasingBook(LiveOrder(id="o0", call_id="c1", kind="whisper"), faults_of_done=5)

    _run(engine, book, seconds=120.0)

    assert engine.done == ["whisper"]
    assert book.results == [("o0", "call_not_active")]


def test_a_defect_costs_its_order_only() -> None:
    engine, book = _SlowEngine("c1"), _Book(LiveOrder(id="o0", call_id="c1", kind="reject"), STOP)

    _run(engine, book, seconds=2.0)

    assert book.results == [("o0", "order_failed"), ("o1", None)]


def test_a_lost_wake_costs_a_second() -> None:
    """The poll is the net under the bus."""
    engine = _Engine("c1")

    _run(engine, _Book(STOP), seconds=1.1)

    assert engine.done == ["stop"]


def test_without_calls_nobody_is_asked() -> None:
    """An idle process does not poll the database."""
    book = _Book(STOP)

    _run(_Engine(), book, seconds=10.0)

    assert book.asked == 0


def test_a_database_that_is_away_delays_the_order() -> None:
    engine = _Engine("c1")

    _run(engine, _Book(STOP, faults=2), seconds=3.5)

    assert engine.done == ["stop"]
