"""Response latency of one call in real time with the local models: `python -m benchmarks.speech.latency`.

From the last sample of the caller's speech to the first audible audio of the engine, at the carrier. The utterances
are those on which early cuts are counted (`benchmarks.turns.pauses`), with the same settings: without that, a short
wait would look like speed.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.turns.pauses import measure
from voice_engine.bootstrap import open_providers
from voice_engine.config import load_settings

ALLOWED_MS = {"en": (800, 1_300), "es": (1_200, 2_000)}
"""Median and 95th percentile."""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and exit 0 when both languages keep within what is allowed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--languages", default="en,es")
    parser.add_argument("--kinds", default="plain", help="of utterances: plain, pause, cued")
    parser.add_argument("--most", type=int, default=20, help="utterances a language and kind")
    parser.add_argument("--out", type=Path, help="write every trial as JSON")
    options = parser.parse_args(argv)
    settings = load_settings({})
    providers = open_providers(settings)
    providers.load()
    languages = options.languages.split(",")
    rows = asyncio.run(measure(settings, providers, languages, options.kinds.split(","), options.most))
    providers.close()
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
    figures, passed = verdict(rows)
    print(json.dumps({"passed": passed, "figures": figures | {"machine_load": round(os.getloadavg()[0], 2)}}))
    return 0 if passed else 1


def verdict(rows: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], bool]:
    """Figures a language; an unanswered turn fails, a turn cut early has no latency."""
    figures: dict[str, Any] = {}
    passed = bool(rows)
    for language in sorted({row["language"] for row in rows}):
        mine = [row for row in rows if row["language"] == language and not row["early"]]
        answered = sorted(row["latency_ms"] for row in mine if row["latency_ms"] is not None)
        if not answered:
            return figures, False
        median, p95 = statistics.median(answered), answered[-(-95 * len(answered) // 100) - 1]
        most_median, most_p95 = ALLOWED_MS[language]
        passed = passed and len(answered) == len(mine) and median <= most_median and p95 <= most_p95
        figures |= {
            f"{language}_turns": len(mine),
            f"{language}_unanswered": len(mine) - len(answered),
            f"{language}_median_ms": median,
            f"{language}_p95_ms": p95,
            f"{language}_median_of": _breakdown(mine),
        }
    return figures, passed


def _breakdown(rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """The median of each part, in ms."""
    parts = [row["breakdown"] for row in rows if row["breakdown"]]
    return {
        name: round(statistics.median(part[name] or 0 for part in parts))
        for name in ("endpointing", "stt", "policy", "tts", "engine")
        if parts
    }


if __name__ == "__main__":
    sys.exit(main())
