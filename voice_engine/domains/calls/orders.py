"""Waiting for what comes of an order to a live call: outside any unit of work, woken by the bus."""

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Any

from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.repository import commands
from voice_engine.domains.calls.words import call_topic
from voice_engine.ports.bus import POLL_S, Bus
from voice_engine.store.engine import Store

NOT_ACTIVE = "call_not_active"
TIMED_OUT = "order_timed_out"
IMPOSSIBLE = frozenset(
    {TIMED_OUT, "order_unknown", "order_failed", "takeover_unavailable", "number_missing", "ticket_missing"}
)
"""The process that holds the call cannot do this, or did not say."""


class OrderAnswers:
    """What processes that hold calls say of orders. `now` is the wall clock, in UTC."""

    def __init__(self, store: Store, bus: Bus, *, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._bus = bus
        self._now = now

    async def wait(self, call: Call, command_id: str, wait_s: float) -> str | None:
        """None: it was done; else the stable code of why not. One that nobody took in time is withdrawn."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        with self._bus.subscribe(call_topic(call.id)) as woken:
            while True:
                async with self._store.read(call.organization_id) as work:
                    command = await commands.find(work, command_id)
                if command is None:
                    return NOT_ACTIVE
                if command.acknowledged_at is not None:
                    return command.error
                left_s = deadline - loop.time()
                if left_s <= 0:
                    return await self._withdraw(call, command_id)
                await woken.wait(min(left_s, POLL_S))

    async def _withdraw(self, call: Call, command_id: str) -> str | None:
        async with self._store.begin(call.organization_id) as work:
            withdrawn: dict[str, Any] = {"now": self._now(), "result": None, "error": TIMED_OUT}
            if await commands.acknowledge(work, command_id, **withdrawn):
                return TIMED_OUT
            command = await commands.find(work, command_id)
            return NOT_ACTIVE if command is None else command.error
