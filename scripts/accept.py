"""Run every long check of `scripts/acceptance.toml`, resumably, and write docs/ACCEPTANCE.md.

A check is a command. It passes when it exits 0; if the last line that it prints is a JSON object, that object is
its result: `{"passed": bool, "figures": {name: value}, "notes": [text]}` (all keys optional). Results are kept in
.accept/ with the state of the tree: a second run goes on where the first one stopped.
"""

import argparse
import datetime as dt
import hashlib
import json
import os
import platform
import shlex
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "scripts" / "acceptance.toml"
STATE = ROOT / ".accept"
REPORT = ROOT / "docs" / "ACCEPTANCE.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One claim about the engine and the command that shows it."""

    name: str
    claim: str
    command: str
    timeout_s: float = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a check showed, where and when."""

    name: str
    passed: bool
    seconds: float
    tree: str
    finished_at: str
    machine: str
    figures: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def load_checks(path: Path = LIST) -> list[Check]:
    """The checks in the order of the file; names are unique."""
    checks = [Check(**entry) for entry in tomllib.loads(path.read_text("utf-8"))["check"]]
    names = [check.name for check in checks]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise SystemExit(f"{path.name}: repeated check {sorted(repeated)}")
    return checks


def tree_state() -> str:
    """A fingerprint of the sources: the commit, and whatever differs from it (documents aside)."""
    head = _git("rev-parse", "--short=12", "HEAD").strip()
    changed = _git("diff", "HEAD", "--", ".", ":!docs", ":!*.md")
    return head if not changed else f"{head}+{hashlib.sha256(changed.encode()).hexdigest()[:8]}"


def machine() -> str:
    """What the figures were taken on."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = [
            line for line in cpuinfo.read_text("utf-8", "replace").splitlines() if line.startswith("model name")
        ]
        model = lines[0].partition(":")[2].strip() if lines else model
    return (
        f"{os.cpu_count()} × {model}, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )


def run_check(check: Check, *, tree: str) -> Result:
    """Run one check to its end or its time-out; its output goes to .accept/NAME.log."""
    STATE.mkdir(exist_ok=True)
    log = STATE / f"{check.name}.log"
    started = time.monotonic()
    with log.open("w+", encoding="utf-8") as out:
        status = _spawn(check, out)
        out.seek(0)
        verdict = parse_verdict(out.read())
    passed = status == 0 and bool(verdict.get("passed", True))
    notes = [str(note) for note in verdict.get("notes", [])]
    if status != 0:
        notes.append("timed out" if status is None else f"exit status {status}, see .accept/{log.name}")
    return Result(
        name=check.name,
        passed=passed,
        seconds=round(time.monotonic() - started, 1),
        tree=tree,
        finished_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        machine=machine(),
        figures=dict(verdict.get("figures", {})),
        notes=notes,
    )


def parse_verdict(output: str) -> dict[str, Any]:
    """The JSON object on the last non-empty line, or an empty one."""
    lines = [line for line in output.splitlines() if line.strip()]
    if not lines or not lines[-1].lstrip().startswith("{"):
        return {}
    try:
        value = json.loads(lines[-1])
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def render(checks: Sequence[Check], results: dict[str, Result]) -> str:
    """The report: a summary table, then one section a check with its figures."""
    done = [results[check.name] for check in checks if check.name in results]
    lines = [
        "# Acceptance",
        "",
        "Written by `make accept`; do not edit. Each figure was measured by the command beside it, on the machine",
        "and day named there. Logs lie in `.accept/`.",
        "",
        f"{sum(result.passed for result in done)} of {len(checks)} checks hold, {len(checks) - len(done)} not run.",
        "",
        "| check | claim | holds |",
        "|---|---|---|",
    ]
    for check in checks:
        result = results.get(check.name)
        verdict = "not run" if result is None else ("yes" if result.passed else "**no**")
        lines.append(f"| [{check.name}](#{check.name}) | {check.claim} | {verdict} |")
    for check in checks:
        lines += _section(check, results.get(check.name))
    return "\n".join(lines) + "\n"


def _section(check: Check, result: Result | None) -> list[str]:
    lines = ["", f"## {check.name}", "", check.claim, "", f"`{check.command}`"]
    if result is None:
        return [*lines, "", "Not run."]
    lines += ["", f"{result.finished_at}, {result.seconds} s, tree {result.tree}, {result.machine}"]
    if result.figures:
        lines += ["", "| figure | value |", "|---|---|"]
        lines += [f"| {name} | {_show(value)} |" for name, value in result.figures.items()]
    return lines + ([""] if result.notes else []) + [f"- {note}" for note in result.notes]


def _show(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _spawn(check: Check, out: Any) -> int | None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    process = subprocess.Popen(
        shlex.split(check.command),
        cwd=ROOT,
        env=os.environ | {"PATH": path},
        stdout=out,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        return process.wait(timeout=check.timeout_s)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with suppress(ProcessLookupError):  # what the check has started ends with it
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _git(*args: str) -> str:
    return subprocess.run(["git", *args], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def _kept() -> dict[str, Result]:
    kept = [Result(**json.loads(path.read_text("utf-8"))) for path in sorted(STATE.glob("*.json"))]
    return {result.name: result for result in kept}


def _keep(result: Result) -> None:
    target = STATE / f"{result.name}.json"
    target.with_suffix(".part").write_text(json.dumps(asdict(result), indent=1), "utf-8")
    target.with_suffix(".part").replace(target)


def main(argv: Sequence[str] | None = None) -> int:
    """Run what is not yet shown for this tree; exit 0 when every check holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", metavar="NAME", help="run these checks, whatever was kept of them")
    parser.add_argument("--fresh", action="store_true", help="run every check again")
    parser.add_argument("--list", action="store_true", help="list the checks and stop")
    parser.add_argument("--keep-going", action="store_true", help="trust passes of an older tree as well")
    options = parser.parse_args(argv)
    checks, results, tree = load_checks(), _kept(), tree_state()
    if options.list:
        for check in checks:
            print(f"{check.name:28} {check.claim}")
        return 0
    unknown = set(options.only or []) - {check.name for check in checks}
    if unknown:
        parser.error(f"no such check: {', '.join(sorted(unknown))}")
    for check in checks:
        kept = results.get(check.name)
        shown = kept is not None and kept.passed and (options.keep_going or kept.tree == tree)
        wanted = check.name in options.only if options.only else options.fresh or not shown
        if not wanted:
            continue
        print(f"accept: {check.name} … ", end="", flush=True)
        results[check.name] = result = run_check(check, tree=tree)
        _keep(result)
        print(f"{'holds' if result.passed else 'FAILS'} ({result.seconds} s) {'; '.join(result.notes)}", flush=True)
        REPORT.write_text(render(checks, results), "utf-8")
    REPORT.write_text(render(checks, results), "utf-8")
    failing = [check.name for check in checks if check.name not in results or not results[check.name].passed]
    print(f"accept: {len(checks) - len(failing)} of {len(checks)} hold; written to {REPORT.relative_to(ROOT)}")
    return 1 if failing else 0


if __name__ == "__main__":
    sys.exit(main())
