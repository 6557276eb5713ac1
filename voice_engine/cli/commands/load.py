"""`voice-engine load`: many recorded calls at once against a running server."""

import asyncio
import socket
from pathlib import Path
from urllib.parse import urlsplit

from rich.table import Table

from voice_engine.carrier.load import LoadPlan, run_load
from voice_engine.carrier.loadstats import LoadReport, Spread
from voice_engine.carrier.procfs import find_listener
from voice_engine.carrier.recorded import find_recorded, load_recorded
from voice_engine.carrier.takes import prepare
from voice_engine.carrier.webhook import Webhooks
from voice_engine.cli import console
from voice_engine.cli.calls import existing, read_settings
from voice_engine.cli.loops import fast_loop
from voice_engine.config import Settings
from voice_engine.errors import InvalidInput
from voice_engine.web.account import find_local_account

REACH_TIMEOUT_S = 5.0


def run(paths: list[Path], *, url: str, calls: int, ramp: float, duration_s: float | None, as_json: bool) -> int:
    """Run the load; 0 when every call that started was held without an error."""
    settings = read_settings()
    takes = [prepare(load_recorded(path)) for path in find_recorded(existing(paths))]
    if not takes:
        raise InvalidInput("no_recorded_call", "none of the paths holds a recorded call (a folder with call.yaml)")
    webhooks = Webhooks(
        connect_url=_base(url), token=signing_token(settings), public_url=settings.public_url or _base(url)
    )
    _reach(url)
    plan = LoadPlan(calls=calls, ramp=ramp, duration_s=duration_s, server_pid=_server_pid(url))
    with asyncio.Runner(loop_factory=fast_loop()) as runner:
        report = runner.run(run_load(takes, webhooks.post, plan))
    if as_json:
        console.emit_json(report.as_dict())
    else:
        console.out().print(table(report))
    held = not report.errors and not report.violations and report.calls_completed == report.calls_started
    return console.EXIT_OK if held else console.EXIT_EXPECTATION


def signing_token(settings: Settings) -> str:
    """The token that the server checks webhooks with: the configured one, or the built-in carrier's.

    Raises InvalidInput: `no_carrier_token`.
    """
    if settings.twilio.auth_token is not None:
        return settings.twilio.auth_token.get_secret_value()
    account = find_local_account(settings.data_dir)
    if account is None:
        raise InvalidInput(
            "no_carrier_token",
            f"no carrier account in {settings.data_dir}: start `voice-engine serve` with that data directory first",
        )
    return account.auth_token


def table(report: LoadReport) -> Table:
    """The run's figures, one a line."""
    shown = Table(show_header=False)
    shown.add_column(style="dim")
    shown.add_column(justify="right")
    rows = [
        (
            "calls completed / started / refused",
            f"{report.calls_completed} / {report.calls_started} / {report.calls_refused}",
        ),
        ("calls at once, peak", str(report.peak_calls)),
        ("response p50 / p95 / max, ms", _spread(report.response_ms)),
        ("barge-in p50 / p95 / max, ms", _spread(report.barge_in_ms)),
        ("turns unanswered / all", f"{report.unanswered} / {report.turns}"),
        ("late frames", f"{report.late_frames} of {report.frames_in} ({report.late_share:.2%})"),
        ("gaps", str(report.gaps)),
        ("errors", _counts(report.errors)),
        ("violations", _counts(report.violations)),
        (
            "server CPU a call-second, ms",
            "–" if report.cpu_per_call_s is None else f"{report.cpu_per_call_s * 1000:.1f}",
        ),
        ("own CPU a call-second, ms", f"{report.own_cpu_per_call_s * 1000:.1f}"),
        ("own frames sent late p50 / p95 / max, ms", _spread(report.sent_late_ms)),
    ]
    for name, value in rows:
        shown.add_row(name, value)
    return shown


def _spread(spread: Spread) -> str:
    return f"{_ms(spread.p50)} / {_ms(spread.p95)} / {_ms(spread.max)}"


def _ms(value: float | None) -> str:
    return "–" if value is None else str(round(value))  # not "-0"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


def _base(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InvalidInput("bad_url", f"--url {url}: must be an http(s) URL with a host")
    return url.rstrip("/")


def _reach(url: str) -> None:
    """Raise InvalidInput (`no_server`) when nothing listens there: a report of failed calls would hide it."""
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname, parts.port or _port_of(parts.scheme)), REACH_TIMEOUT_S):
            return
    except OSError as error:
        raise InvalidInput(
            "no_server", f"nothing answers at {url}: start `voice-engine serve`, or name a running server by --url"
        ) from error


def _port_of(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _server_pid(url: str) -> int | None:
    """The server's process, when it runs on this machine: its CPU is then reported."""
    parts = urlsplit(url)
    local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    return find_listener(parts.port or _port_of(parts.scheme)) if local else None
