"""Engines compared in one interleaved run.

    python -m benchmarks.engine [--pairs 7] [--seconds 20] [--engines ours,floor,lean,pipecat] [--only 10,50]

Each round measures every engine once at every load, in turn, so that whatever else the machine
does meets all alike.
"""

import argparse
import json
import os
import platform
import statistics
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from benchmarks.engine import verdict
from benchmarks.engine.engines import engines, install_pipecat, running
from benchmarks.engine.measure import Run, ideal_ms, load

SERVER_CORE, LOAD_CORE = 0, 1
PIPECAT_CALLS = 10
"""Beyond about twelve it saturates a core; what it does then is no comparison."""


def compare(names: list[str], loads: list[int], *, pairs: int, seconds: float) -> list[Run]:
    """`pairs` rounds over all engines and loads."""
    chosen = [engines()[name] for name in names]
    if "pipecat" in names:
        install_pipecat()
    runs: list[Run] = []
    with ExitStack() as stack:
        for engine in chosen:
            stack.enter_context(running(engine, SERVER_CORE))
        for engine in chosen:
            load(engine, calls=2, seconds=3, core=LOAD_CORE)  # first calls import and compile
        for number in range(pairs):
            order = chosen if number % 2 == 0 else chosen[::-1]
            for calls in loads:
                for engine in order:
                    if engine.name != "pipecat" or calls <= PIPECAT_CALLS:
                        runs.append(load(engine, calls=calls, seconds=seconds, core=LOAD_CORE))
                        show(runs[-1])
    return runs


def show(run: Run) -> None:
    print(
        f"{run.engine:8}{run.calls:4} calls {run.cpu_ms:7.2f} ms/call-s  added p50 {run.added_p50_ms} p95 "
        f"{run.added_p95_ms}  turns {run.turns} unanswered {run.unanswered}  frames in/call-s "
        f"{run.frames_in / run.call_seconds:.2f}  gaps {run.gaps} late {run.late_share:.2%} clears {run.clears} "
        f"errors {run.errors}  load {run.load_cpu_ms:.2f} ms, late p99 {run.load_late_p99_ms}",
        flush=True,
    )


def summary(runs: list[Run]) -> dict[str, dict[str, float | list[float]]]:
    """Medians and ranges by engine and load, and ratios of CPU within each round."""
    grouped: dict[tuple[str, int], list[Run]] = defaultdict(list)
    for run in runs:
        grouped[run.engine, run.calls].append(run)
    table: dict[str, dict[str, float | list[float]]] = {}
    for (engine, calls), group in sorted(grouped.items(), key=lambda item: (item[0][1], item[0][0])):
        row = table[f"{engine}@{calls}"] = {"runs": len(group)}
        for field in ("cpu_ms", "added_p50_ms", "added_p95_ms", "late_share", "load_cpu_ms", "load_late_p99_ms"):
            values = [value for run in group if (value := getattr(run, field)) is not None]
            if values:
                row[field] = [round(v, 3) for v in (statistics.median(values), min(values), max(values))]
        row["gaps"] = sum(run.gaps for run in group)
        row["unanswered_share"] = round(
            sum(run.unanswered for run in group) / max(1, sum(run.turns for run in group)), 4
        )
        for peer in ("floor", "pipecat"):
            others = grouped.get((peer, calls), [])
            if others and engine != peer:
                ratios = [a.cpu_ms / b.cpu_ms for a, b in zip(group, others, strict=False)]
                row[f"cpu_over_{peer}"] = [
                    round(v, 3) for v in (statistics.median(ratios), min(ratios), max(ratios))
                ]
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--engines", default="ours,floor,lean,pipecat")
    parser.add_argument("--only", default="10,50", help="calls at once")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--check", action="store_true", help="exit 1 when a target is missed")
    options = parser.parse_args()
    loads = [int(calls) for calls in options.only.split(",")]
    runs = compare(options.engines.split(","), loads, pairs=options.pairs, seconds=options.seconds)
    table = summary(runs)
    for name, row in table.items():
        print(name, json.dumps(row))
    if options.out:
        machine = {
            "cpu": _cpu(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "load": os.getloadavg(),
        }
        document = {"machine": machine, "ideal_ms": ideal_ms(), "summary": table, "runs": [asdict(r) for r in runs]}
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(document, indent=1) + "\n")
    if options.check:
        verdict.exit_with(verdict.comparison(table))


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


if __name__ == "__main__":
    main()
