"""How late the event loop of a server with local speech is: `python -m benchmarks.speech.lag`.

A 5 ms timer on the loop of a real server, idle and with calls: whatever holds the loop or the interpreter (a model
in Python code, a collection) delays every frame of every call by as much.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.speech.server import load, serving

ALLOWED_P95_MS = 2.0
IDLE_S = 5.0


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and exit 0 when the loop is on time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--languages", default="en,es")
    parser.add_argument("--calls", default="1,4")
    parser.add_argument("--seconds", type=float, default=30.0, help="of each level")
    options = parser.parse_args(argv)
    figures: dict[str, Any] = {}
    passed = True
    for language in options.languages.split(","):
        with serving(language, SPEECH__CACHE_MB="0") as server:
            server.lag()
            time.sleep(IDLE_S)
            figures[f"{language}_idle_p95_ms"] = server.lag()["lag_ms"]["p95"]
            for calls in map(int, options.calls.split(",")):
                load(server, language, calls=calls, seconds=options.seconds, ramp=2.0)
                lag = server.lag()
                passed = passed and lag["lag_ms"]["p95"] <= ALLOWED_P95_MS
                figures |= {
                    f"{language}_{calls}_{rank}_ms": lag["lag_ms"][rank] for rank in ("p50", "p95", "p99", "max")
                }
    figures["machine_load"] = round(os.getloadavg()[0], 2)
    print(json.dumps({"passed": passed, "figures": figures}))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
