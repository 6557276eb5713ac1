"""What the operations on inbound calls reach."""

from dataclasses import dataclass

from voice_engine.blobs.signing import MediaUrls
from voice_engine.domains.inbound.rules import RuleService
from voice_engine.domains.inbound.service import InboundService


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundSurface:
    """The services. `links` signs what `public_url` serves."""

    service: InboundService
    rules: RuleService
    links: MediaUrls
    public_url: str
