"""Draws docs/img/engines.png from results.json. Needs matplotlib, which nothing else here does:

python -m venv .accept/engine/plot && .accept/engine/plot/bin/pip install matplotlib
.accept/engine/plot/bin/python benchmarks/engine/plot.py
"""

import json
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
IMAGE = HERE.parents[1] / "docs" / "img" / "engines.png"
COLOURS = {"ours": "#2563a8", "floor": "#8a8a8a", "pipecat": "#c2703d", "lean": "#5fa777"}


def main() -> None:
    results = json.loads(RESULTS.read_text())
    figure, (cpu, latency, capacity) = pyplot.subplots(1, 3, figsize=(13, 4))
    bars(cpu, results["summary"], "cpu_ms", "CPU a call-second, ms (median, range)")
    latencies(latency, results["runs"])
    capacities(capacity, results.get("capacity", []))
    figure.tight_layout()
    IMAGE.parent.mkdir(exist_ok=True)
    figure.savefig(IMAGE, dpi=110)


def bars(axis: Any, summary: dict[str, Any], field: str, title: str) -> None:
    """One bar an engine and load; whiskers from the least to the greatest run."""
    names = list(summary)
    for place, name in enumerate(names):
        middle, least, most = summary[name][field]
        axis.bar(place, middle, color=COLOURS[name.partition("@")[0]])
        axis.errorbar(place, middle, [[middle - least], [most - middle]], color="black", capsize=4)
        axis.annotate(f"{middle:.1f}", (place, most), ha="center", va="bottom")
    axis.set_xticks(range(len(names)), [name.replace("@", "\n") + " calls" for name in names])
    axis.set_title(title)


def latencies(axis: Any, runs: list[dict[str, Any]]) -> None:
    """Every run's p95 over the ideal, by engine at 50 calls."""
    for place, engine in enumerate(("ours", "floor")):
        for field, marker in (("added_p50_ms", "o"), ("added_p95_ms", "^")):
            values = [run[field] for run in runs if run["engine"] == engine and run["calls"] == 50]
            spots = [place + 0.25 * (field == "added_p95_ms") for _ in values]
            axis.plot(spots, values, marker, color=COLOURS[engine], label=f"{engine} {field[6:9]}")
    axis.axhline(35, color="#bbbbbb", linestyle="--")
    axis.axhline(15, color="#bbbbbb", linestyle=":")
    axis.set_xticks([])
    axis.set_ylim(bottom=0)
    axis.legend()
    axis.set_title("Latency over the ideal at 50 calls, ms, each run")


def capacities(axis: Any, runs: list[dict[str, Any]]) -> None:
    """p95 over the ideal by calls on one core."""
    for engine in ("ours", "lean"):
        mine = sorted((run for run in runs if run["engine"] == engine), key=lambda run: run["calls"])
        if mine:
            points = [(run["calls"], run["added_p95_ms"]) for run in mine]
            axis.plot(*zip(*points, strict=True), "o-", color=COLOURS[engine], label=engine)
    axis.axhline(100, color="#bbbbbb", linestyle="--")
    axis.set_ylim(bottom=0)
    axis.legend()
    axis.set_title("p95 over the ideal by calls on one core, ms")


if __name__ == "__main__":
    main()
