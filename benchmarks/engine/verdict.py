"""What the three measurements have to show, as `make accept` reads it (scripts/accept.py)."""

import json
from collections.abc import Mapping
from typing import Any

Verdict = dict[str, Any]

CPU_OVER_FLOOR, CPU_OVER_PIPECAT = 1.2, 0.2
ADDED_P50_MS, ADDED_P95_MS = 15.0, 35.0
CARRIED = {"ours": 80, "lean": 120}
CARRIED_P95_MS, CARRIED_LATE_SHARE = 100.0, 0.01
LIVE_KB, GROWTH_KB = 1024.0, 10.0


def comparison(table: Mapping[str, Mapping[str, Any]]) -> Verdict:
    """Of the summary: ratios and latencies are medians of the rounds, gaps are summed."""
    at_10, at_50 = table["ours@10"], table["ours@50"]
    gaps = at_10["gaps"] + at_50["gaps"]
    bounds = {
        "CPU over floor, 10 calls": (at_10["cpu_over_floor"], CPU_OVER_FLOOR),
        "CPU over floor, 50 calls": (at_50["cpu_over_floor"], CPU_OVER_FLOOR),
        "CPU over pipecat, 10 calls": (at_10["cpu_over_pipecat"], CPU_OVER_PIPECAT),
        "added p50 at 50 calls, ms": (at_50["added_p50_ms"], ADDED_P50_MS),
        "added p95 at 50 calls, ms": (at_50["added_p95_ms"], ADDED_P95_MS),
        "gaps": ([gaps, gaps, gaps], 0),
    }
    notes = [
        f"{name}: {median} ({least} to {most}), at most {bound}"
        for name, ((median, least, most), bound) in bounds.items()
        if median > bound
    ]
    figures = {name: spread[0] for name, (spread, _) in bounds.items()}
    return {"passed": not notes, "figures": {"rounds": at_50["runs"], **figures}, "notes": notes}


def capacity(runs: list[Mapping[str, Any]]) -> Verdict:
    """Each transport carries its number of calls in time."""
    carried = {
        name: max((run["calls"] for run in runs if run["engine"] == name and _in_time(run)), default=0)
        for name in CARRIED
    }
    notes = [
        f"{run['engine']}, {run['calls']} calls: p95 {run['added_p95_ms']} ms, late {run['late_share']:.2%}"
        for run in runs
        if not _in_time(run)
    ]
    passed = all(carried[name] >= least for name, least in CARRIED.items())
    return {"passed": passed, "figures": {f"calls on a core, {k}": v for k, v in carried.items()}, "notes": notes}


def _in_time(run: Mapping[str, Any]) -> bool:
    p95 = run["added_p95_ms"]
    return p95 is not None and p95 <= CARRIED_P95_MS and bool(run["late_share"] < CARRIED_LATE_SHARE)


def memory(result: Mapping[str, Any]) -> Verdict:
    """A live call is small, and a finished one leaves neither memory nor a task."""
    growth = result["growth"]
    tasks = growth["tasks"][1] - growth["tasks"][0]
    figures = {
        "kB a live call": result["live"]["kb_a_call"],
        "kB growth a short call": growth["kb_a_call"],
        "kB allocated more a short call": growth["allocated_kb_a_call"],
        "short calls": growth["calls"],
        "tasks left": tasks,
    }
    passed = figures["kB a live call"] <= LIVE_KB and growth["kb_a_call"] < GROWTH_KB and tasks <= 0
    return {"passed": passed, "figures": figures}


def exit_with(verdict: Verdict) -> None:
    """Print the verdict as the last line; exit status 1 when it does not hold."""
    print(json.dumps(verdict, ensure_ascii=False))
    raise SystemExit(0 if verdict["passed"] else 1)
