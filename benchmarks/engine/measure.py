"""One measurement: a load run against a running engine, and the server's memory around it."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.engine.engines import HERE, ROOT, Engine, dialogue
from voice_engine.carrier.recorded import load_recorded
from voice_engine.carrier.takes import prepare
from voice_engine.providers.scripted import ScriptedSettings

ENDPOINT_MS = 200.0


def ideal_ms() -> float:
    """The least a turn can take: every scripted delay one after the other, the first sentence's tokens included."""
    script = ScriptedSettings()
    tokens = script.llm_reply.split()
    first_sentence = next(index for index, token in enumerate(tokens) if token.endswith("."))
    return (
        ENDPOINT_MS
        + script.stt_final_ms
        + script.llm_first_token_ms
        + first_sentence * script.llm_token_interval_ms
        + script.tts_first_byte_ms
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One load run. Latencies in ms over the ideal; `cpu_ms` CPU per call-second of the server."""

    engine: str
    calls: int
    completed: int
    cpu_ms: float
    added_p50_ms: float | None
    added_p95_ms: float | None
    late_share: float
    gaps: int
    turns: int
    unanswered: int
    clears: int
    frames_in: int
    call_seconds: float
    errors: int
    load_cpu_ms: float
    load_late_p95_ms: float | None
    load_late_p99_ms: float | None


def load(
    engine: Engine, *, calls: int, seconds: float, core: int, ramp: float | None = None, call: Path | None = None
) -> Run:
    """Bring `calls` at once to the engine for `seconds`, from `core`."""
    command = [
        "taskset",
        "-c",
        str(core),
        sys.executable,
        "-m",
        "benchmarks.engine.ours",
        "load",
        str(call or HERE / "call"),
    ]
    command += ["--url", engine.url, "--calls", str(calls), "--duration", f"{seconds:g}", "--json"]
    command += ["--ramp", f"{ramp or max(10.0, calls / 3):g}"]
    done = subprocess.run(command, cwd=ROOT, env=dialogue(), capture_output=True, text=True, check=False)
    try:
        return _run(engine, calls, json.loads(done.stdout))
    except ValueError:
        raise SystemExit(f"the load failed:\n{done.stdout}{done.stderr}") from None


def _run(engine: Engine, calls: int, report: dict[str, Any]) -> Run:
    ideal = ideal_ms()
    response, sent_late = report["response_ms"], report["sent_late_ms"]

    def added(rank: str) -> float | None:
        # The load counts from the frame last called speech as it was sent; the frame after it, the first that is
        # called silence, ends FRAME_MS later. An endpointer has heard 200 ms of silence 200 ms after the former.
        return None if response[rank] is None else round(response[rank] - ideal, 2)

    return Run(
        engine=engine.name,
        calls=calls,
        completed=report["calls_completed"],
        cpu_ms=round(report["cpu_per_call_s"] * 1000, 3),
        added_p50_ms=added("p50"),
        added_p95_ms=added("p95"),
        late_share=round(report["late_share"], 5),
        gaps=report["gaps"],
        turns=report["turns"],
        unanswered=report["unanswered"],
        clears=report["clears"],
        frames_in=report["frames_in"],
        call_seconds=report["call_seconds"],
        errors=sum(report["errors"].values()) + sum(report["violations"].values()) + report["calls_refused"],
        load_cpu_ms=round(report["own_cpu_per_call_s"] * 1000, 3),
        load_late_p95_ms=sent_late["p95"],
        load_late_p99_ms=sent_late["p99"],
    )


def describe_call() -> dict[str, float]:
    """The recorded caller's length and turns."""
    take = prepare(load_recorded(HERE / "call"))
    return {"seconds": take.duration_s, "turns": len(take.turn_ends)}
