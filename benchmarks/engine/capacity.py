"""How many calls one core carries: p95 latency over the ideal and late audio, by calls at once, on each transport.

python -m benchmarks.engine.capacity [--seconds 20] [--out file]
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from benchmarks.engine import verdict
from benchmarks.engine.__main__ import LOAD_CORE, SERVER_CORE, show
from benchmarks.engine.engines import engines, running
from benchmarks.engine.measure import load

STEPS = {"ours": (50, 80, 120), "lean": (80, 120)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--check", action="store_true", help="exit 1 when a target is missed")
    options = parser.parse_args()
    runs = []
    for name, steps in STEPS.items():
        engine = engines()[name]
        with running(engine, SERVER_CORE):
            load(engine, calls=2, seconds=3, core=LOAD_CORE)
            for calls in steps:
                runs.append(load(engine, calls=calls, seconds=options.seconds, core=LOAD_CORE))
                show(runs[-1])
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps([asdict(run) for run in runs], indent=1) + "\n")
    if options.check:
        verdict.exit_with(verdict.capacity([asdict(run) for run in runs]))


if __name__ == "__main__":
    main()
