"""The service's desk: batches on the way to the rows, nothing lost that the report does not tell."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.call_rig import RECEPTIONIST
from tests.web.fakes import call
from voice_engine.clock import run_virtual
from voice_engine.domains.calls.callbacks import CarrierReport
from voice_engine.domains.calls.repository.commands import Order
from voice_engine.domains.calls.states import CommandKind
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.call import CallReport, CallSpec, EngineEvent
from voice_engine.runtime import closing
from voice_engine.web.calls import HangUp, IncomingCall, Plan, Refuse, Talk
from voice_engine.web.control import LiveOrder
from voice_engine.web.desk import ServiceDesk

NOW = dt.datetime(2026, 2, 13, 15, 30, tzinfo=dt.UTC)
SPEC = replace(RECEPTIONIST, call_id="c1")


class _Lifecycle:
    """Notes what it is told; fails `faults` times when events are written, `start_faults` when a call begins."""

    def __init__(self, *, faults: int = 0, start_faults: int = 0, can_finish: bool = True) -> None:
        self.faults = faults
        self.start_faults = start_faults
        self.can_finish = can_finish
        self.answered_at: list[dt.datetime] = []
        self.told: list[tuple[Any, ...]] = []
        self.spec: CallSpec | None = SPEC

    async def find_outbound(self, call_id: str, attempt_id: str, call_sid: str) -> CallSpec | None:
        self.told.append(("find", call_id, attempt_id))
        return self.spec

    async def turn_away(self, call_id: str, attempt_id: str, call_sid: str) -> bool:
        self.told.append(("away", call_id, attempt_id, call_sid))
        return True

    async def answered(self, call_id: str, call_sid: str, at: dt.datetime, *, owner: str) -> bool:
        if self.start_faults:
            self.start_faults -= 1
            raise _away()
        self.answered_at.append(at)
        self.told.append(("answered", call_id, owner))
        return True

    async def note_events(self, call_id: str, events: Sequence[EngineEvent]) -> None:
        if self.faults:
            self.faults -= 1
            raise _away()
        self.told.append(("events", call_id, [event.sequence for event in events]))

    async def finish(
        self, call_id: str, report: CallReport, recording: Path | None, *, events: Sequence[EngineEvent] = ()
    ) -> bool:
        if not self.can_finish:
            raise _away()
        self.told.append(("finish", call_id))
        return True

    async def carrier_status(self, report: CarrierReport) -> None:
        self.told.append(("status", report.call_id, report.status))

    async def amd(self, call_id: str, answered_by: str) -> None:
        self.told.append(("amd", call_id, answered_by))

    async def commands_for(self, owner: str, call_ids: Sequence[str]) -> list[Order]:
        return [
            Order(id="o1", call_id="c1", call_sid="CA1", kind=CommandKind.STOP, arguments={"why": None, "n": 1})
        ]

    async def acknowledge(
        self, command_id: str, *, result: dict[str, Any] | None = None, error: str | None = None
    ) -> None:
        self.told.append(("ack", command_id, error))

    async def heartbeat(self, owner: str, call_ids: Sequence[str]) -> None:
        self.told.append(("alive", owner, list(call_ids)))


def _away() -> UpstreamFailed:
    return UpstreamFailed("database_busy", "away", provider="database", retryable=True)


class _Inbound:
    def __init__(self) -> None:
        self.recordings: list[Mapping[str, str]] = []

    async def plan(self, call: IncomingCall) -> Plan:
        return Refuse()

    async def recorded(self, query: Mapping[str, str], form: Mapping[str, str]) -> None:
        self.recordings.append(form)


def event(sequence: int, type: str = "turn.human") -> EngineEvent:
    return EngineEvent(sequence=sequence, at_ms=sequence, type=type, facts={})


def run(
    lifecycle: _Lifecycle, act: Callable[[ServiceDesk], Awaitable[Any]], inbound: _Inbound | None = None
) -> Any:
    """`act` at a desk that runs."""

    async def main() -> Any:
        loop = asyncio.get_running_loop()
        begun_at = loop.time()
        desk = ServiceDesk(
            lifecycle,
            inbound or _Inbound(),
            owner="w1",
            now=lambda: NOW + dt.timedelta(seconds=round(loop.time() - begun_at)),
        )
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(desk.run())
            result = await act(desk)
            running.cancel()
        return result

    return run_virtual(main())


def test_an_answered_call_of_ours_is_found_by_our_own_ids() -> None:
    """They come back in the webhook's URL, which is signed."""
    lifecycle = _Lifecycle()
    incoming = replace(call(), query={"call_id": "c1", "attempt_id": "a1"})

    assert run(lifecycle, lambda desk: desk.plan(incoming)) == Talk(spec=SPEC)
    assert lifecycle.told == [("find", "c1", "a1")]


def test_a_call_of_ours_that_finds_no_room_is_ended_by_its_own_ids() -> None:
    """One that came in has no row to end."""
    lifecycle = _Lifecycle()
    ours = replace(call(), query={"call_id": "c1", "attempt_id": "a1"})

    async def act(desk: ServiceDesk) -> None:
        await desk.turned_away(ours)
        await desk.turned_away(call())

    run(lifecycle, act)

    assert lifecycle.told == [("away", "c1", "a1", ours.call_sid)]


def test_a_call_that_is_no_longer_wanted_is_hung_up() -> None:
    """Cancelled between the dial and the answer."""
    lifecycle = _Lifecycle()
    lifecycle.spec = None

    assert (
        run(lifecycle, lambda desk: desk.plan(replace(call(), query={"call_id": "c", "attempt_id": "a"})))
        == HangUp()
    )


def test_other_calls_are_the_receptions() -> None:
    assert run(_Lifecycle(), lambda desk: desk.plan(call())) == Refuse()


def test_events_are_written_in_batches_and_interim_ones_never() -> None:
    """One transaction for a burst, within a quarter of a second."""
    lifecycle = _Lifecycle()

    async def act(desk: ServiceDesk) -> None:
        for number, type in enumerate(("turn.human", "transcript.interim", "turn.ai"), start=1):
            desk.note(SPEC, event(number, type))
        await asyncio.sleep(0.3)
        desk.note(SPEC, event(4))
        await asyncio.sleep(0.3)

    run(lifecycle, act)

    assert lifecycle.told == [("events", "c1", [1, 3]), ("events", "c1", [4])]


def test_a_database_that_is_away_keeps_events_in_order() -> None:
    lifecycle = _Lifecycle(faults=2)

    async def act(desk: ServiceDesk) -> None:
        desk.note(SPEC, event(1))
        await asyncio.sleep(0.3)
        desk.note(SPEC, event(2))
        await asyncio.sleep(1.0)

    run(lifecycle, act)

    assert lifecycle.told == [("events", "c1", [1, 2])]


def test_the_end_comes_after_what_was_noted() -> None:
    """The last turn must not be told after the end."""
    lifecycle = _Lifecycle()

    async def act(desk: ServiceDesk) -> None:
        desk.note(SPEC, event(1))
        await desk.finished(SPEC, closing.unconnected(SPEC), [], None)
        await asyncio.sleep(1.0)

    run(lifecycle, act)

    assert lifecycle.told == [("events", "c1", [1]), ("finish", "c1")]


def test_live_calls_are_said_to_live_until_they_end() -> None:
    """Otherwise the reaper takes them for dead."""
    lifecycle = _Lifecycle()

    async def act(desk: ServiceDesk) -> None:
        await desk.started(call(), SPEC)
        await asyncio.sleep(5.1)
        await desk.finished(SPEC, closing.unconnected(SPEC), [], None)
        await asyncio.sleep(10.0)

    run(lifecycle, act)

    assert lifecycle.told == [("answered", "c1", "w1"), ("alive", "w1", ["c1"]), ("finish", "c1")]


def test_a_call_whose_start_is_told_late_began_when_it_began() -> None:
    """The seconds for which the database was away are talked seconds."""
    lifecycle = _Lifecycle(start_faults=1)

    async def act(desk: ServiceDesk) -> None:
        with pytest.raises(UpstreamFailed):
            await desk.started(call(), SPEC)
        await asyncio.sleep(40.0)
        await desk.started(call(), SPEC)

    run(lifecycle, act)

    assert lifecycle.answered_at == [NOW]


def test_a_start_that_was_never_told_is_told_with_the_end() -> None:
    """A call with a transcript and a bill was answered, and when."""
    lifecycle = _Lifecycle(start_faults=1)

    async def act(desk: ServiceDesk) -> None:
        with pytest.raises(UpstreamFailed):
            await desk.started(call(), SPEC)
        await asyncio.sleep(3.0)
        await desk.finished(SPEC, closing.unconnected(SPEC), [], None)

    run(lifecycle, act)

    assert lifecycle.told == [("answered", "c1", "w1"), ("finish", "c1")]
    assert lifecycle.answered_at == [NOW]


def test_a_call_that_is_gone_is_not_said_to_live_though_its_end_cannot_be_told() -> None:
    """Else no reaper ever comes, and it is in progress for ever."""
    lifecycle = _Lifecycle(can_finish=False)

    async def act(desk: ServiceDesk) -> None:
        await desk.started(call(), SPEC)
        with pytest.raises(UpstreamFailed):
            await desk.finished(SPEC, closing.unconnected(SPEC), [], None)
        await asyncio.sleep(5.1)
        desk.forget(SPEC)
        await asyncio.sleep(20.0)

    run(lifecycle, act)

    assert lifecycle.told == [("answered", "c1", "w1"), ("alive", "w1", ["c1"])]


@pytest.mark.parametrize(
    ("kind", "form", "told"),
    [
        ("status", {"CallStatus": "ringing"}, [("status", "c1", "ringing")]),
        ("amd", {"AnsweredBy": "human", "MachineDetectionDuration": "3200"}, [("amd", "c1", "human")]),
        ("amd", {}, []),
        ("status", {"CallStatus": "nonsense"}, []),
        ("conference", {"CallStatus": "in-progress"}, []),
    ],
)
def test_reports_go_to_whom_they_concern(kind: Any, form: dict[str, str], told: list[Any]) -> None:
    lifecycle = _Lifecycle()

    run(lifecycle, lambda desk: desk.callback(kind, {"call_id": "c1"}, {"CallSid": "CA1", **form}))

    assert lifecycle.told == told


def test_a_recording_at_the_carrier_is_the_receptions() -> None:
    inbound = _Inbound()

    run(_Lifecycle(), lambda desk: desk.callback("recording", {}, {"RecordingSid": "RE1"}), inbound)

    assert inbound.recordings == [{"RecordingSid": "RE1"}]


def test_orders_are_taken_for_this_process_and_acknowledged() -> None:
    lifecycle = _Lifecycle()

    async def act(desk: ServiceDesk) -> list[LiveOrder]:
        orders = await desk.take(["c1"])
        await desk.done(orders[0], error="call_not_active")
        return orders

    assert run(lifecycle, act) == [LiveOrder(id="o1", call_id="c1", kind="stop", arguments={"n": "1"})]
    assert lifecycle.told == [("ack", "o1", "call_not_active")]
