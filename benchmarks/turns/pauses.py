"""Early cuts and response latency, with the same settings: `python -m benchmarks.turns.pauses [--check]`.

Virtual time; recognition and synthesis cost what they declare. `--realtime` measures this machine.
"""

import argparse
import asyncio
import json
import statistics
from contextlib import aclosing
from pathlib import Path

import numpy as np
import yaml

from benchmarks.turns.rig import TrialLine, receptionist, run_trial, verdict
from voice_engine.audio.frames import PCM
from voice_engine.bootstrap import Providers, open_providers
from voice_engine.carrier.script import segments
from voice_engine.clock import run_virtual
from voice_engine.config import Settings, load_settings
from voice_engine.ports.tts import SpeechRequest

HERE = Path(__file__).parent
VOICES = {"en": "heart-low", "es": None}
_SHARED = (
    ("early_plain", "<=", 0.05), ("early_pause", "<=", 0.05), ("early_cued", "<=", 0.05),
    ("starts_a_turn", "<=", 0.15),
)  # fmt: skip
TARGETS = {
    "en": (*_SHARED, ("latency_median_ms", "<=", 800), ("latency_p95_ms", "<=", 1300)),
    "es": (*_SHARED, ("latency_median_ms", "<=", 1200), ("latency_p95_ms", "<=", 2000)),
}
"""What the panel has to show."""


async def speak(providers: Providers, text: str, language: str) -> tuple[PCM, list[tuple[int, int]]]:
    """The text with its pauses as audio, and each pause's (start, end) in ms."""
    parts: list[PCM] = []
    pauses: list[tuple[int, int]] = []
    for piece in segments(text):
        at_ms = sum(len(part) for part in parts) // 8
        if isinstance(piece, int):
            parts.append(np.zeros(piece * 8, np.int16))
            pauses.append((at_ms, at_ms + piece))
            continue
        request = SpeechRequest(text=piece, language=language, voice=VOICES[language])
        async with aclosing(providers.tts.synthesize(request)) as chunks:
            audio = np.concatenate([chunk async for chunk in chunks])
        parts.append(trim(audio))
    return np.concatenate(parts), pauses


def trim(pcm: PCM, floor: int = 250) -> PCM:
    """Without silence at either end, so that a pause is as long as it says."""
    loud = np.flatnonzero(np.abs(pcm) > floor)
    return pcm[loud[0] : loud[-1] + 1] if loud.size else pcm


async def measure(
    settings: Settings, providers: Providers, languages: list[str], kinds: list[str], most: int
) -> list[dict]:
    """One row a trial."""
    corpus = yaml.safe_load((HERE / "pauses.yaml").read_text())
    rows = []
    for language in languages:
        for items, held_out in ((corpus[language], False), (corpus[language]["held_out"], True)):
            for kind in kinds:
                for text in items.get(kind, ())[:most]:
                    row = await one(settings, providers, language, kind, text)
                    rows.append({**row, "held_out": held_out})
                    print(".", end="", flush=True)
    print()
    return rows


async def one(settings: Settings, providers: Providers, language: str, kind: str, text: str) -> dict:
    """One utterance said to a listening receptionist."""
    clip, _ = await speak(providers, text, language)
    line = TrialLine(clip, linger_ms=3500)
    trial = await run_trial(receptionist(language, long_greeting=False), line, settings, providers)
    started, ended = line.started_ms or 0, line.ended_ms or 0
    starts = [e for e in trial.events if e.type == "reply.started" and e.at_ms > started]
    early = [e for e in starts if e.at_ms < ended]
    turn = next((t for t in trial.report.turns if t.speaker == "HUMAN"), None)
    return {
        "language": language, "kind": kind, "text": text, "early": bool(early), "early_starts": len(early),
        "latency_ms": line.engine_first_ms - ended if line.engine_first_ms is not None else None,
        "heard": turn.text if turn else "",
        "breakdown": next((vars_of(t.latency) for t in trial.report.turns if t.latency), None),
    }  # fmt: skip


def vars_of(latency: object) -> dict:
    return {
        name: getattr(latency, name) for name in ("endpointing", "stt", "policy", "llm", "tts", "engine", "total")
    }


def summary(rows: list[dict]) -> dict:
    """Figures by language."""
    out: dict = {}
    for language in sorted({row["language"] for row in rows}):
        mine = [row for row in rows if row["language"] == language]
        held_out = [row for row in mine if row["held_out"]]
        out[language] = figures(mine) | ({"held_out": figures(held_out)} if held_out else {})
    return out


def figures(mine: list[dict]) -> dict:
    """Figures of one language's rows."""
    whole = sorted(r["latency_ms"] for r in mine if r["latency_ms"] is not None and not r["early"])
    out = {
        "trials": len(mine),
        "latency_median_ms": statistics.median(whole) if whole else None,
        "latency_p95_ms": whole[min(len(whole) - 1, int(0.95 * len(whole)))] if whole else None,
        "starts_a_turn": sum(r["early_starts"] for r in mine) / len(mine),
        "unanswered": sum(r["latency_ms"] is None for r in mine),
    }
    for kind in sorted({row["kind"] for row in mine}):
        of_kind = [row for row in mine if row["kind"] == kind]
        out[f"early_{kind}"] = sum(r["early"] for r in of_kind) / len(of_kind)
    return out


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--realtime", action="store_true")
    parser.add_argument("--languages", default="en,es")
    parser.add_argument("--kinds", default="plain,pause,cued")
    parser.add_argument("--most", type=int, default=1000)
    parser.add_argument("--out", type=Path)
    parser.add_argument(
        "--check", action="store_true", help="end with a verdict on the targets, as one line of JSON"
    )
    arguments = parser.parse_args()
    settings = load_settings({})
    providers = open_providers(settings)
    work = measure(settings, providers, arguments.languages.split(","), arguments.kinds.split(","), arguments.most)
    rows = asyncio.run(work) if arguments.realtime else run_virtual(work)
    providers.close()
    for row in rows:
        if row["early"] or row["latency_ms"] is None or row["latency_ms"] > 1300:
            print(row)
    result = {"realtime": arguments.realtime, "summary": summary(rows), "rows": rows}
    if arguments.out:
        arguments.out.write_text(json.dumps(result, ensure_ascii=False, indent=1))
    print(json.dumps(result["summary"], indent=1))
    if arguments.check:
        print(json.dumps(verdict(result["summary"], TARGETS)))


if __name__ == "__main__":
    main()
