"""`voice-engine doctor`: what this machine and these settings are good for, and how to fix what is wrong."""

import asyncio
import datetime as dt
import os
import platform
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

from rich.table import Table
from rich.text import Text

from voice_engine import __version__
from voice_engine.bootstrap.business import who_may_tell
from voice_engine.bootstrap.service import open_telephony, place_of
from voice_engine.cli import console
from voice_engine.cli.checks import carrier, reach, storage
from voice_engine.cli.checks.finding import Finding, Verdict
from voice_engine.cli.serving.place import carrier_account, web_settings
from voice_engine.config import SettingLine, Settings, describe_settings, load_settings
from voice_engine.errors import VoiceEngineError
from voice_engine.providers import stt_names, tts_names
from voice_engine.web.account import CarrierAccount, find_local_account

LEAST_PYTHON = (3, 11)
LEAST_FREE_BYTES = 1 << 30
"""A gigabyte: some 18 hours of recordings (stereo, 16 bit, 8 kHz)."""

PORT = 8000
PACKAGES = ("numpy", "soxr", "webrtcvad-wheels", "starlette", "uvicorn", "websockets", "openai", "picows")
OPTIONAL = {"picows"}


class _Model(Protocol):
    @property
    def name(self) -> str: ...

    def check(self) -> None: ...

    def load(self) -> None: ...


def run(*, as_json: bool, show_secrets: bool, quick: bool, fix: bool = False) -> int:
    """Look at everything; 0 when nothing is a problem, else 1. `fix` leads numbers here that ring elsewhere."""
    settings = load_settings()
    findings = [*machine(), *packages(), *speech(quick=quick), *providers(settings), *places(settings)]
    findings += asyncio.run(service(settings, quick=quick, fix=fix))
    lines = describe_settings(settings, show_secrets=show_secrets)
    account = find_local_account(settings.data_dir)
    if as_json:
        console.emit_json(
            {
                "version": __version__,
                "findings": [asdict(finding) for finding in findings],
                "settings": {line.name: {"value": line.value, "source": line.source} for line in lines},
                "carrier_account": None
                if account is None
                else {
                    "account_sid": account.account_sid,
                    "auth_token": account.auth_token if show_secrets else "***",
                    "generated": account.generated,
                },
            }
        )
    else:
        screen = console.out()
        screen.print(_findings_table(findings))
        screen.print(_settings_text(lines), soft_wrap=True)
        if account is not None:
            token = account.auth_token if show_secrets else "*** (--show-secrets)"
            screen.print(f"built-in carrier: account {account.account_sid}, auth token {token}", soft_wrap=True)
    problems = any(finding.verdict == "problem" for finding in findings)
    return console.EXIT_EXPECTATION if problems else console.EXIT_OK


async def service(settings: Settings, *, quick: bool, fix: bool) -> list[Finding]:
    """Storage; and unless `quick`, what has to be asked over the network: carrier, public address, clock."""
    now = dt.datetime.now(dt.UTC)
    findings = await storage.storage(settings, now=now)
    account = known_account(settings)
    if quick or account is None:
        return findings
    public_url = settings.public_url or f"http://127.0.0.1:{PORT}"
    telephony = open_telephony(settings, place_of(settings, account, public_url))
    try:
        findings += await carrier.carrier(telephony, public_url=public_url, built_in=account.generated, fix=fix)
    finally:
        await telephony.aclose()
    web = web_settings(settings, account, host="127.0.0.1", port=PORT, media_port=None)
    findings += await reach.reach(web, account.account_sid, now=now, outside=not account.generated)
    if not account.generated:
        base = settings.twilio.api_base_url or "https://api.twilio.com"
        findings.append(await reach.clock(base, now=dt.datetime.now(dt.UTC)))
    return findings


def known_account(settings: Settings) -> CarrierAccount | None:
    """The configured account, or the built-in carrier's; None: there was no first start yet."""
    if settings.twilio.auth_token is None:
        return find_local_account(settings.data_dir)
    return carrier_account(settings)


def machine() -> list[Finding]:
    """Python and cores."""
    fits = sys.version_info[:2] >= LEAST_PYTHON
    python = Finding(
        subject="python",
        verdict="ok" if fits else "problem",
        detail=f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        fix=None if fits else "install Python 3.11 or newer",
    )
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    few = cores < 2
    return [
        python,
        Finding(
            subject="cores",
            verdict="warning" if few else "ok",
            detail=str(cores),
            fix="local speech and media share one core: answers come late; use two, or remote speech"
            if few
            else None,
        ),
    ]


def packages() -> list[Finding]:
    """The libraries that calls need, with their versions."""
    found = []
    for name in PACKAGES:
        try:
            found.append(Finding(subject=name, verdict="ok", detail=version(name)))
        except PackageNotFoundError:
            optional = name in OPTIONAL
            found.append(
                Finding(
                    subject=name,
                    verdict="ok" if optional else "problem",
                    detail="not installed" + (" (optional)" if optional else ""),
                    fix=None if optional else "make setup, or pip install voice-engine",
                )
            )
    return found


def speech(*, quick: bool) -> list[Finding]:
    """The local models: there, whole (by hash), loadable; and the voices of each language."""
    from voice_engine.providers.stt.moonshine import MoonshineTranscriber
    from voice_engine.providers.stt.whisper import WhisperTranscriber
    from voice_engine.providers.tts.hibari import HibariSynthesizer
    from voice_engine.providers.tts.pico import PicoSynthesizer

    models: list[tuple[str, _Model]] = [
        ("recognition, English", MoonshineTranscriber()),
        ("recognition, Spanish", WhisperTranscriber()),
        ("voices, English", HibariSynthesizer()),
        ("voices, English and Spanish", PicoSynthesizer()),
    ]
    findings = []
    for subject, model in models:
        voices = ", ".join(f"{voice.id} ({voice.language})" for voice in getattr(model, "voices", ()))
        what = f"{model.name}{': ' + voices if voices else ''}"
        findings.append(
            _tried(subject, what, model.check if quick else _both(model.check, model.load), quick=quick)
        )
    return findings


def _both(check: Callable[[], None], load: Callable[[], None]) -> Callable[[], None]:
    def do() -> None:
        check()
        load()

    return do


def _tried(subject: str, what: str, do: Callable[[], None], *, quick: bool) -> Finding:
    try:
        do()
    except VoiceEngineError as error:
        return Finding(subject=subject, verdict="problem", detail=f"{what}: {error.code}", fix=error.message)
    except (OSError, RuntimeError, ImportError) as error:
        return Finding(
            subject=subject,
            verdict="problem",
            detail=f"{what}: {type(error).__name__}",
            fix=f"reinstall the speech extra ({' '.join(str(error).split())[:200]})",
        )
    return Finding(subject=subject, verdict="ok", detail=f"{what}, {'found' if quick else 'hash right, loads'}")


def providers(settings: Settings) -> list[Finding]:
    """The providers that the settings name."""
    return [
        _named("stt", settings.stt, stt_names(), settings),
        _named("tts", settings.tts, tts_names(), settings),
        _key("llm", settings.llm, settings),
    ]


def _named(kind: str, chosen: str, known: Iterable[str], settings: Settings) -> Finding:
    names = tuple(known)
    unknown = [name for name in chosen.split(",") if name.strip() not in names]
    if unknown:
        return Finding(
            subject=kind, verdict="problem", detail=chosen, fix=f"{unknown[0]!r} is none of {', '.join(names)}"
        )
    return _key(kind, chosen, settings)


def _key(kind: str, chosen: str, settings: Settings) -> Finding:
    lacks = "openai" in chosen and settings.openai.api_key is None and settings.openai.base_url is None
    return Finding(
        subject=kind,
        verdict="problem" if lacks else "ok",
        detail=chosen,
        fix="set VOICE_ENGINE_OPENAI__API_KEY, or VOICE_ENGINE_OPENAI__BASE_URL for an endpoint without one"
        if lacks
        else None,
    )


def places(settings: Settings) -> list[Finding]:
    """The data directory, its privacy and room, and the port."""
    return [_data_dir(settings.data_dir), _port(PORT), _public_url(settings), _vapi(settings)]


def _data_dir(path: Path) -> Finding:
    if not path.exists():
        parent = next(folder for folder in path.parents if folder.exists())
        writable = os.access(parent, os.W_OK)
        fix = None if writable else f"make {parent} writable, or set VOICE_ENGINE_DATA_DIR"
        return Finding(
            subject="data directory",
            verdict="ok" if writable else "problem",
            detail=f"{path} (not made yet)",
            fix=fix,
        )
    if not os.access(path, os.W_OK):
        return Finding(
            subject="data directory", verdict="problem", detail=str(path), fix="make it writable for this user"
        )
    free = shutil.disk_usage(path).free
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding(
            subject="data directory",
            verdict="warning",
            detail=f"{path} can be read by others",
            fix=f"chmod 700 {path}",
        )
    low = free < LEAST_FREE_BYTES
    return Finding(
        subject="data directory",
        verdict="warning" if low else "ok",
        detail=f"{path}, {free / (1 << 30):.1f} GiB free",
        fix="recordings need room: 2 MB a minute" if low else None,
    )


def _port(port: int) -> Finding:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return Finding(subject=f"port {port}", verdict="ok", detail="free")
    except OSError as error:
        return Finding(
            subject=f"port {port}",
            verdict="warning",
            detail=error.strerror or "in use",
            fix="something listens there (a running `serve`?); use `serve --port`",
        )


def _public_url(settings: Settings) -> Finding:
    url = settings.public_url
    if settings.twilio.auth_token is not None and not (url or "").startswith("https://"):
        return Finding(
            subject="public URL",
            verdict="problem",
            detail=url or "unset",
            fix="a carrier account needs VOICE_ENGINE_PUBLIC_URL=https://… : webhooks are signed over it",
        )
    return Finding(subject="public URL", verdict="ok", detail=url or "unset: the listening address")


def _vapi(settings: Settings) -> Finding:
    heard = who_may_tell(settings, settings.public_url or f"http://127.0.0.1:{PORT}")
    return Finding(subject="VAPI webhook", verdict="ok", detail=f"takes the messages of {heard}")


_STYLES: dict[Verdict, str] = {"ok": "green", "warning": "yellow", "problem": "bold red"}


def _findings_table(findings: Iterable[Finding]) -> Table:
    shown = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    shown.add_column()
    shown.add_column(style="bold", no_wrap=True)
    shown.add_column(overflow="fold")
    for finding in findings:
        detail = Text(finding.detail)
        if finding.fix:
            detail.append(f"\n→ {finding.fix}", style=_STYLES[finding.verdict])
        shown.add_row(Text(finding.verdict, style=_STYLES[finding.verdict]), finding.subject, detail)
    return shown


def _settings_text(lines: Iterable[SettingLine]) -> Text:
    """One setting a line, as it could stand in a file of environment variables."""
    shown = Text("\nsettings\n", style="bold")
    for line in lines:
        value = Text("unset", style="dim") if line.value is None else Text(line.value)
        shown.append_text(Text.assemble((line.name, "default"), "=", value, style="not bold"))
        shown.append(f"   {line.source}: {line.description}\n", style="not bold dim")
    return shown
