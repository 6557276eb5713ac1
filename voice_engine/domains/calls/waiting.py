"""Waiting for the end of a call: outside any unit of work, woken by the bus, with a look at the row as a net."""

import asyncio
import re
from dataclasses import dataclass

from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.repository import calls
from voice_engine.domains.calls.states import ENDS
from voice_engine.domains.calls.words import call_topic
from voice_engine.ports.bus import POLL_S, Bus
from voice_engine.store.engine import Store

_WAIT = re.compile(r"wait\s*=\s*\"?(\d{1,6})\"?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """What a client's `Prefer` header (RFC 7240) says about waiting. `wait_s` None: it leaves that to us."""

    wait_s: float | None = None


def read_preference(header: str | None) -> Preference:
    """Read the header; what it says of other things, or wrongly, is ignored, as the RFC wants it."""
    for part in (header or "").split(","):
        word = part.split(";")[0].strip()
        if word.lower() == "respond-async":
            return Preference(wait_s=0.0)
        if match := _WAIT.fullmatch(word):
            return Preference(wait_s=float(match[1]))
    return Preference()


class CallWaits:
    """Waits for calls of any organization."""

    def __init__(self, store: Store, bus: Bus) -> None:
        self._store = store
        self._bus = bus

    async def until_over(self, call: Call, wait_s: float) -> Call:
        """The call once it has ended, or as it stands after `wait_s`. One that is scheduled is not waited for."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + wait_s
        with self._bus.subscribe(call_topic(call.id)) as woken:
            while call.status not in ENDS and call.status != "scheduled":
                left_s = deadline - loop.time()
                if left_s <= 0:
                    break
                await woken.wait(min(left_s, POLL_S))
                call = await self._read(call)
        return call

    async def _read(self, call: Call) -> Call:
        async with self._store.read(call.organization_id) as work:
            found = await calls.find_call(work, call.id)
        return call if found is None else found
