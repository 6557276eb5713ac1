"""Live control: orders to the calls that this process holds come as rows; the bus only says that there are some.

An order is done once: whoever takes it has it, and says how it went. With no call up, nothing is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from voice_engine.errors import UpstreamFailed
from voice_engine.ports.bus import POLL_S, Bus

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOrder:
    """What the owner of a live call is told to do: `kind` is `stop`, `reject`, `transfer`, `takeover`, `hand_back`.

    `arguments` hold configured numbers and reasons, never words from speech.
    """

    id: str
    call_id: str
    kind: str
    arguments: Mapping[str, str] = field(default_factory=dict)


class OrderBook(Protocol):
    """Where orders come from."""

    async def take(self, call_ids: Sequence[str]) -> Sequence[LiveOrder]:
        """The open orders to these calls, which are ours from now on."""
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

    A database that is away delays them, no more.
    """
    with bus.subscribe(topic) as woken:
        while True:
            await woken.wait(POLL_S)
            if not (live := engine.live_calls):
                continue
            try:
                await _do_all(engine, book, live)
            except UpstreamFailed as error:
                _log.warning("orders.unread", code=error.code)


async def _do_all(engine: Steered, book: OrderBook, live: Sequence[str]) -> None:
    for order in await book.take(live):
        error = await engine.perform(order)
        await book.done(order, error=error)
        _log.info("order.done", order_id=order.id, call_id=order.call_id, kind=order.kind, error=error)
