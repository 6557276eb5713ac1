"""The inbound domain put together, once a process: for the surfaces, the media process and the worker."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from voice_engine.domains.calls.assembly import CallsDomain
from voice_engine.domains.calls.orders import OrderAnswers
from voice_engine.domains.inbound import words
from voice_engine.domains.inbound.analytics import InboundAnalytics
from voice_engine.domains.inbound.answerer import Answerer
from voice_engine.domains.inbound.browsers import BrowserReception
from voice_engine.domains.inbound.control import DefaultTarget, LiveControl
from voice_engine.domains.inbound.events import EventLog
from voice_engine.domains.inbound.following import note_end
from voice_engine.domains.inbound.forgetting import Forgetting
from voice_engine.domains.inbound.reception import Reception
from voice_engine.domains.inbound.rehearsing import Rehearsals
from voice_engine.domains.inbound.rules import RuleService
from voice_engine.domains.inbound.service import InboundService
from voice_engine.domains.inbound.settings import InboundSettings
from voice_engine.domains.inbound.targets import TargetGate
from voice_engine.domains.inbound.voicemails import (
    FetchVoicemail,
    Transcribe,
    TranscribeVoicemail,
    VoicemailIntake,
    VoicemailService,
)
from voice_engine.domains.live.steering import Steering
from voice_engine.ports.blobs import BlobStore
from voice_engine.ports.bus import Bus
from voice_engine.ports.jobs import JobKind, RetryPolicy
from voice_engine.ports.telephony import Telephony
from voice_engine.store.engine import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundDomain:
    """What surfaces and the media process need of inbound calls."""

    settings: InboundSettings
    reception: Reception
    rehearsals: Rehearsals
    browsers: BrowserReception
    rules: RuleService
    service: InboundService
    analytics: InboundAnalytics
    control: LiveControl
    steering: Steering
    forgetting: Forgetting
    voicemails: VoicemailService
    intake: VoicemailIntake
    log: EventLog


def build_inbound(
    store: Store,
    calls: CallsDomain,
    settings: InboundSettings,
    *,
    telephony: Telephony,
    blobs: BlobStore,
    bus: Bus,
    default_target: DefaultTarget,
    voice_url: str,
    now: Callable[[], dt.datetime],
) -> InboundDomain:
    """Put the domain together; once for each `calls`, whose ends it follows. `now` is the wall clock, in UTC.

    `voice_url` is the public address of the voice webhook. `default_target` is the numbers domain's.
    """
    targets = TargetGate(calls.meter, extra_pairs=settings.extra_pairs)
    service, answerer = InboundService(calls.endings, now=now), Answerer(calls.answering)
    reception = Reception(store, calls.meter, calls.endings, targets, settings, answerer=answerer)
    calls.endings.follow(note_end)
    answers = OrderAnswers(store, bus, now=now)
    control = LiveControl(
        store,
        service,
        calls.service,
        calls.endings,
        waits=calls.waits,
        targets=targets,
        default_target=default_target,
        telephony=telephony,
        answers=answers,
        settings=settings,
        voice_url=voice_url,
        now=now,
    )
    steering = Steering(store, calls.service, control, answers=answers, targets=targets, settings=settings, now=now)
    return InboundDomain(
        settings=settings,
        reception=reception,
        rehearsals=Rehearsals(store, reception),
        browsers=BrowserReception(calls.meter, calls.endings, answerer, caller_id=calls.service.caller_id, now=now),
        rules=RuleService(targets, now=now),
        service=service,
        analytics=InboundAnalytics(now=now),
        control=control,
        steering=steering,
        forgetting=Forgetting(store, blobs, now=now),
        voicemails=VoicemailService(),
        intake=VoicemailIntake(store, calls.endings, now=now),
        log=EventLog(),
    )


def build_inbound_jobs(
    store: Store,
    calls: CallsDomain,
    *,
    telephony: Telephony,
    blobs: BlobStore,
    now: Callable[[], dt.datetime],
    transcribe: Transcribe | None = None,
) -> tuple[JobKind, ...]:
    """The jobs of inbound calls. `transcribe` None: messages are kept without their text."""
    patient = RetryPolicy(attempts=10, first_s=5.0, factor=3.0, longest_s=3600.0)
    fetch = FetchVoicemail(store, telephony, blobs, calls.endings, transcribes=transcribe is not None, now=now)
    kinds = [JobKind(name=words.FETCH_VOICEMAIL, handler=fetch, retry=patient, timeout_s=120.0)]
    if transcribe is not None:
        handler = TranscribeVoicemail(store, blobs, transcribe)
        kinds.append(JobKind(name=words.TRANSCRIBE_VOICEMAIL, handler=handler, timeout_s=300.0))
    return tuple(kinds)
