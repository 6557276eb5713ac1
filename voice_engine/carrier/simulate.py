"""One scripted call from ring to verdict: the respondent's line, the carrier between, an engine at the other end.

Runs on whatever clock the loop keeps: virtual for tests and `simulate`, real time for latency.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from voice_engine.carrier.callfile import CallFile
from voice_engine.carrier.calls import Answer, CallRecord, LocalCarrier
from voice_engine.carrier.control import LocalCallControl, stream_document, stream_verb
from voice_engine.carrier.expect import evaluate
from voice_engine.carrier.faults import NO_FAULTS, FaultPlan
from voice_engine.carrier.leg import Line
from voice_engine.carrier.lines import Heard, Recognize, RespondentLine
from voice_engine.carrier.memory import LocalConnector
from voice_engine.carrier.respondent import Response
from voice_engine.carrier.scenario import Scenario
from voice_engine.carrier.voices import Rendered
from voice_engine.clock import LoopClock
from voice_engine.ports.media import MediaSocket
from voice_engine.ports.telephony import CallControl, DialResult

CALL_ID_PARAMETER = "call_id"
"""The stream parameter by which an engine in this process knows whose call it is."""


class Engine(Protocol):
    """An engine that is about to hold one call."""

    async def handle(self, socket: MediaSocket) -> None:
        """Serve one media stream of the call until its socket closes."""
        ...

    async def result(self, dialled: DialResult) -> Mapping[str, Any]:
        """The call's result as `result.json` has it, once the carrier's part is over (or nobody answered)."""
        ...


EngineFactory = Callable[[CallFile, CallControl, asyncio.TaskGroup], Engine]
"""Makes the engine of one call; what it runs beside its streams it starts in the task group, and it all ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """A finished simulated call. `failures` is empty when every expectation holds; `notes` only explain.

    `said` and `heard` are both directions as the line had them: μ-law, 8 kHz, aligned, from answer on.
    """

    scenario: Scenario
    result: Mapping[str, Any]
    failures: tuple[str, ...]
    notes: tuple[str, ...] = ()
    responses: tuple[Response, ...] = ()
    record: CallRecord | None = None
    said: bytes = b""
    heard: bytes = b""

    @property
    def passed(self) -> bool:
        """Whether every expectation holds."""
        return not self.failures


async def simulate(
    scenario: Scenario,
    engine_factory: EngineFactory,
    *,
    rendered: Rendered,
    recognize: Recognize,
    faults: FaultPlan = NO_FAULTS,
    transfer_lines: Callable[[str], Line | None] = lambda number: None,
) -> Simulation:
    """Place (or take) the call in audio and judge it.

    `rendered` is all that the respondent can say (`voices.render`), `recognize` its ears (`listener.STTListener`).
    """
    line = RespondentLine(scenario.script, rendered, settings=scenario.line, recognize=recognize)
    parameters = {CALL_ID_PARAMETER: scenario.spec.call_id}
    async with asyncio.TaskGroup() as tasks:

        async def connect(url: str) -> MediaSocket:
            return await connector(url)

        carrier = LocalCarrier(connect=connect, clock=LoopClock(), tasks=tasks, lines=transfer_lines, faults=faults)
        control = LocalCallControl(carrier, lambda _: stream_verb(parameters=parameters))
        engine = engine_factory(scenario.call, control, tasks)
        connector = LocalConnector(engine.handle, tasks)
        document = stream_document(parameters=parameters)
        to = scenario.spec.submission.respondent_phone if scenario.spec.submission else "+15550100100"
        if scenario.spec.direction == "outbound":
            answer = Answer(how=scenario.line.answer, after_ms=scenario.line.answer_after_ms)
            dialled = await carrier.dial(line, to=to, document=document, answer=answer)
        else:
            dialled = carrier.receive(line, to=to, document=document)
        record = await carrier.wait(dialled.call_sid)
        result = await engine.result(dialled)
    leg = carrier.leg(dialled.call_sid) if record.answered_at_ms is not None else None
    return _judge(
        scenario,
        result,
        line,
        record,
        said=bytes(leg.said) if leg else b"",
        heard=bytes(leg.heard) if leg else b"",
    )


def _judge(
    scenario: Scenario,
    result: Mapping[str, Any],
    line: RespondentLine,
    record: CallRecord,
    *,
    said: bytes,
    heard: bytes,
) -> Simulation:
    texts = [utterance.text for utterance in line.heard]
    responses = tuple(line.respondent.responses)
    failures = evaluate(scenario.expect, result, respondent_heard=texts, responses=responses)
    failures += protocol_failures(record)
    return Simulation(
        scenario=scenario,
        result=with_heard(result, line.heard),
        failures=tuple(failures),
        notes=tuple(line.respondent.notes),
        responses=responses,
        record=record,
        said=said,
        heard=heard,
    )


def protocol_failures(record: CallRecord) -> list[str]:
    """What the carrier refused or could not do; an engine that speaks the protocol causes none."""
    return [
        f"protocol: the carrier refused a message: {refused.code} {refused.reason.value} at {refused.at_ms} ms"
        for refused in record.violations()
    ] + [f"carrier: {error}" for error in record.errors]


def with_heard(result: Mapping[str, Any], heard: Sequence[Heard]) -> dict[str, Any]:
    """The result with `respondent_heard` on each engine turn: the utterances that overlap it most."""
    turns = [dict(turn) for turn in result.get("turns", ())]
    engine_turns = [turn for turn in turns if turn["speaker"] == "AI"]
    for turn in engine_turns:
        turn["respondent_heard"] = ""
    for utterance in heard:
        if engine_turns:
            turn = max(engine_turns, key=lambda t: _overlap(t, utterance))
            turn["respondent_heard"] = f"{turn['respondent_heard']} {utterance.text}".strip()
    return {**result, "turns": turns}


def _overlap(turn: Mapping[str, Any], utterance: Heard) -> float:
    return float(min(turn["end_ms"], utterance.ended_ms) - max(turn["start_ms"], utterance.started_ms))
