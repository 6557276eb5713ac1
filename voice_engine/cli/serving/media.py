"""The media role alone: one file says who answers, calls keep their folders, there are no accounts and no rows."""

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog

from voice_engine.bootstrap import Providers, call_services, calls_dir
from voice_engine.carrier import yamlfile
from voice_engine.carrier.callfile import CALL_KEYS, read_call
from voice_engine.cli.serving.place import Listening
from voice_engine.config import Settings
from voice_engine.ports.call import CallReport, CallSpec, EngineEvent
from voice_engine.ports.telephony import CallControl
from voice_engine.runtime.journal import FileJournal
from voice_engine.runtime.services import CallServices
from voice_engine.telemetry.tracing import open_tracing
from voice_engine.web.app import Surface
from voice_engine.web.calls import CallbackKind, IncomingCall, Plan, Talk
from voice_engine.web.line import open_line
from voice_engine.web.server import serve

_log = structlog.get_logger(__name__)


async def serve_media(settings: Settings, providers: Providers, template: CallSpec, listening: Listening) -> None:
    """Answer every call by the template until a signal, and drain."""
    journal = FileJournal(settings.data_dir / "journal")

    def equip(spec: CallSpec, control: CallControl) -> CallServices:
        return call_services(settings, providers, spec, control, journal=journal)

    desk, directory = TemplateDesk(template), calls_dir(settings)
    async with (
        aclosing(open_tracing(settings.otel.endpoint, settings.otel.service_name)) as tracing,
        open_line(
            desk=desk,
            equip=equip,
            directory=directory,
            room=providers.expect_call,
            tracing=tracing,
            ahead=providers.ahead.prepare,
        ) as engine,
    ):
        url, stream = listening.url, listening.web.stream_url
        await serve(
            Surface(engine, listening.web),
            listening.listener,
            on_started=lambda: _log.info("serve.started", url=url, stream=stream),
            lean_listener=listening.lean,
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

    async def turned_away(self, call: IncomingCall) -> None:
        """Nothing is dialled in this role."""

    async def started(self, call: IncomingCall, spec: CallSpec) -> bool:
        """Nobody is told."""
        return True

    def note(self, spec: CallSpec, event: EngineEvent) -> None:
        """The call's folder has the events."""

    async def finished(
        self, spec: CallSpec, report: CallReport, events: Sequence[EngineEvent], recording: Path | None
    ) -> None:
        """The call's folder has the result."""

    def forget(self, spec: CallSpec) -> None:
        """Nothing is remembered."""

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
