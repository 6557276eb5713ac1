"""What a live call holds, and what a finished one leaves behind: resident memory, tasks.

python -m benchmarks.engine.memory [--calls 1000] [--out file]
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.engine import verdict
from benchmarks.engine.engines import HERE, ROOT, WORK, Engine, dialogue, engines, running
from benchmarks.engine.measure import load
from voice_engine.carrier.procfs import resident_bytes

SERVER_CORE, LOAD_CORE = 0, 1
LIVE_CALLS, LIVE_S = 60, 14.0
AT_ONCE = 50
SHORT_CALL_S = 1.5
"""Of one short call: its second of audio, the webhook, the close."""

WARM_CALLS = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=1000, help="short calls")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--check", action="store_true", help="exit 1 when a target is missed")
    options = parser.parse_args()
    engine = engines()["ours"]
    with running(engine, SERVER_CORE) as pid:
        result = {"live": live(engine, pid), "growth": growth(engine, pid, options.calls)}
    print(json.dumps(result, indent=1))
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(result, indent=1) + "\n")
    if options.check:
        verdict.exit_with(verdict.memory(result))


def live(engine: Engine, pid: int) -> dict[str, float]:
    """Resident memory a call while `LIVE_CALLS` are up, above that of a server that has held calls before."""
    short(engine, AT_ONCE)
    before = resident_bytes(pid) or 0
    command = ["taskset", "-c", str(LOAD_CORE), sys.executable, "-m", "benchmarks.engine.ours", "load"]
    command += [str(HERE / "call"), "--url", engine.url, "--calls", str(LIVE_CALLS), "--ramp", "30", "--json"]
    command += ["--duration", str(LIVE_S)]
    most = before
    with subprocess.Popen(command, cwd=ROOT, env=dialogue(), stdout=subprocess.DEVNULL) as client:
        while client.poll() is None:
            most = max(most, resident_bytes(pid) or 0)
            time.sleep(0.2)
    return {"calls": LIVE_CALLS, "kb_a_call": round((most - before) / 1024 / LIVE_CALLS, 1)}


def growth(engine: Engine, pid: int, calls: int) -> dict[str, Any]:
    """Resident memory, tasks and objects before and after `calls` short calls."""
    short(engine, WARM_CALLS)
    before = counted(pid)
    made = short(engine, calls)
    after = counted(pid)
    return {
        "calls": made,
        "kb_a_call": round((after["rss"] - before["rss"]) / 1024 / made, 2),
        "tasks": [before["tasks"], after["tasks"]],
        "objects": [before["objects"], after["objects"]],
        "allocated_kb_a_call": round((after["allocated"] - before["allocated"]) / 1024 / made, 2),
        "blocks_a_call": round((after["blocks"] - before["blocks"]) / made, 2),
    }


def short(engine: Engine, calls: int) -> int:
    """At least `calls` short calls; how many were made."""
    made = 0
    while made < calls:
        seconds = max(2.0, (calls - made) / AT_ONCE * SHORT_CALL_S)
        run = load(engine, calls=AT_ONCE, seconds=seconds, core=LOAD_CORE, ramp=50, call=HERE / "short")
        made += run.completed
    return made


def counted(pid: int) -> dict[str, int]:
    """Ask the server (SIGUSR1, see `ours`) once its calls are closed."""
    log = WORK / "ours.log"
    time.sleep(3)
    os.kill(pid, signal.SIGUSR1)
    time.sleep(1)
    lines = [line for line in log.read_text().splitlines() if line.startswith('{"tasks"')]
    counts: dict[str, int] = json.loads(lines[-1])
    return counts | {"rss": resident_bytes(pid) or 0}


if __name__ == "__main__":
    main()
