"""Live control: orders to the calls that this process holds come as rows; the bus only says that there are some.

An order is done once: whoever takes it has it, and says how it went. Until that is kept, the book may hand it out
again (a lease is shorter than somebody's phone rings), and it is passed over. With no call up, nothing is asked.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Protocol

import structlog

from voice_engine.errors import UpstreamFailed
from voice_engine.ports.bus import POLL_S, Bus

TELL_AGAIN_S = (0.5, 2.0, 8.0, 30.0)
"""Waits before an order's result is told again; the last one is repeated until it is kept."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOrder:
    """What the owner of a live call is told to do: `kind` is `stop`, `reject`, `transfer`, `takeover`, `join`,
    `whisper`, `hand_back`, or that the carrier heard a machine: `machine`.

    `arguments` hold configured numbers, reasons and what the owner wrote, never words from speech.
    """

    id: str
    call_id: str
    kind: str
    arguments: Mapping[str, str] = field(default_factory=dict)


class OrderBook(Protocol):
    """Where orders come from."""

    async def take(self, call_ids: Sequence[str]) -> Sequence[LiveOrder]:
        """The open orders to these calls, which are ours from now on; one that we have may be among them again."""
        ...

    async def done(self, order: LiveOrder, *, error: str | None) -> None:
        """How it went: None, or a stable code."""
        ...


class Steered(Protocol):
    """What holds the calls."""

    @property
    def live_calls(self) -> Sequence[str]:
        """The ids of the calls that are up."""
        ...

    async def perform(self, order: LiveOrder) -> str | None:
        """Do it; the stable code of why not, or None."""
        ...


async def follow_orders(engine: Steered, book: OrderBook, bus: Bus, *, topic: str) -> None:
    """Have the engine do what is ordered, until cancelled. `topic` says that there are orders.

    An order that takes its time (somebody has to be rung) keeps no other waiting; they begin in order. A database
    that is away delays them, no more.
    """
    in_flight: set[str] = set()
    async with asyncio.TaskGroup() as tasks:
        with bus.subscribe(topic) as woken:
            while True:
                await woken.wait(POLL_S)
                if not (live := engine.live_calls):
                    continue
                try:
                    orders = await book.take(live)
                except UpstreamFailed as error:
                    _log.warning("orders.unread", code=error.code)
                    continue
                for order in orders:
                    if order.id not in in_flight:
                        in_flight.add(order.id)
                        tasks.create_task(_do(engine, book, order, in_flight), name=f"order {order.kind}")


async def _do(engine: Steered, book: OrderBook, order: LiveOrder, in_flight: set[str]) -> None:
    structlog.contextvars.bind_contextvars(call_id=order.call_id)
    try:
        error = await engine.perform(order)
    except Exception:  # noqa: BLE001  # the edge of one order: the others, and the calls, go on
        _log.exception("order.failed", order_id=order.id, call_id=order.call_id, kind=order.kind)
        error = "order_failed"
    await _tell(book, order, error)
    in_flight.discard(order.id)
    _log.info("order.done", order_id=order.id, call_id=order.call_id, kind=order.kind, error=error)


async def _tell(book: OrderBook, order: LiveOrder, error: str | None) -> None:
    """Have the result kept: an order without one would be done again."""
    for wait_s in chain(TELL_AGAIN_S, repeat(TELL_AGAIN_S[-1])):
        try:
            await book.done(order, error=error)
        except UpstreamFailed as failure:
            _log.warning("order.not_told", order_id=order.id, call_id=order.call_id, code=failure.code)
            await asyncio.sleep(wait_s)
        else:
            return
