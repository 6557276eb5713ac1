"""`voice-engine`, with one addition for measuring: a 5 ms timer on its loop, whose lateness SIGUSR1 prints.

What is printed is one JSON line of the samples since the last signal, in ms: the lag that every frame, mark and
reply of the process suffers.
"""

import asyncio
import json
import signal
import sys
import time
from array import array
from collections.abc import Callable
from types import FrameType

from voice_engine.carrier.loadstats import spread
from voice_engine.cli import main
from voice_engine.cli.commands import serve
from voice_engine.cli.loops import fast_loop

PERIOD_S = 0.005


class LagProbe:
    """Samples one event loop's lag for as long as it runs."""

    def __init__(self) -> None:
        self._samples = array("d")

    def factory(self) -> Callable[[], asyncio.AbstractEventLoop]:
        """What makes the loop that is sampled."""
        make = fast_loop() or asyncio.new_event_loop

        def made() -> asyncio.AbstractEventLoop:
            loop = make()
            loop.call_soon(self._tick, loop, time.monotonic())
            return loop

        return made

    def _tick(self, loop: asyncio.AbstractEventLoop, due_s: float) -> None:
        now_s = time.monotonic()  # uvloop's own clock stands still within one turn of the loop, in whole ms
        self._samples.append(max(0.0, now_s - due_s) * 1000)
        due_s = max(due_s + PERIOD_S, now_s)
        loop.call_later(due_s - now_s, self._tick, loop, due_s)

    def report(self, signum: int, frame: FrameType | None) -> None:
        """Print what was sampled, and begin anew."""
        taken, self._samples = self._samples, array("d")
        lag = spread(taken)
        over = sum(sample > 2.0 for sample in taken) / max(1, len(taken))
        print(
            json.dumps(
                {"lag_ms": {"p50": lag.p50, "p95": lag.p95, "p99": lag.p99, "max": lag.max}, "over_2_ms": over}
            ),
            flush=True,
        )


if __name__ == "__main__":
    probe = LagProbe()
    serve.fast_loop = probe.factory  # type: ignore[assignment]
    signal.signal(signal.SIGUSR1, probe.report)
    sys.exit(main())
