"""Inbound calls out of settings: the domain, its part of the API, and the address books that can be read."""

import datetime as dt
from collections.abc import Mapping

from voice_engine.blobs.signing import MediaUrls
from voice_engine.config import Settings
from voice_engine.domains.calls.assembly import CallsDomain
from voice_engine.domains.contacts.importing import ContactImport
from voice_engine.domains.contacts.service import ContactService
from voice_engine.domains.inbound.assembly import InboundDomain, build_inbound
from voice_engine.domains.inbound.settings import InboundSettings
from voice_engine.domains.numbers.assembly import NumbersDomain
from voice_engine.ports.blobs import BlobStore
from voice_engine.ports.bus import Bus
from voice_engine.ports.contacts import AddressBook
from voice_engine.ports.telephony import Telephony
from voice_engine.providers.contacts.google import GoogleContacts, GoogleSettings
from voice_engine.rest.v1.inbound.streams import EventStreams
from voice_engine.rest.v1.inbound.surface import InboundSurface
from voice_engine.store.engine import Store
from voice_engine.store.secrets import SecretBox
from voice_engine.web.settings import VOICE_PATHS


def open_inbound(
    store: Store,
    calls: CallsDomain,
    numbers: NumbersDomain,
    *,
    telephony: Telephony,
    blobs: BlobStore,
    bus: Bus,
    url: str,
) -> InboundDomain:
    """The domain of this process. `url` is the base of our webhooks."""
    return build_inbound(
        store,
        calls,
        InboundSettings(extra_pairs=calls.settings.extra_pairs),
        telephony=telephony,
        blobs=blobs,
        bus=bus,
        default_target=numbers.service.default_target,
        voice_url=f"{url}{VOICE_PATHS[0]}",
        now=_utc_now,
    )


def inbound_surface(
    domain: InboundDomain,
    settings: Settings,
    store: Store,
    *,
    bus: Bus,
    box: SecretBox,
    links: MediaUrls,
    url: str,
) -> InboundSurface:
    """What the API's routes reach. `url` is our public base."""
    return InboundSurface(
        domain=domain,
        contacts=ContactService(now=_utc_now),
        imports=ContactImport(store, box, address_books(settings), now=_utc_now),
        streams=EventStreams(store, domain.log, bus, domain.settings),
        links=links,
        public_url=url,
    )


def address_books(settings: Settings) -> Mapping[str, AddressBook]:
    """The providers whose accounts can be read: those that this installation is a client of."""
    auth = settings.auth
    client_id, secret = auth.google_web_client_id, auth.google_web_client_secret
    if client_id is None or secret is None:
        return {}
    google = GoogleSettings(client_id=client_id, client_secret=secret.get_secret_value())
    return {"google": GoogleContacts(google)}


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
