"""Overlap panel: what a caller does while the engine speaks, and whether the engine does right.

`python -m benchmarks.turns.overlaps [--check]`. Classes: interruption (must yield within 2 s), backchannel and
cough (must go on), echo of the engine's own voice (must go on). Virtual time; recognition costs what it declares.
"""

import argparse
import asyncio
import csv
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

from benchmarks.turns.pauses import speak, trim
from benchmarks.turns.rig import Trial, TrialLine, receptionist, run_trial, verdict
from voice_engine.audio import mixing
from voice_engine.audio.frames import PCM
from voice_engine.audio.wav import read_wav
from voice_engine.bootstrap import Providers, open_providers
from voice_engine.clock import run_virtual
from voice_engine.config import Settings, load_settings

HERE = Path(__file__).parent
MOMENTS_MS = (1500, 3200, 5000)
"""Into the engine's speech; the long greeting takes about 14 s."""

SECOND_MOMENTS_MS = (2300, 4100, 6500)
"""The same for the items that were written after the first tuning; a second one has used them since."""

HELD_OUT_MOMENTS_MS = (1900, 3700, 5600)
"""The same for what no tuning has used."""

HELD_OUT_GAINS_DB = (0.0, -6.0, 4.0, -3.0)
HELD_OUT_NOISE_DBFS = (-46.0, -52.0, -60.0)
"""Louder and fainter callers on worse lines."""

PROMPTS = HERE.parents[1] / "fixtures" / "audio" / "asterisk-prompts"
LONGEST_MS = 3500
"""Of a recorded prompt so much is said into the engine's speech."""

KINDS = ("interruption", "backchannel", "cough", "echo")
TARGETS = (
    ("yields_within_2s", ">=", 0.95), ("goes_on_backchannel", ">=", 0.9), ("goes_on_cough", ">=", 0.9),
    ("goes_on_echo", ">=", 1.0), ("reaction_p95_ms", "<=", 250), ("clear_p95_ms", "<=", 800),
)  # fmt: skip
"""What the panel has to show, in each language."""

ECHOES = tuple((db, delay) for db in (-6.0, -9.0, -13.0, -20.0) for delay in (60, 100, 140, 180, 220, 260, 300)) * 2
HELD_OUT_ECHOES = tuple(
    (db, delay) for db in (-5.0, -7.5, -11.0, -16.0) for delay in (50, 80, 120, 160, 200, 240, 250, 280, 320, 360)
)


def cough(seed: int) -> PCM:
    """One to three bursts of shaped noise, 60 to 180 ms each, as loud as speech."""
    random = np.random.default_rng(seed)
    parts = []
    for _ in range(int(random.integers(1, 4))):
        n = int(random.integers(60, 180)) * 8
        burst = random.standard_normal(n) * np.exp(-np.arange(n) / (n / 3))
        burst = np.convolve(burst, np.ones(int(random.integers(1, 4))), "same")
        parts += [burst, np.zeros(int(random.integers(40, 160)) * 8)]
    audio = np.concatenate(parts)
    return np.asarray(np.clip(audio / np.abs(audio).max() * random.uniform(4000, 14000), -32767, 32767), np.int16)


async def measure(
    settings: Settings, providers: Providers, languages: list[str], kinds: list[str], most: int
) -> list[dict]:
    """One row a trial of the items that tuning has used."""
    corpus = yaml.safe_load((HERE / "overlaps.yaml").read_text())
    rows = []
    for language in languages:
        for items, moments in ((corpus[language], MOMENTS_MS), (corpus[language]["second"], SECOND_MOMENTS_MS)):
            for kind in ("interruption", "backchannel"):
                for text in items[kind][:most] if kind in kinds else ():
                    clip, _ = await speak(providers, text, language)
                    for at_ms in moments:
                        rows.append(await one(settings, providers, language, kind, text, clip, at_ms))
        for seed in range(min(42, most * 3) if "cough" in kinds else 0):
            at_ms = (MOMENTS_MS + SECOND_MOMENTS_MS)[seed % 6]
            rows.append(await one(settings, providers, language, "cough", f"cough {seed}", cough(seed), at_ms))
        for db, delay in ECHOES[: most * 4] if "echo" in kinds else ():
            rows.append(await echo(settings, providers, language, db, delay))
    print()
    return rows


async def measure_held_out(
    settings: Settings, providers: Providers, languages: list[str], kinds: list[str], most: int
) -> list[dict]:
    """One row a trial of what no tuning has used: other voices, words, moments, levels, lines and echoes."""
    rows = []
    for language in languages:
        trials = [
            (kind, text, clip)
            for kind, text, clip in await held_out_clips(providers, language, most)
            if kind in kinds
        ]
        for index, (kind, text, clip) in enumerate(trials):
            at_ms = HELD_OUT_MOMENTS_MS[index % len(HELD_OUT_MOMENTS_MS)]
            rows.append(await one(settings, providers, language, kind, text, worsened(clip, index), at_ms))
        for db, delay in HELD_OUT_ECHOES[: most * 4] if "echo" in kinds else ():
            rows.append(await echo(settings, providers, language, db, delay))
    print()
    return [{**row, "held_out": True} for row in rows]


async def held_out_clips(providers: Providers, language: str, most: int) -> list[tuple[str, str, PCM]]:
    """(kind, text, audio): recorded prompts twice, each backchannel three times, coughs of other seeds."""
    clips: list[tuple[str, str, PCM]] = []
    with (PROMPTS / "utterances.tsv").open(encoding="utf-8") as table:
        prompts = [row for row in csv.DictReader(table, delimiter="\t") if row["language"] == language]
    for prompt in prompts[:most] * 2:
        clip = trim(read_wav(PROMPTS / "wav" / f"{prompt['id']}.wav"))[: LONGEST_MS * 8]
        clips.append(("interruption", prompt["transcript"], clip))
    corpus = yaml.safe_load((HERE / "overlaps.yaml").read_text())
    for text in corpus[language]["held_out"]["backchannel"][:most] * 3:
        clips.append(("backchannel", text, (await speak(providers, text, language))[0]))
    for seed in range(1000, 1000 + min(42, most * 3)):
        clips.append(("cough", f"cough {seed}", cough(seed)))
    return clips


def worsened(clip: PCM, index: int) -> PCM:
    """The clip louder or fainter, with noise that comes and goes with it."""
    gain = 10 ** (HELD_OUT_GAINS_DB[index % len(HELD_OUT_GAINS_DB)] / 20)
    noise_dbfs = HELD_OUT_NOISE_DBFS[index % len(HELD_OUT_NOISE_DBFS)]
    mixed = clip * gain + mixing.line_noise(len(clip), noise_dbfs, seed=index)
    return np.asarray(np.clip(mixed, -32768, 32767), np.int16)


async def one(  # noqa: PLR0917  # a trial's coordinates
    settings: Settings, providers: Providers, language: str, kind: str, text: str, clip: PCM, at_ms: int
) -> dict:
    """One clip into the long greeting."""
    line = TrialLine(clip, into_speech_ms=at_ms, linger_ms=2600)
    trial = await run_trial(receptionist(language, long_greeting=True), line, settings, providers)
    print(".", end="", flush=True)
    return row(trial, language, kind, text, at_ms)


async def echo(settings: Settings, providers: Providers, language: str, db: float, delay_ms: int) -> dict:
    """The engine's own voice comes back; nobody else speaks until the greeting is over."""
    spec = receptionist(language, long_greeting=True)
    line = TrialLine(np.zeros(160, np.int16), after_quiet_ms=900, linger_ms=200, echo_db=db, echo_delay_ms=delay_ms)
    trial = await run_trial(replace(spec), line, settings, providers)
    print(".", end="", flush=True)
    return row(trial, language, "echo", f"{db} dB {delay_ms} ms", 0)


def row(trial: Trial, language: str, kind: str, text: str, at_ms: int) -> dict:
    """What the events say of one trial."""
    started = trial.line.started_ms or 0
    since = 0 if kind == "echo" else started
    held = trial.first("reply.held", after_ms=since)
    cleared = trial.first("barge_in", after_ms=since)
    stopped = trial.line.engine_stopped_ms
    first_turn = trial.report.turns[0]
    words = len(first_turn.text.split())
    return {
        "language": language, "kind": kind, "text": text, "at_ms": at_ms, "held_out": False,
        "reaction_ms": held.at_ms - started if held else None,
        "clear_ms": cleared.at_ms - started if cleared else None,
        "silent_ms": stopped - started if stopped is not None else None,
        "went_on": cleared is None and len((first_turn.heard_text or "").split()) == words,
    }  # fmt: skip


def percentile(values: list[float], share: float) -> float | None:
    """The smallest value that `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] if ordered else None


def summary(rows: list[dict]) -> dict:
    """Figures by language."""
    out: dict = {}
    for language in sorted({r["language"] for r in rows}):
        mine = [r for r in rows if r["language"] == language]
        held_out = [r for r in mine if r["held_out"]]
        out[language] = figures(mine) | ({"held_out": figures(held_out)} if held_out else {})
    return out


def figures(mine: list[dict]) -> dict:
    """Figures of one language's rows."""
    stops = [r for r in mine if r["kind"] == "interruption"]
    yields = [r for r in stops if r["clear_ms"] is not None and r["clear_ms"] <= 2000]
    out: dict = {
        "interruptions": len(stops),
        "yields_within_2s": len(yields) / len(stops) if stops else None,
        "reaction_p95_ms": percentile([r["reaction_ms"] for r in stops if r["reaction_ms"] is not None], 0.95),
        "clear_p95_ms": percentile([r["clear_ms"] for r in yields], 0.95),
    }
    for kind in ("backchannel", "cough", "echo"):
        of_kind = [r for r in mine if r["kind"] == kind]
        if of_kind:
            out[f"{kind}s"] = len(of_kind)
            out[f"goes_on_{kind}"] = sum(r["clear_ms"] is None for r in of_kind) / len(of_kind)
    return out


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--languages", default="en,es")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--parts", default="used,held_out")
    parser.add_argument("--most", type=int, default=1000)
    parser.add_argument("--realtime", action="store_true")
    parser.add_argument(
        "--check", action="store_true", help="end with a verdict on the targets, as one line of JSON"
    )
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    settings = load_settings({})
    providers = open_providers(settings)
    rows: list[dict] = []
    for part, panel in (("used", measure), ("held_out", measure_held_out)):
        if part in arguments.parts.split(","):
            languages, kinds = arguments.languages.split(","), arguments.kinds.split(",")
            work = panel(settings, providers, languages, kinds, arguments.most)
            rows += asyncio.run(work) if arguments.realtime else run_virtual(work)
    providers.close()
    for r in rows:
        bad = r["clear_ms"] is None if r["kind"] == "interruption" else r["clear_ms"] is not None
        if bad or (r["kind"] == "interruption" and (r["clear_ms"] > 800 or (r["reaction_ms"] or 0) > 250)):
            print(r)
    result = {"summary": summary(rows), "rows": rows}
    if arguments.out:
        arguments.out.write_text(json.dumps(result, ensure_ascii=False, indent=1))
    print(json.dumps(result["summary"], indent=1))
    if arguments.check:
        print(json.dumps(verdict(result["summary"], TARGETS)))


if __name__ == "__main__":
    main()
