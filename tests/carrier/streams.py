"""Runs one stream between a line and a scripted engine on the virtual clock."""

import asyncio
from collections.abc import Callable
from typing import Any

from tests.fakes.sockets import ScriptedEngine
from voice_engine.carrier.faults import NO_FAULTS, FaultPlan
from voice_engine.carrier.leg import Leg, Line
from voice_engine.carrier.memory import socket_pair
from voice_engine.carrier.messages import StreamIdentity
from voice_engine.carrier.stream import MediaStream, StreamReport
from voice_engine.clock import LoopClock, run_virtual

IDENTITY = StreamIdentity(account_sid="AC1", call_sid="CA1", stream_sid="MZ1", parameters={"call_id": "c1"})

OnEvent = Callable[[ScriptedEngine, dict[str, Any]], None]


def run_stream(
    line: Line, on_event: OnEvent | None = None, *, faults: FaultPlan = NO_FAULTS
) -> tuple[StreamReport, ScriptedEngine]:
    """Run the stream to its end; the engine's socket is closed with it."""

    async def main() -> tuple[StreamReport, ScriptedEngine]:
        clock = LoopClock()
        carrier_end, engine_end = socket_pair()
        engine = ScriptedEngine(on_event)
        stream = MediaStream(carrier_end, IDENTITY, Leg(line, clock), clock=clock, faults=faults)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(engine.handle(engine_end))
            report = await stream.run()
        return report, engine

    return run_virtual(main())


def at_frame(number: int, act: Callable[[ScriptedEngine], None]) -> OnEvent:
    """Do `act` when inbound frame `number` (from 1) arrives: at number · 20 ms."""

    def on_event(engine: ScriptedEngine, body: dict[str, Any]) -> None:
        if body["event"] == "media" and body["media"]["chunk"] == str(number):
            act(engine)

    return on_event
