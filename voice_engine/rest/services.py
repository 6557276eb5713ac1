"""What routes reach: the services of the domains, made once by the composition root."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from voice_engine.domains.identity.service import Identity
from voice_engine.domains.numbers.assembly import NumbersDomain
from voice_engine.domains.usage.service import UsageService
from voice_engine.rest.api.surface import ApiSurface
from voice_engine.rest.limits import RateLimits
from voice_engine.rest.security import Authenticator
from voice_engine.rest.v1.auth.pages import Pages
from voice_engine.rest.v1.calls.surface import CallSurface
from voice_engine.rest.v1.inbound.surface import InboundSurface
from voice_engine.store.engine import Store
from voice_engine.telemetry.metrics import Metrics
from voice_engine.telemetry.tracing import Tracing


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The services of one process. `now` is the wall clock, in UTC."""

    store: Store
    authenticator: Authenticator
    limits: RateLimits
    now: Callable[[], dt.datetime]
    api: ApiSurface | None = None
    """The business surface; None: this process serves `/v1` only."""
    calls: CallSurface | None = None
    inbound: InboundSurface | None = None
    metrics: Metrics = field(default_factory=Metrics)
    tracing: Tracing = field(default_factory=Tracing)
    identity: Identity | None = None
    numbers: NumbersDomain | None = None
    pages: Pages | None = None
    """The sign-in pages' renderer. Both None: a surface without sign-in."""
    usage: UsageService | None = None
