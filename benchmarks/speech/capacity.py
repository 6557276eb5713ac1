"""How many calls local speech carries, and what becomes of those beyond: `python -m benchmarks.speech.capacity`.

A real server and the load generator, in real time, on whatever cores this process may use. Recorded callers speak
turns of one to four seconds; nothing that the engine says is taken from its cache. First with admission off, more
calls at each level until the answers come late: that is the capacity. Then with admission as it is shipped and
half as many callers more: those that find no room must hear a busy line, those that are in be answered in time.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.speech.server import load, serving

LATE_MS = 1_500
LEVELS = (1, 2, 4, 6, 8, 12, 16, 24, 32)
NO_ADMISSION = dict.fromkeys(
    ("SPEECH__MOST_BUSY", "SPEECH__MOST_DELAY_S", "SPEECH__MAX_CALLS", "MEDIA__MAX_CALLS"), "1000"
)
LEAST = {"en": 4, "es": 2}
"""Calls at once that each language must carry on two cores."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One load. Latencies in ms from the caller's last voiced frame to the engine's first audible audio.

    `load_late_p95_ms`: how late the load generator sent its own frames; `machine_load`: runnable processes, last
    minute's mean: both say how far the figures are to be trusted.
    """

    language: str
    calls: int
    admission: bool
    peak: int
    refused: int
    errors: int
    turns: int
    unanswered: int
    p50_ms: float | None
    p95_ms: float | None
    late_share: float
    gaps: int
    cpu_ms: float | None
    loop_lag_p95_ms: float
    load_late_p95_ms: float | None
    machine_load: float

    @property
    def in_time(self) -> bool:
        """Whether 19 of 20 turns were answered within `LATE_MS`, the unanswered ones being late."""
        if self.p95_ms is None or self.errors:
            return False
        return self.p95_ms <= LATE_MS


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print a line a level, then the verdict."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--languages", default="en,es")
    parser.add_argument("--levels", default=",".join(map(str, LEVELS)))
    parser.add_argument("--seconds", type=float, default=35.0, help="of each level")
    parser.add_argument("--out", type=Path, help="write every level as JSON")
    options = parser.parse_args(argv)
    levels: list[Level] = []
    figures: dict[str, Any] = {"cores": len(os.sched_getaffinity(0))}
    passed = True
    for language in options.languages.split(","):
        carried = capacity(language, [int(n) for n in options.levels.split(",")], options.seconds, levels)
        beyond = overload(language, carried + max(8, carried // 2), options.seconds, levels)
        passed = passed and carried >= LEAST[language] and beyond.in_time and beyond.refused > 0
        figures |= {
            f"{language}_calls": carried,
            f"{language}_beyond_admitted": beyond.peak,
            f"{language}_beyond_refused": beyond.refused,
            f"{language}_beyond_p95_ms": beyond.p95_ms,
            f"{language}_beyond_late_share": beyond.late_share,
        }
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps([asdict(level) for level in levels], indent=1) + "\n")
    print(json.dumps({"passed": passed, "figures": figures}))
    return 0 if passed else 1


def capacity(language: str, counts: Sequence[int], seconds: float, levels: list[Level]) -> int:
    """The most calls at once that are answered in time with nobody refused; 0 when not even one is."""
    carried = 0
    with serving(language, SPEECH__CACHE_MB="0", **NO_ADMISSION) as server:
        for calls in counts:
            server.lag()
            report = load(server, language, calls=calls, seconds=seconds, ramp=max(1.0, calls / 8))
            level = measured(language, calls, report, server.lag(), admission=False)
            levels.append(level)
            show(level)
            if not level.in_time:
                break
            carried = calls
    return carried


def overload(language: str, calls: int, seconds: float, levels: list[Level]) -> Level:
    """More callers than there is room for, admission as shipped."""
    with serving(language, SPEECH__CACHE_MB="0") as server:
        server.lag()
        report = load(server, language, calls=calls, seconds=2 * seconds, ramp=max(1.0, calls / 8))
        level = measured(language, calls, report, server.lag(), admission=True)
    levels.append(level)
    show(level)
    return level


def measured(language: str, calls: int, report: dict[str, Any], lag: dict[str, Any], *, admission: bool) -> Level:
    """A load's report as a level."""
    response = report["response_ms"]
    cpu_s = report["cpu_per_call_s"]
    return Level(
        language=language,
        calls=calls,
        admission=admission,
        peak=report["peak_calls"],
        refused=report["calls_refused"],
        errors=sum(report["errors"].values()) + sum(report["violations"].values()),
        turns=report["turns"],
        unanswered=report["unanswered"],
        p50_ms=response["p50"],
        p95_ms=response["p95"],
        late_share=round(report["late_share"], 4),
        gaps=report["gaps"],
        cpu_ms=None if cpu_s is None else round(cpu_s * 1000, 1),
        loop_lag_p95_ms=lag["lag_ms"]["p95"],
        load_late_p95_ms=report["sent_late_ms"]["p95"],
        machine_load=round(os.getloadavg()[0], 2),
    )


def show(level: Level) -> None:
    print(json.dumps(asdict(level)), flush=True)


if __name__ == "__main__":
    sys.exit(main())
