"""Joins the three measurements into results.json and prints the tables of docs/BENCHMARKS.md.

python -m benchmarks.engine.collect compare.json capacity.json memory.json
"""

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.engine.__main__ import summary
from benchmarks.engine.engines import HERE
from benchmarks.engine.measure import Run


def main() -> None:
    capacity, memory, *compared = (json.loads(Path(path).read_text()) for path in sys.argv[1:])
    runs = [run for comparison in compared for run in comparison["runs"]]
    results = compared[0] | {
        "summary": summary([Run(**run) for run in runs]),
        "runs": runs,
        "capacity": capacity,
        "memory": memory,
    }
    (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    print(comparison(results["summary"]))
    print(carried(capacity))


def comparison(table: dict[str, Any]) -> str:
    """One row an engine and load."""
    rows = [
        "| engine | calls | CPU, ms a call-second | over floor | over pipecat | added p50, ms | added p95, ms |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in table.items():
        engine, _, calls = name.partition("@")
        cells = [row.get(field) for field in ("cpu_ms", "cpu_over_floor", "cpu_over_pipecat")]
        cells += [row.get("added_p50_ms"), row.get("added_p95_ms")]
        rows.append(f"| {engine} | {calls} | " + " | ".join(_spread(cell) for cell in cells) + " |")
    return "\n".join(rows)


def carried(runs: list[dict[str, Any]]) -> str:
    """One row a step."""
    rows = [
        "| transport | calls | CPU, ms a call-second | added p50 / p95, ms | late frames | gaps | load late p99 |",
        "|---|---|---|---|---|---|---|",
    ]
    for run in runs:
        added = f"{run['added_p50_ms']:.0f} / {run['added_p95_ms']:.0f}"
        cells = (
            run["engine"],
            run["calls"],
            f"{run['cpu_ms']:.2f}",
            added,
            f"{run['late_share']:.2%}",
            run["gaps"],
        )
        rows.append(f"| {' | '.join(map(str, cells))} | {run['load_late_p99_ms']:.0f} |")
    return "\n".join(rows)


def _spread(cell: list[float] | None) -> str:
    return "–" if cell is None else f"**{cell[0]:.2f}** ({cell[1]:.2f}–{cell[2]:.2f})"


if __name__ == "__main__":
    main()
