"""Checks of `make accept` that judge what the command line says: scenarios, replays, determinism, speed.

Each prints one JSON object on its last line, as scripts/accept.py reads it, and exits 1 when it does not hold.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SCENARIOS = ROOT / "tests" / "scenarios"
CALLS = ROOT / "fixtures" / "audio" / "calls"
LEAST_SCENARIOS = 60

Verdict = dict[str, Any]


def engine(*arguments: str) -> tuple[int, Any]:
    """Run `voice-engine ARGUMENTS --json`; its exit status and its output. Not 0 or 1 is an error."""
    program = str(Path(sys.executable).parent / "voice-engine")
    command = [program, *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in {0, 1}:
        raise SystemExit(f"{' '.join(command)} exited with {done.returncode}")
    return done.returncode, json.loads(done.stdout)


def simulate(options: argparse.Namespace) -> Verdict:
    """Enough scenarios, and enough of them as expected; the failures are listed."""
    _, calls = engine("simulate", str(SCENARIOS), *(["--text"] if options.text else []))
    failing = [call for call in calls if not call["passed"]]
    share = 1 - len(failing) / len(calls)
    notes = [f"{call['name']}: {'; '.join(call['failures'])}" for call in failing]
    languages = {language: sum(call["language"] == language for call in calls) for language in ("en", "es")}
    return {
        "passed": len(calls) >= LEAST_SCENARIOS and share >= options.at_least,
        "figures": {"scenarios": len(calls), **languages, "hold": len(calls) - len(failing), "share": share},
        "notes": notes,
    }


def replay(_: argparse.Namespace) -> Verdict:
    """Every recorded call comes to what is known of it."""
    status, calls = engine("replay", str(CALLS))
    return {"passed": status == 0, "figures": {"recorded calls": len(calls)}}


def deterministic(options: argparse.Namespace) -> Verdict:
    """Three runs, one of them on a loaded machine: same transcripts, same events, byte for byte."""
    digests = []
    for run in range(3):
        with tempfile.TemporaryDirectory() as folder, loaded(2 if run == 1 else 0):
            engine("replay", *options.calls, "--out", folder)
            digests.append(_digest(Path(folder)))
    return {
        "passed": len(set(digests)) == 1,
        "figures": {"runs": len(digests), "distinct results": len(set(digests))},
    }


def speed(options: argparse.Namespace) -> Verdict:
    """Times real time on one core, scripted providers; the first call measures the start, which is taken off."""
    first, *others = options.calls
    cpu = _replay_cpu_seconds([first, *others]) - _replay_cpu_seconds([first])
    audio = sum(_audio_seconds(Path(path)) for path in others)
    return {
        "passed": audio / cpu >= options.at_least,
        "figures": {"audio seconds": audio, "CPU seconds": cpu, "times real time": audio / cpu},
    }


def _replay_cpu_seconds(calls: Sequence[str]) -> float:
    before = os.times()
    engine("replay", *calls, "--stt", "scripted", "--tts", "scripted", "--llm", "none")
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


@contextmanager
def loaded(processes: int) -> Iterator[None]:
    """Keep so many processes busy."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.name in {"events.jsonl", "transcript.json", "result.json"}:
            digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()


def _audio_seconds(call: Path) -> float:
    return (call / "caller.wav").stat().st_size / 8000


CHECKS: dict[str, Callable[[argparse.Namespace], Verdict]] = {
    "simulate": simulate,
    "replay": replay,
    "deterministic": deterministic,
    "speed": speed,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("check", choices=sorted(CHECKS))
    parser.add_argument("calls", nargs="*")
    parser.add_argument("--text", action="store_true")
    parser.add_argument("--at-least", type=float, default=1.0)
    options = parser.parse_args(argv)
    verdict = CHECKS[options.check](options)
    print(json.dumps(verdict, ensure_ascii=False))
    return 0 if verdict["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
