"""A whole scripted call in audio: dialled, held, judged; the engine is a toy, the carrier is real."""

import asyncio
import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.carrier.lines import tone, tone_mulaw
from tests.fakes.sockets import ScriptedEngine
from voice_engine.audio.frames import PCM
from voice_engine.carrier import yamlfile
from voice_engine.carrier.callfile import CallFile
from voice_engine.carrier.lines import Heard
from voice_engine.carrier.scenario import Scenario, read_scenario
from voice_engine.carrier.simulate import Engine, EngineFactory, Simulation, simulate, with_heard
from voice_engine.clock import run_virtual
from voice_engine.ports.telephony import CallControl, DialResult, DialStatus

HEAD = """\
direction: outbound
language: en
now: 2026-02-13T10:00:00-05:00
submission: {task_category: general, task_description: Ask, respondent_phone: "+15550100123"}
"""


class TonePolicy(ScriptedEngine):
    """Speaks 1 s of tone whenever the line falls silent for 0.5 s after speech; its result says what happened."""

    def __init__(self, call: CallFile, control: CallControl, *, spoils: bool = False) -> None:
        super().__init__(self._react)
        self.call = call
        self.control = control
        self.turns: list[dict[str, Any]] = []
        self._loud = self._quiet = 0
        self._spoils = spoils

    async def result(self, dialled: DialResult) -> Mapping[str, Any]:
        status = "success" if dialled.status is DialStatus.ANSWERED else dialled.status.value.replace("-", "_")
        return {"status": status, "turns": self.turns, "parameters": self.of("start") and self.of("start")[0]}

    def _react(self, engine: ScriptedEngine, body: dict[str, Any]) -> None:
        if body["event"] != "media":
            return
        at_ms = int(body["media"]["timestamp"])
        pcm = np.frombuffer(base64.b64decode(body["media"]["payload"]), dtype=np.uint8)
        if len(set(pcm.tolist())) > 4:
            self._loud, self._quiet = self._loud + 1, 0
            return
        self._quiet += 1
        if self._loud > 5 and self._quiet == 25:
            self._loud = 0
            self.turns.append({"speaker": "AI", "text": "tone", "start_ms": at_ms + 40, "end_ms": at_ms + 1040})
            self.send_audio(tone_mulaw(1000))
            if self._spoils:
                self.send({"event": "media", "media": {"payload": "//8="}})


def scenario(rest: str) -> Scenario:
    return read_scenario(yamlfile.parse(HEAD + rest, "test.yaml"), Path("test.yaml"))


def length(pcm: PCM) -> str:
    return f"{pcm.size // 8} ms"


def run(rest: str, *, spoils: bool = False) -> tuple[Simulation, TonePolicy]:
    made: list[TonePolicy] = []

    def factory(call: CallFile, control: CallControl, tasks: asyncio.TaskGroup) -> Engine:
        made.append(TonePolicy(call, control, spoils=spoils))
        return made[0]

    checked: EngineFactory = factory
    rendered = {(f"step{n}", slot): tone(600) for n in range(1, 5) for slot in ("say", "else", "backchannel")}
    simulation = run_virtual(simulate(scenario(rest), checked, rendered=rendered, recognize=length))
    return simulation, made[0]


STEPS = """\
line: {answer_after_ms: 1200}
respondent:
  steps:
    - {say: hello, within_ms: 1000}
    - {when: ms, say: great}
    - {when: ms, hang_up: true}
"""


def test_a_call_is_dialled_held_and_judged() -> None:
    simulation, engine = run(STEPS + "expect: {status: success, max_response_ms: 1000, said: [1120 ms]}\n")

    assert simulation.failures == ()
    assert simulation.passed
    assert [response.after_ms for response in simulation.responses] == [520, 520]
    assert simulation.record is not None
    assert (simulation.record.ended_by, simulation.record.answered_at_ms) == ("line", 1200.0)
    assert engine.of("start")[0]["start"]["customParameters"] == {"call_id": "test"}


def test_the_result_tells_what_the_respondent_heard_of_each_turn() -> None:
    simulation, _ = run(STEPS)

    assert [turn["respondent_heard"] for turn in simulation.result["turns"]] == ["1120 ms", "1120 ms"]


def test_both_directions_are_kept_aligned() -> None:
    simulation, _ = run(STEPS)

    first = simulation.responses[0]
    answer_ms = first.spoke_until_ms + (first.after_ms or 0)
    assert len(simulation.said) == len(simulation.heard)
    assert simulation.heard[answer_ms * 8 : answer_ms * 8 + 8000] == tone_mulaw(1000)


def test_expectations_that_break_are_named() -> None:
    simulation, _ = run(STEPS.replace("within_ms: 1000", "within_ms: 400") + "expect: {status: failed}\n")

    assert [failure.split(":")[0] for failure in simulation.failures] == ["within_ms", "status"]


def test_a_refused_message_fails_the_call() -> None:
    simulation, _ = run(STEPS, spoils=True)

    assert simulation.failures[0].startswith("protocol: the carrier refused a message: 31951 wrong_stream_sid")


@pytest.mark.parametrize(("answer", "status"), [("busy", "busy"), ("no_answer", "no_answer"), ("failed", "failed")])
def test_a_line_that_does_not_answer_opens_no_stream(answer: str, status: str) -> None:
    simulation, engine = run(f"line: {{answer: {answer}}}\nexpect: {{status: {status}}}\n")

    assert simulation.passed
    assert engine.events == []
    assert simulation.notes == ()


def test_an_inbound_respondent_calls_in() -> None:
    inbound = HEAD.replace("outbound", "inbound").split("submission")[0] + "assistant: {name: Ann}\n" + STEPS
    spec = read_scenario(yamlfile.parse(inbound, "in.yaml"), Path("in.yaml"))

    async def main() -> Simulation:
        def factory(call: CallFile, control: CallControl, tasks: asyncio.TaskGroup) -> Engine:
            return TonePolicy(call, control)

        rendered = {(f"step{n}", "say"): tone(600) for n in range(1, 5)}
        return await simulate(spec, factory, rendered=rendered, recognize=length)

    simulation = run_virtual(main())
    assert simulation.record is not None
    assert simulation.record.direction == "inbound"
    assert simulation.passed


def test_heard_words_go_to_the_turn_that_they_overlap_most() -> None:
    turns = [
        {"speaker": "AI", "text": "a", "start_ms": 0, "end_ms": 1000},
        {"speaker": "HUMAN", "text": "b", "start_ms": 900, "end_ms": 3000},
        {"speaker": "AI", "text": "c", "start_ms": 3000, "end_ms": 5000},
    ]
    heard = [
        Heard(started_ms=0, ended_ms=900, text="one"),
        Heard(started_ms=3100, ended_ms=3900, text="two"),
        Heard(started_ms=4400, ended_ms=5200, text="three"),
    ]

    result = with_heard({"turns": turns}, heard)

    assert [turn.get("respondent_heard") for turn in result["turns"]] == ["one", None, "two three"]
