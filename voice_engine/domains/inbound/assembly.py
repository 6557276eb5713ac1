"""The inbound domain put together, once a process."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from voice_engine.domains.calls.assembly import CallsDomain
from voice_engine.domains.inbound.following import note_end
from voice_engine.domains.inbound.reception import Reception
from voice_engine.domains.inbound.rules import RuleService
from voice_engine.domains.inbound.service import InboundService
from voice_engine.domains.inbound.settings import InboundSettings
from voice_engine.domains.inbound.targets import TargetGate
from voice_engine.domains.usage.service import UsageService
from voice_engine.store.engine import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundDomain:
    """What surfaces and the media process need of inbound calls."""

    settings: InboundSettings
    reception: Reception
    rules: RuleService
    service: InboundService


def build_inbound(
    store: Store,
    usage: UsageService,
    calls: CallsDomain,
    settings: InboundSettings,
    *,
    now: Callable[[], dt.datetime],
) -> InboundDomain:
    """Put the domain together; once for each `calls`, whose ends it follows. `now` is the wall clock, in UTC."""
    targets = TargetGate(usage, extra_pairs=settings.extra_pairs)
    calls.endings.follow(note_end)
    return InboundDomain(
        settings=settings,
        reception=Reception(store, usage, calls.endings, targets, settings),
        rules=RuleService(targets, now=now),
        service=InboundService(calls.endings, now=now),
    )
