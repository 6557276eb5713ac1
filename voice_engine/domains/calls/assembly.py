"""The calls domain put together, once a process: services for the surfaces, the lifecycle for media, jobs for the
worker. Each part is also made by hand where only that part is wanted."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from voice_engine.domains.answering.service import Answering
from voice_engine.domains.bookings.booking import free_unsaid
from voice_engine.domains.calls import words
from voice_engine.domains.calls.browsers import Expire, RespondentCalls
from voice_engine.domains.calls.checks import CheckGoal, Checks, no_goals
from voice_engine.domains.calls.dialling import Dialler
from voice_engine.domains.calls.ending import Endings
from voice_engine.domains.calls.finding import Finder
from voice_engine.domains.calls.lifecycle import CallLifecycle
from voice_engine.domains.calls.listing.backfill import IndexCalls
from voice_engine.domains.calls.measuring import Measure
from voice_engine.domains.calls.media import MediaProcesses
from voice_engine.domains.calls.recordings import PATIENT, SWEEP, KeepRecording, SweepRecordings
from voice_engine.domains.calls.service import CallerId, CallService
from voice_engine.domains.calls.settings import CallSettings
from voice_engine.domains.calls.upkeep import ROUNDS, HangUp, Reaper, Settle
from voice_engine.domains.calls.waiting import CallWaits
from voice_engine.domains.minutes.metering import CallMeter
from voice_engine.domains.minutes.service import MinutesService
from voice_engine.domains.prompts.service import PromptService
from voice_engine.domains.usage.service import UsageService
from voice_engine.ports.blobs import BlobStore
from voice_engine.ports.bus import Bus
from voice_engine.ports.jobs import CronEntry, JobKind, JobQueue, RetryPolicy
from voice_engine.ports.telephony import CallTelephony
from voice_engine.store.engine import Store

QUEUE = "calls"
LONGEST_INDEXING_S = 6 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsDomain:
    """What surfaces and the media process need of calls."""

    settings: CallSettings
    checks: Checks
    minutes: MinutesService
    meter: CallMeter
    endings: Endings
    service: CallService
    respondents: RespondentCalls
    answering: Answering
    lifecycle: CallLifecycle
    media: MediaProcesses
    waits: CallWaits


@dataclass(frozen=True, slots=True, kw_only=True)
class CallJobs:
    """What a worker needs of calls: its part of the job book."""

    kinds: tuple[JobKind, ...]
    queues: tuple[JobQueue, ...]
    crons: tuple[CronEntry, ...]


def build_calls(
    store: Store,
    usage: UsageService,
    settings: CallSettings,
    *,
    bus: Bus,
    now: Callable[[], dt.datetime],
    caller_id: CallerId | None = None,
    check_goal: CheckGoal = no_goals,
    minutes: MinutesService | None = None,
) -> CallsDomain:
    """Put the domain together. `now` is the wall clock, in UTC. `minutes` meters businesses."""
    minutes = minutes or MinutesService(now)
    meter = CallMeter(usage, minutes)
    endings = Endings(meter)
    endings.follow(free_unsaid)
    checks = Checks(settings, meter, check_goal=check_goal)
    service = CallService(settings, meter, endings, checks=checks, now=now, caller_id=caller_id)
    answering = Answering(PromptService(now=now), minutes)
    return CallsDomain(
        settings=settings,
        checks=checks,
        minutes=minutes,
        meter=meter,
        endings=endings,
        service=service,
        respondents=RespondentCalls(service, meter, endings, checks=checks, now=now),
        answering=answering,
        lifecycle=CallLifecycle(store, endings, settings, now, compose_assistant=answering.outbound),
        media=MediaProcesses(store, settings, now=now),
        waits=CallWaits(store, bus),
    )


def build_jobs(
    store: Store,
    domain: CallsDomain,
    *,
    telephony: CallTelephony,
    blobs: BlobStore,
    now: Callable[[], dt.datetime],
) -> CallJobs:
    """The jobs of calls. A dial is not retried by the queue: what may have been placed is looked for."""
    settings, endings, lifecycle = domain.settings, domain.endings, domain.lifecycle
    dialler = Dialler(store, telephony, domain.checks, endings, settings, now=now)
    finder = Finder(store, telephony, dialler, settings, now=now)
    reaper = Reaper(
        store, telephony, lifecycle=lifecycle, dialler=dialler, endings=endings, settings=settings, now=now
    )
    hang_up = HangUp(store, telephony, lifecycle)
    measure = Measure(store, telephony, endings, domain.meter)
    patient = RetryPolicy(attempts=10, first_s=5.0, factor=3.0, longest_s=3600.0)
    soon = RetryPolicy(attempts=8, first_s=0.5, factor=2.0, longest_s=30.0)
    return CallJobs(
        kinds=(
            JobKind(name=words.DIAL, handler=dialler, queue=QUEUE, retry=soon, timeout_s=60.0),
            JobKind(name=words.LOOK_FOR, handler=finder, queue=QUEUE, retry=soon, timeout_s=60.0),
            JobKind(name=words.HANG_UP, handler=hang_up, queue=QUEUE, retry=soon, timeout_s=30.0),
            JobKind(name=words.SETTLE, handler=Settle(store, endings, now=now), queue=QUEUE, retry=soon),
            JobKind(name=words.EXPIRE, handler=Expire(store, endings, now=now), queue=QUEUE, retry=soon),
            JobKind(name=words.MEASURE, handler=measure, queue=QUEUE, retry=patient, timeout_s=30.0),
            JobKind(name=words.KEEP_RECORDING, handler=KeepRecording(store, blobs), retry=PATIENT),
            JobKind(name=words.SWEEP_RECORDINGS, handler=SweepRecordings(store, now=now)),
            JobKind(name=words.REAP, handler=reaper, retry=RetryPolicy(attempts=1)),
            JobKind(name=words.INDEX, handler=IndexCalls(store), timeout_s=LONGEST_INDEXING_S),
        ),
        queues=(JobQueue(name=QUEUE, concurrency=16),),
        crons=(ROUNDS, SWEEP),
    )
