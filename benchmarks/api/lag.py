"""`python -m benchmarks.api.lag`: forty calls on one core, without and with fifty API requests a second beside.

How late the server's loop comes to its work is read from its own `/metrics` (ten samples a second).
"""

import argparse
import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2

from benchmarks.api.client import Ask, pace
from benchmarks.api.installation import fill, installed
from benchmarks.api.requests import list_calls, post_call, read_balance
from tests.e2e.serving import NUMBER, Served, until

CALLS, REQUESTS_PER_S, ROWS = 40, 50.0, 10_000
MOST_LAG_MS = 20.0
"""A frame: beyond it, audio is late."""
MIX: list[Ask] = [list_calls, read_balance, list_calls, read_balance, post_call]
_BUCKET = re.compile(r'voice_engine_loop_lag_seconds_bucket\{le="([^"]+)"\} (\S+)')
_LIVE = re.compile(r"^voice_engine_calls_live (\S+)", re.MULTILINE)


def main() -> int:
    """Measure, print; 0 when the loop kept up and the calls were held."""
    parser = argparse.ArgumentParser(prog="benchmarks.api.lag")
    parser.add_argument("--seconds", type=float, default=15.0, help="of each measurement")
    parser.add_argument("--database", default="sqlite")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with installed(options.database, VOICE_ENGINE_SCRIPTED__TTS_SENTENCE_MS="2000") as (served, token):
        database = served.environ.get(
            "VOICE_ENGINE_DATABASE_URL", f"sqlite:///{served.data_dir / 'voice-engine.db'}"
        )
        asyncio.run(fill(database, ROWS))
        figures = asyncio.run(_both(served, token, options.seconds))
    passed = figures["with_api"]["share_within_20_ms"] >= 0.95 and not figures["api_refused"]
    text = json.dumps({"passed": passed, "figures": figures, "notes": []})
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text + "\n")
    print(text)
    return 0 if passed else 1


async def _both(served: Served, token: str, seconds: float) -> dict[str, Any]:
    ramp_s = CALLS / 10 + 3
    calls = _place_calls(served, duration_s=ramp_s + 2 * seconds + 15)
    try:
        await until(lambda: _all_up(served), seconds=60)
        before = await _lag(served)
        await asyncio.sleep(seconds)
        quiet = await _lag(served)
        api = await pace(served.url, token, MIX, per_second=REQUESTS_PER_S, seconds=seconds)
        loud = await _lag(served)
        still_up = await _live(served)
    finally:
        calls.terminate()
        calls.wait(20)
    return {
        "calls": still_up,
        "without_api": _figures(before, quiet),
        "with_api": _figures(quiet, loud),
        "api": api.figures(),
        "api_refused": api.wrong,
    }


def _place_calls(served: Served, *, duration_s: float) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "benchmarks.api.callers", "--url", served.url, "--to", NUMBER]
    command += ["--calls", str(CALLS), "--seconds", str(duration_s)]
    return subprocess.Popen(command, env=served.environ, stdout=subprocess.DEVNULL)


async def _all_up(served: Served) -> bool:
    return await _live(served) >= CALLS


async def _live(served: Served) -> int:
    found = _LIVE.search(await _page(served))
    return int(float(found.group(1))) if found else 0


async def _page(served: Served) -> str:
    async with httpx2.AsyncClient(timeout=10) as http:
        return (await http.get(f"{served.url}/metrics")).text


async def _lag(served: Served) -> dict[float, float]:
    """Samples so far, by their upper bound in seconds."""
    return {float(bound.replace("+Inf", "inf")): float(n) for bound, n in _BUCKET.findall(await _page(served))}


def _figures(before: dict[float, float], after: dict[float, float]) -> dict[str, float]:
    """The share of samples within a frame, and the bucket that holds the 95th percentile."""
    counts = {bound: after[bound] - before.get(bound, 0.0) for bound in sorted(after)}
    total = counts[float("inf")]
    p95 = next(bound for bound, count in counts.items() if count >= 0.95 * total)
    return {
        "samples": total,
        "share_within_20_ms": round(counts[MOST_LAG_MS / 1000] / total, 4),
        "p95_at_most_ms": p95 * 1000,
    }


if __name__ == "__main__":
    raise SystemExit(main())
