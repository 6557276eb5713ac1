"""This machine and these settings: Python, libraries, speech models, providers, folders, port, public URL."""

import os
import platform
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

from voice_engine.bootstrap.business import who_may_tell
from voice_engine.config import Settings
from voice_engine.errors import VoiceEngineError
from voice_engine.ports.doctor import Finding, well
from voice_engine.providers import stt_names, tts_names
from voice_engine.web.settings import LOCAL_URL, PORT

LEAST_PYTHON = (3, 11)
LEAST_FREE_BYTES = 1 << 30
"""A gigabyte: some 18 hours of recordings (stereo, 16 bit, 8 kHz)."""

PACKAGES = ("numpy", "soxr", "webrtcvad-wheels", "starlette", "uvicorn", "websockets", "openai", "picows")
OPTIONAL = {"picows"}


class _Model(Protocol):
    @property
    def name(self) -> str: ...

    def check(self) -> None: ...

    def load(self) -> None: ...


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


def places(settings: Settings, *, served_at: str | None = None) -> list[Finding]:
    """The data directory, its privacy and room; the port, unless a server of ours runs, at `served_at`."""
    port = _port(PORT) if served_at is None else well("server", f"runs, at {served_at}")
    reached = settings.public_url or served_at or LOCAL_URL
    return [_data_dir(settings.data_dir), port, _public_url(settings), _vapi(settings, reached)]


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


def _vapi(settings: Settings, reached: str) -> Finding:
    heard = who_may_tell(settings, reached)
    return Finding(subject="VAPI webhook", verdict="ok", detail=f"takes the messages of {heard}")
