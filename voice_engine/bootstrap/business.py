"""The business surface put together: what the routes of `/api` reach, and the durable work that it makes."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from voice_engine.blobs.signing import MediaUrls
from voice_engine.config import Settings
from voice_engine.domains.calls.assembly import CallsDomain
from voice_engine.domains.identity.service import Identity
from voice_engine.domains.inbound.assembly import InboundDomain
from voice_engine.domains.numbers.assembly import NumbersDomain
from voice_engine.domains.usage.service import UsageService
from voice_engine.ports.blobs import BlobStore
from voice_engine.ports.bus import Bus
from voice_engine.ports.jobs import JobKind
from voice_engine.ports.telephony import Telephony
from voice_engine.rest.api.auth.reader import BusinessSessions
from voice_engine.rest.api.surface import ApiSurface
from voice_engine.store.engine import Store
from voice_engine.store.secrets import SecretBox


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the business surface stands on: the service's parts, shared with `/v1`. `now` is the wall clock."""

    settings: Settings
    public_url: str
    now: Callable[[], dt.datetime]
    store: Store
    bus: Bus
    box: SecretBox
    blobs: BlobStore
    links: MediaUrls
    telephony: Telephony
    identity: Identity
    usage: UsageService
    calls: CallsDomain
    numbers: NumbersDomain
    inbound: InboundDomain


def open_business(ground: Ground) -> ApiSurface:
    """The surface; nothing is read or written yet."""
    key = ground.settings.admin_api_key
    return ApiSurface(
        sessions=BusinessSessions(ground.identity),
        public_url=ground.public_url,
        admin_key=key.get_secret_value() if key else None,
    )


def build_business_jobs(ground: Ground) -> list[JobKind]:
    """Kinds of durable work that the business surface makes."""
    return []
