"""The service's desk: calls are rows, and what happens in them is written down while they last.

Nothing here waits for the database on the way of a call's audio: events are noted at once and written in batches.
"""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import structlog

from voice_engine.domains.calls.callbacks import CarrierReport, read_report
from voice_engine.domains.calls.live import TOLD
from voice_engine.domains.calls.repository.commands import Order
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.call import CallReport, CallSpec, EngineEvent
from voice_engine.web.calls import CallbackKind, HangUp, IncomingCall, Plan, Talk
from voice_engine.web.control import LiveOrder
from voice_engine.web.passing import Passing

WRITE_EVERY_S = 0.25
"""How far the rows of a live call may be behind it."""
HEARTBEAT_S = 5.0
"""How often the calls of this process are said to be alive; the reaper waits several times as long."""
MOST_NOTED = 500
"""Events of one call that wait to be written; beyond it the oldest go: the report tells them again."""

_log = structlog.get_logger(__name__)


class Lifecycle(Protocol):
    """What the desk needs of `domains.calls.lifecycle.CallLifecycle`."""

    async def find_outbound(self, call_id: str, attempt_id: str, call_sid: str) -> CallSpec | None:
        """As there."""
        ...

    async def turn_away(self, call_id: str, attempt_id: str, call_sid: str) -> bool:
        """As there."""
        ...

    async def answered(self, call_id: str, call_sid: str, at: dt.datetime, *, owner: str) -> bool:
        """As there."""
        ...

    async def note_events(self, call_id: str, events: Sequence[EngineEvent]) -> None:
        """As there."""
        ...

    async def finish(
        self, call_id: str, report: CallReport, recording: Path | None, *, events: Sequence[EngineEvent] = ()
    ) -> bool:
        """As there."""
        ...

    async def carrier_status(self, report: CarrierReport) -> None:
        """As there."""
        ...

    async def amd(self, call_id: str, answered_by: str) -> None:
        """As there."""
        ...

    async def commands_for(self, owner: str, call_ids: Sequence[str]) -> list[Order]:
        """As there."""
        ...

    async def acknowledge(
        self, command_id: str, *, result: dict[str, Any] | None = None, error: str | None = None
    ) -> None:
        """As there."""
        ...

    async def heartbeat(self, owner: str, call_ids: Sequence[str]) -> None:
        """As there."""
        ...


class InboundDesk(Protocol):
    """Who answers our numbers, and keeps the messages left there."""

    async def plan(self, call: IncomingCall) -> Plan:
        """What to do with a call to one of our numbers; repeated webhooks of one call get one row."""
        ...

    async def recorded(self, query: Mapping[str, str], form: Mapping[str, str]) -> None:
        """A recording is ready at the carrier."""
        ...


@dataclass(slots=True)
class _Up:
    """A call that is up here since `at`. `told`: its row says so."""

    call_sid: str
    at: dt.datetime
    told: bool = False


class ServiceDesk:
    """`CallDesk` and `OrderBook` over the database. `owner` names this media process. Run `run` beside it."""

    def __init__(
        self,
        lifecycle: Lifecycle,
        inbound: InboundDesk,
        *,
        owner: str,
        now: Callable[[], dt.datetime],
        passing: Passing | None = None,
    ) -> None:
        self._lifecycle = lifecycle
        self._inbound = inbound
        self._owner = owner
        self._now = now
        self._live: dict[str, _Up] = {}
        self._noted: dict[str, list[EngineEvent]] = {}
        self._wake = asyncio.Event()
        self._passing = passing

    async def plan(self, call: IncomingCall) -> Plan:
        """A call of ours that was answered, or one to our numbers."""
        if call.dialled is None:
            return await self._inbound.plan(call)
        spec = await self._lifecycle.find_outbound(*call.dialled, call.call_sid)
        return HangUp() if spec is None else Talk(spec=spec)

    async def turned_away(self, call: IncomingCall) -> None:
        """End a call of ours that was answered and found no room here."""
        if call.dialled is not None:
            await self._lifecycle.turn_away(*call.dialled, call.call_sid)

    async def started(self, call: IncomingCall, spec: CallSpec) -> bool:
        """The call's media are up here; False: it was stopped in the meantime."""
        up = self._live.setdefault(spec.call_id, _Up(call.call_sid, self._now()))
        return await self._tell(spec.call_id, up)

    async def _tell(self, call_id: str, up: _Up) -> bool:
        wanted = await self._lifecycle.answered(call_id, up.call_sid, up.at, owner=self._owner)
        up.told = True
        return wanted

    def note(self, spec: CallSpec, event: EngineEvent) -> None:
        """Keep a turn-level event for the next writing; tell others in passing to whoever looks."""
        if self._passing is not None:
            self._passing.note(spec.call_id, event)
        if event.type not in TOLD:
            return
        noted = self._noted.setdefault(spec.call_id, [])
        noted.append(event)
        if len(noted) > MOST_NOTED:
            del noted[0]
        self._wake.set()

    async def finished(
        self, spec: CallSpec, report: CallReport, events: Sequence[EngineEvent], recording: Path | None
    ) -> None:
        """Write the end; what was noted before it goes first, so that events stay in order."""
        if (up := self._live.get(spec.call_id)) is not None and not up.told:
            await self._tell(spec.call_id, up)
        await self._write(spec.call_id)
        await self._lifecycle.finish(spec.call_id, report, recording, events=events)
        self.forget(spec)

    def forget(self, spec: CallSpec) -> None:
        """No heartbeat says any more that the call lives: should its end not be told, the reaper sees to it."""
        self._live.pop(spec.call_id, None)
        self._noted.pop(spec.call_id, None)

    async def callback(self, kind: CallbackKind, query: Mapping[str, str], form: Mapping[str, str]) -> None:
        """The carrier's reports, each to whom it concerns."""
        if kind == "recording":
            await self._inbound.recorded(query, form)
            return
        if kind == "amd":
            await self._heard_machine(query.get("call_id"), form.get("AnsweredBy"))
        elif kind == "status":
            report = read_report(query, form)
            if report is None:
                _log.warning("carrier.report_unread", kind=kind, status=form.get("CallStatus"))
            else:
                await self._lifecycle.carrier_status(report)

    async def _heard_machine(self, call_id: str | None, answered_by: str | None) -> None:
        """The detection's report names neither the call's status nor its number: our own id is in the URL."""
        if call_id is None or not answered_by:
            _log.warning("carrier.report_unread", kind="amd")
        else:
            await self._lifecycle.amd(call_id, answered_by)

    async def take(self, call_ids: Sequence[str]) -> list[LiveOrder]:
        """The open orders to these calls."""
        orders = await self._lifecycle.commands_for(self._owner, call_ids)
        return [
            LiveOrder(
                id=order.id,
                call_id=order.call_id,
                kind=order.kind,
                arguments={name: str(value) for name, value in order.arguments.items() if value is not None},
            )
            for order in orders
        ]

    async def done(self, order: LiveOrder, *, error: str | None) -> None:
        """How an order went."""
        await self._lifecycle.acknowledge(order.id, result=None if error else {}, error=error)

    async def run(self) -> None:
        """Write what is noted and say that the calls here live, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_writing(), name="write events")
            tasks.create_task(self._keep_alive(), name="heartbeat")
            if self._passing is not None:
                tasks.create_task(self._passing.run(), name="passing")

    async def _keep_writing(self) -> None:
        while True:
            await self._wake.wait()
            await asyncio.sleep(WRITE_EVERY_S)
            self._wake.clear()
            for call_id in list(self._noted):
                await self._write(call_id)

    async def _write(self, call_id: str) -> None:
        events = self._noted.pop(call_id, None)
        if not events:
            return
        try:
            await self._lifecycle.note_events(call_id, events)
        except UpstreamFailed as error:
            _log.warning("call.events_delayed", call_id=call_id, code=error.code, events=len(events))
            self._noted[call_id] = (events + self._noted.get(call_id, []))[-MOST_NOTED:]
            self._wake.set()

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            if self._live:
                try:
                    await self._lifecycle.heartbeat(self._owner, sorted(self._live))
                except UpstreamFailed as error:
                    _log.warning("heartbeat.missed", code=error.code)
