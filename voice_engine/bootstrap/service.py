"""The service put together: database, identity, credits, calls, and the adapters that they reach out by."""

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

from voice_engine.blobs.directory import DirectoryBlobs
from voice_engine.blobs.s3 import S3Blobs, S3Settings
from voice_engine.blobs.signing import MediaUrls
from voice_engine.bootstrap.business import Ground, build_business_jobs, open_business
from voice_engine.bootstrap.customers import Customers, customer_jobs, open_customers
from voice_engine.bootstrap.dictation import Dictation
from voice_engine.bootstrap.engine import Providers, calls_dir, journal_dir
from voice_engine.bootstrap.identity import open_identity
from voice_engine.bootstrap.inbound import inbound_surface, open_inbound
from voice_engine.bus.opening import open_bus
from voice_engine.carrier.rest.carrier import VERIFY_SERVICE_SID
from voice_engine.config import Settings
from voice_engine.domains.calls.assembly import CallsDomain, build_calls, build_jobs
from voice_engine.domains.calls.settings import CallSettings
from voice_engine.domains.hooks.telling import follow_calls
from voice_engine.domains.identity.service import Identity
from voice_engine.domains.inbound.assembly import InboundDomain, build_inbound_jobs
from voice_engine.domains.inbound.rules import count_for_number, unbind_number
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.minutes.service import MinutesService
from voice_engine.domains.numbers.assembly import NumbersDomain, build_number_jobs, build_numbers
from voice_engine.domains.numbers.settings import NumberSettings
from voice_engine.domains.privacy.assembly import build_privacy_jobs
from voice_engine.domains.privacy.files import CallFiles
from voice_engine.domains.safety.hours import CallingHours
from voice_engine.domains.usage.accounts import Accounts
from voice_engine.domains.usage.plans import PlanType
from voice_engine.domains.usage.service import UsageService
from voice_engine.domains.usage.settings import UsageSettings
from voice_engine.ports.blobs import BlobStore
from voice_engine.ports.bus import Bus
from voice_engine.ports.jobs import JobBook, job_book
from voice_engine.ports.telephony import Telephony
from voice_engine.rest.limits import RateLimits
from voice_engine.rest.services import Services
from voice_engine.rest.v1.auth.authenticator import IdentityAuthenticator
from voice_engine.rest.v1.calls.surface import CallSurface
from voice_engine.store.engine import Store, open_store
from voice_engine.store.secrets import SecretBox, open_box
from voice_engine.telemetry.metrics import Metrics
from voice_engine.telemetry.tracing import Tracing, open_tracing
from voice_engine.telephony.twilio.account import TwilioSettings
from voice_engine.telephony.twilio.rest import TwilioTelephony
from voice_engine.web.account import CarrierAccount
from voice_engine.web.dashboard.calls.following import CallFollowing
from voice_engine.web.signin.pages import JinjaPages

MEDIA_KEY = "signed media links"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where this installation is. `public_url` reaches our webhooks; `carrier_url` None: the vendor's own API."""

    public_url: str
    carrier_url: str | None
    account: CarrierAccount
    verify_service_sid: str | None = None
    """The built-in carrier's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One process's service."""

    settings: Settings
    place: Place
    store: Store
    bus: Bus
    blobs: BlobStore
    box: SecretBox
    links: MediaUrls
    telephony: Telephony
    metrics: Metrics
    tracing: Tracing
    usage: UsageService
    calls: CallsDomain
    numbers: NumbersDomain
    inbound: InboundDomain
    identity: Identity
    ground: Ground
    customers: Customers
    surface: Services
    following: CallFollowing

    def leave_followers(self) -> None:
        """The process stops: whoever follows events comes again elsewhere."""
        self.following.close()
        if self.surface.inbound is not None:
            self.surface.inbound.streams.close()


def place_of(settings: Settings, account: CarrierAccount, public_url: str) -> Place:
    """Where this installation is, and which carrier it has: the built-in one unless there is another's account."""
    if not account.generated:
        return Place(public_url=public_url, carrier_url=None, account=account)
    host = f"[{settings.carrier.host}]" if ":" in settings.carrier.host else settings.carrier.host
    return Place(
        public_url=public_url,
        carrier_url=f"http://{host}:{settings.carrier.port}",
        account=account,
        verify_service_sid=VERIFY_SERVICE_SID,
    )


def utc_now() -> dt.datetime:
    """The wall clock."""
    return dt.datetime.now(dt.UTC)


@asynccontextmanager
async def open_service(
    settings: Settings, place: Place, *, providers: Providers | None = None
) -> AsyncIterator[Service]:
    """The service while the context is open. The database has its schema already (`store.migrate`).

    `providers`: of a process that holds calls; the surface uses them too.

    Raises:
        InvalidInput: `database_url_invalid`, `secret_key_invalid`, `secret_key_file_open`, `unknown_region`,
            `missing_extra`.
    """
    tracing = open_tracing(settings.otel.endpoint, settings.otel.service_name)
    store = open_store(settings.store_url)
    secret_key = settings.secret_key.get_secret_value() if settings.secret_key else None
    box = open_box(secret_key=secret_key, data_dir=settings.data_dir)
    telephony = open_telephony(settings, place)
    try:
        async with open_bus(settings.store_url, settings.data_dir) as bus:
            store.announce = bus.publish
            yield _build(
                settings,
                place,
                store=store,
                bus=bus,
                box=box,
                telephony=telephony,
                tracing=tracing,
                providers=providers,
            )
    finally:
        await telephony.aclose()
        await store.aclose()
        await tracing.aclose()


def build_job_book(service: Service) -> JobBook:
    """Every kind of durable work."""
    calls = build_jobs(service.store, service.calls, telephony=service.telephony, blobs=service.blobs, now=utc_now)
    numbers = build_number_jobs(service.numbers, service.telephony)
    inbound = build_inbound_jobs(
        service.store,
        service.calls,
        telephony=service.telephony,
        blobs=service.blobs,
        now=utc_now,
        transcribe=Dictation(service.settings),
    )
    files = call_files(service.settings)
    retention, hourly = build_privacy_jobs(service.store, service.blobs, files, now=utc_now)
    business = build_business_jobs(service.ground)
    hooks, hook_queue, daily = customer_jobs(service.store, service.box, service.customers, now=utc_now)
    return job_book(
        [*calls.kinds, *numbers, *inbound, retention, *business.kinds, *hooks],
        [*calls.queues, hook_queue],
        [*calls.crons, hourly, *business.crons, daily],
    )


def open_telephony(settings: Settings, place: Place) -> TwilioTelephony:
    """The carrier's account, at the vendor's or at the built-in carrier. Raises InvalidInput `unknown_region`."""
    twilio = settings.twilio
    return TwilioTelephony(
        TwilioSettings(
            account_sid=place.account.account_sid,
            auth_token=place.account.auth_token,
            api_key=twilio.api_key,
            api_secret=twilio.api_secret.get_secret_value() if twilio.api_secret else None,
            base_url=place.carrier_url or twilio.api_base_url,
            region=twilio.region,
            verify_service_sid=twilio.verify_service_sid or place.verify_service_sid,
        )
    )


def _build(
    settings: Settings,
    place: Place,
    *,
    store: Store,
    bus: Bus,
    box: SecretBox,
    telephony: Telephony,
    tracing: Tracing,
    providers: Providers | None,
) -> Service:
    metrics = Metrics()
    ground = _ground(settings, place, store=store, bus=bus, box=box, telephony=telephony, providers=providers)
    return Service(
        settings=settings,
        place=place,
        store=store,
        bus=bus,
        blobs=ground.blobs,
        box=box,
        links=ground.links,
        telephony=telephony,
        metrics=metrics,
        tracing=tracing,
        usage=ground.usage,
        calls=ground.calls,
        numbers=ground.numbers,
        inbound=ground.inbound,
        identity=ground.identity,
        ground=ground,
        customers=open_customers(settings, store, box, ground.identity, now=utc_now),
        surface=_surface(ground, metrics=metrics, tracing=tracing),
        following=CallFollowing(store, bus, now=utc_now),
    )


def _ground(
    settings: Settings,
    place: Place,
    *,
    store: Store,
    bus: Bus,
    box: SecretBox,
    telephony: Telephony,
    providers: Providers | None,
) -> Ground:
    blobs = open_blobs(settings)
    usage = UsageService(Accounts(usage_settings(settings, place), utc_now))
    numbers = _numbers(settings, place, store=store, usage=usage, telephony=telephony)
    place_calls = call_settings(settings, place)
    caller_id = numbers.service.caller_id_for
    minutes = MinutesService(utc_now, default=Tier(settings.accounts.business_plan))
    calls = build_calls(store, usage, place_calls, bus=bus, now=utc_now, caller_id=caller_id, minutes=minutes)
    follow_calls(calls.endings)
    return Ground(
        settings=settings,
        public_url=place.public_url,
        now=utc_now,
        store=store,
        bus=bus,
        box=box,
        blobs=blobs,
        links=MediaUrls({"k1": box.derive(MEDIA_KEY)}, current="k1", now=utc_now),
        telephony=telephony,
        identity=open_identity(settings, store, public_url=place.public_url),
        usage=usage,
        calls=calls,
        numbers=numbers,
        inbound=open_inbound(
            store, calls, numbers, telephony=telephony, blobs=blobs, bus=bus, url=place.public_url
        ),
        providers=providers,
    )


def _surface(ground: Ground, *, metrics: Metrics, tracing: Tracing) -> Services:
    settings, identity, url = ground.settings, ground.identity, ground.public_url
    return Services(
        store=ground.store,
        authenticator=IdentityAuthenticator(identity),
        limits=_limits(settings),
        now=utc_now,
        api=open_business(ground),
        metrics=metrics,
        tracing=tracing,
        identity=identity,
        pages=JinjaPages(),
        usage=ground.usage,
        numbers=ground.numbers,
        inbound=inbound_surface(
            ground.inbound, settings, ground.store, bus=ground.bus, box=ground.box, links=ground.links, url=url
        ),
        calls=CallSurface(
            service=ground.calls.service,
            waits=ground.calls.waits,
            links=ground.links,
            public_url=url,
            repeats_itself=lambda client_id: _is_gpt(identity, client_id),
        ),
    )


def _numbers(
    settings: Settings, place: Place, *, store: Store, usage: UsageService, telephony: Telephony
) -> NumbersDomain:
    return build_numbers(
        store,
        telephony,
        usage,
        number_settings(settings, place),
        now=utc_now,
        unbind=(unbind_number,),
        count_rules=count_for_number,
    )


def _limits(settings: Settings) -> RateLimits:
    web = settings.web
    return RateLimits(user_per_minute=web.requests_per_minute, address_per_minute=web.open_requests_per_minute)


def open_blobs(settings: Settings) -> BlobStore:
    """Where recordings are kept."""
    section = settings.blobs
    if section.bucket is None:
        return DirectoryBlobs(settings.data_dir / "blobs")
    return S3Blobs(
        S3Settings(
            bucket=section.bucket,
            region=section.region,
            endpoint=section.endpoint,
            access_key_id=section.access_key,
            secret_access_key=section.secret_key.get_secret_value() if section.secret_key else None,
        )
    )


def call_files(settings: Settings) -> CallFiles:
    """What media processes keep of calls in the data directory."""
    return CallFiles(calls=calls_dir(settings), journal=journal_dir(settings))


def call_settings(settings: Settings, place: Place) -> CallSettings:
    """Numbers of the calls domain, from the settings."""
    section = settings.calls
    return CallSettings(
        public_url=place.public_url,
        caller_id=section.caller_id or settings.carrier.number,
        hours=CallingHours(opens=dt.time(section.first_hour), closes=_closing(section.last_hour)),
        lines=section.lines,
        lines_per_organization=section.lines_per_organization,
        sync_wait_s=section.sync_wait_s,
        gpt_wait_s=section.gpt_wait_s,
        ring_timeout_s=section.ring_timeout_s,
        detect_machines=section.detect_machines,
        record=section.record,
        extra_pairs=extra_pairs(settings),
    )


def extra_pairs(settings: Settings) -> frozenset[tuple[str, str]]:
    """Own region and called region, where a trial account may go beyond its own area."""
    pairs = (pair.partition("-") for pair in settings.calls.extra_pairs.split(",") if pair)
    return frozenset((own, called) for own, _, called in pairs)


def number_settings(settings: Settings, place: Place) -> NumberSettings:
    """Numbers of the numbers domain, from the settings."""
    return NumberSettings(
        public_url=place.public_url,
        common_caller_id=settings.calls.caller_id or settings.carrier.number,
        provider="twilio" if place.carrier_url is None else "local",
        record=settings.calls.record,
        extra_pairs=extra_pairs(settings),
        first_number=None if place.carrier_url is None else settings.carrier.number,
    )


def usage_settings(settings: Settings, place: Place) -> UsageSettings:
    """How accounts begin, from the settings."""
    credits = settings.accounts.credits
    return UsageSettings(
        default_plan=PlanType(settings.accounts.plan),
        default_credits=None if credits is None else Decimal(str(credits)).quantize(Decimal("0.01")),
        upgrade_url=f"{place.public_url}/v1/credits/plans",
    )


def _closing(hour: int) -> dt.time:
    """24 is the end of the day."""
    return dt.time.max if hour == 24 else dt.time(hour)


def _is_gpt(identity: Identity, client_id: str) -> bool:
    client = identity.clients.find(client_id)
    return client is not None and client.derives_idempotency
