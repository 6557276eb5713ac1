"""What the operations on inbound calls reach."""

from dataclasses import dataclass

from voice_engine.blobs.signing import MediaUrls
from voice_engine.domains.contacts.importing import ContactImport
from voice_engine.domains.contacts.service import ContactService
from voice_engine.domains.inbound.assembly import InboundDomain
from voice_engine.rest.v1.inbound.streams import EventStreams


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundSurface:
    """The services. `links` signs what `public_url` serves; `streams` are the followers of this process."""

    domain: InboundDomain
    contacts: ContactService
    imports: ContactImport
    streams: EventStreams
    links: MediaUrls
    public_url: str
