"""`voice-engine serve`: answer the carrier's calls until SIGTERM, then let the live ones finish."""

import asyncio
import datetime as dt
import gc
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from voice_engine.bootstrap import Providers, call_services, calls_dir
from voice_engine.carrier import yamlfile
from voice_engine.carrier.callfile import CALL_KEYS, read_call
from voice_engine.cli.calls import open_desk, read_settings
from voice_engine.cli.loops import fast_loop
from voice_engine.config import Settings
from voice_engine.core.dialogue.conversation import Conversation
from voice_engine.ports.call import CallReport, CallSpec, EngineEvent
from voice_engine.ports.telephony import CallControl
from voice_engine.runtime.journal import FileJournal
from voice_engine.runtime.services import CallServices
from voice_engine.web.account import CarrierAccount, local_account
from voice_engine.web.app import Surface
from voice_engine.web.calls import CallbackKind, IncomingCall, Plan, Talk
from voice_engine.web.line import open_line
from voice_engine.web.server import bind, serve
from voice_engine.web.settings import WebSettings

_log = structlog.get_logger(__name__)


def run(*, host: str, port: int, as_json: bool, overrides: Mapping[str, str | None]) -> int:
    """Serve until a signal; 0 after the drain."""
    wanted = {**overrides, "log.format": "json" if as_json else None}
    settings = read_settings(wanted)
    template = read_assistant(settings.assistant)
    account = carrier_account(settings)
    with (
        open_desk(wanted) as desk,
        bind(host, port) as listener,
        asyncio.Runner(loop_factory=fast_loop()) as runner,
    ):
        load_models(desk.providers)
        rehearse(template)
        desk.providers.load()
        runner.run(_serve(desk.settings, desk.providers, template, account, listener))
    return 0


def load_models(providers: Providers) -> None:
    """Read the local models before the first call comes: no call waits for them, and a broken one is found now."""
    if providers.max_calls is None:
        return
    started_s = time.monotonic()
    _log.info("speech.loading")
    providers.load()
    # What is loaded stays: without this, each full collection walks through it and holds the loop for as long.
    gc.collect()
    gc.freeze()
    _log.info("speech.loaded", seconds=round(time.monotonic() - started_s, 1))


def rehearse(template: CallSpec) -> None:
    """Hold a word with the dialogue before the first call: what it makes only once stops the loop for 15 ms."""
    conversation = Conversation(template)
    conversation.open(0.0)
    conversation.on_utterance("hello", start_ms=0, end_ms=1, turn=0, now_ms=1.0)


async def _serve(
    settings: Settings, providers: Providers, template: CallSpec, account: CarrierAccount, listener: socket.socket
) -> None:
    host, port = listener.getsockname()[:2]
    lean = _lean_listener(settings, port)
    web = web_settings(settings, account, host=host, port=port, media_port=lean.getsockname()[1] if lean else None)
    if providers.max_calls is not None:
        web = replace(web, max_calls=min(web.max_calls, providers.max_calls))

    def equip(spec: CallSpec, control: CallControl) -> CallServices:
        return call_services(settings, providers, spec, control, journal=journal)

    journal = FileJournal(settings.data_dir / "journal")
    room = providers.expect_call
    try:
        async with open_line(
            desk=TemplateDesk(template), equip=equip, directory=calls_dir(settings), room=room
        ) as engine:
            surface = Surface(engine, web)
            await serve(
                surface,
                listener,
                on_started=lambda: _log.info("serve.started", url=f"http://{host}:{port}", stream=web.stream_url),
                lean_listener=lean,
            )
    finally:
        await providers.aclose()
    _log.info("serve.stopped")


def carrier_account(settings: Settings) -> CarrierAccount:
    """The configured account, or the built-in carrier's, made when there is none."""
    twilio = settings.twilio
    if twilio.auth_token is None:
        return local_account(settings.data_dir)
    return CarrierAccount(
        account_sid=twilio.account_sid or "", auth_token=twilio.auth_token.get_secret_value(), generated=False
    )


def web_settings(
    settings: Settings, account: CarrierAccount, *, host: str, port: int, media_port: int | None
) -> WebSettings:
    """The web surface's settings. With no public URL configured, the carrier is on this machine."""
    local = f"http://127.0.0.1:{port}" if host in {"0.0.0.0", "127.0.0.1"} else f"http://[::1]:{port}"  # noqa: S104
    media_url = settings.media.public_url
    if media_url is None and media_port is not None and settings.public_url is None:
        media_url = f"http://127.0.0.1:{media_port}"
    return WebSettings(
        public_url=settings.public_url or local,
        auth_token=account.auth_token,
        media_url=media_url,
        worker=settings.media.worker,
        max_calls=settings.media.max_calls,
        ticket_ttl_s=settings.media.ticket_ttl_s,
        start_timeout_s=settings.media.start_timeout_s,
        drain_timeout_s=settings.web.drain_timeout_s,
        require_upgrade_signature=settings.media.require_signature,
    )


def read_assistant(path: Path | None) -> CallSpec:
    """Who answers: the file's call, or the packaged front desk. Raises InvalidInput naming file, line and key."""
    source = path or Path(str(files("voice_engine.cli") / "files" / "front-desk.yaml"))
    root = yamlfile.load(source)
    fields = root.mapping(CALL_KEYS | {"name"})
    return read_call(root, fields, call_id="template").spec


class TemplateDesk:
    """Answers every call alike, from one file; keeps no rows (the call's folder has everything)."""

    def __init__(self, template: CallSpec) -> None:
        self._template = template

    async def plan(self, call: IncomingCall) -> Plan:
        """Talk about the template."""
        return Talk(spec=spec_for(call, self._template))

    async def started(self, call: IncomingCall, spec: CallSpec) -> bool:
        """Nobody is told."""
        return True

    def note(self, spec: CallSpec, event: EngineEvent) -> None:
        """The call's folder has the events."""

    async def finished(
        self, spec: CallSpec, report: CallReport, events: Sequence[EngineEvent], recording: Path | None
    ) -> None:
        """The call's folder has the result."""

    async def callback(self, kind: CallbackKind, query: Mapping[str, str], form: Mapping[str, str]) -> None:
        """What the carrier reports is in its own log."""
        _log.info("carrier.reported", kind=kind, call_sid=form.get("CallSid"), status=form.get("CallStatus"))


def spec_for(call: IncomingCall, template: CallSpec) -> CallSpec:
    """The template as this call's spec: its own id, the time of day where the business is, the caller's number."""
    zone = template.assistant.business.timezone if template.assistant else "UTC"
    try:
        now = dt.datetime.now(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        now = dt.datetime.now(template.answered_at.tzinfo)
    caller = call.caller if call.caller.startswith("+") else None
    return replace(template, call_id=call.call_sid, answered_at=now, caller_phone=caller)


def _lean_listener(settings: Settings, port: int) -> socket.socket | None:
    if settings.media.transport != "picows":
        return None
    return bind(settings.media.host, settings.media.port or port + 1)
