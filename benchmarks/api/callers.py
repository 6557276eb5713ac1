"""Recorded callers who ring one number of a running server, in a process of their own."""

import argparse
import asyncio
from pathlib import Path

from voice_engine.carrier.load import LoadPlan, run_load
from voice_engine.carrier.recorded import load_recorded
from voice_engine.carrier.takes import prepare
from voice_engine.carrier.webhook import Webhooks
from voice_engine.cli.calls import read_settings
from voice_engine.cli.commands.load import signing_token
from voice_engine.cli.loops import fast_loop

CALL = Path(__file__).parents[1] / "engine" / "call"


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.api.callers")
    parser.add_argument("--url", required=True)
    parser.add_argument("--to", required=True)
    parser.add_argument("--calls", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    options = parser.parse_args()
    settings = read_settings()
    webhooks = Webhooks(connect_url=options.url, token=signing_token(settings), public_url=options.url)
    plan = LoadPlan(calls=options.calls, ramp=10.0, duration_s=options.seconds, callee=options.to)
    with asyncio.Runner(loop_factory=fast_loop()) as runner:
        report = runner.run(run_load([prepare(load_recorded(CALL))], webhooks.post, plan))
    print(report.as_dict())
    return 1 if report.errors else 0


if __name__ == "__main__":
    raise SystemExit(main())
