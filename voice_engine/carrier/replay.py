"""A recorded call played into an engine, on whatever clock the loop keeps; virtual: far faster than it happened."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from voice_engine.carrier.calls import CallRecord, LocalCarrier
from voice_engine.carrier.control import LocalCallControl, stream_document, stream_verb
from voice_engine.carrier.expect import evaluate
from voice_engine.carrier.faults import NO_FAULTS, FaultPlan
from voice_engine.carrier.memory import LocalConnector
from voice_engine.carrier.recorded import RecordedCall
from voice_engine.carrier.simulate import CALL_ID_PARAMETER, EngineFactory, protocol_failures
from voice_engine.clock import LoopClock
from voice_engine.ports.media import MediaSocket


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A replayed call: the engine's result, which expectations failed, and what the carrier saw."""

    recorded: RecordedCall
    result: Mapping[str, Any]
    failures: tuple[str, ...]
    record: CallRecord

    @property
    def passed(self) -> bool:
        """Whether every expectation holds."""
        return not self.failures


async def replay(recorded: RecordedCall, engine_factory: EngineFactory, *, faults: FaultPlan = NO_FAULTS) -> Replay:
    """Play the recording to its end (or until the engine hangs up) and judge the result."""
    parameters = {CALL_ID_PARAMETER: recorded.spec.call_id}
    document = stream_document(parameters=parameters)
    async with asyncio.TaskGroup() as tasks:

        async def connect(url: str) -> MediaSocket:
            return await connector(url)

        carrier = LocalCarrier(connect=connect, clock=LoopClock(), tasks=tasks, faults=faults)
        control = LocalCallControl(carrier, lambda _: stream_verb(parameters=parameters))
        engine = engine_factory(recorded.call, control, tasks)
        connector = LocalConnector(engine.handle, tasks)
        if recorded.spec.submission is not None:
            dialled = await carrier.dial(
                recorded.line(), to=recorded.spec.submission.respondent_phone, document=document
            )
        else:
            dialled = carrier.receive(recorded.line(), to="+15550100100", document=document)
        record = await carrier.wait(dialled.call_sid)
        result = await engine.result(dialled)
    failures = [*evaluate(recorded.expect, result), *protocol_failures(record)]
    return Replay(recorded=recorded, result=result, failures=tuple(failures), record=record)
