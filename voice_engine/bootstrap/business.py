"""The business surface put together: what the routes of `/api` reach, and the durable work that it makes."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from voice_engine.blobs.signing import MediaUrls
from voice_engine.bootstrap.answering import business_calls, business_numbers, health_checks
from voice_engine.bootstrap.engine import Providers
from voice_engine.bootstrap.identity import is_this_machine
from voice_engine.config import MailSection, Settings
from voice_engine.domains.assistants.service import AssistantService
from voice_engine.domains.calls.assembly import CallsDomain
from voice_engine.domains.identity.recovery import Pages, Recovery, build_recovery_jobs
from voice_engine.domains.identity.registration import Registration
from voice_engine.domains.identity.service import Identity
from voice_engine.domains.inbound.assembly import InboundDomain
from voice_engine.domains.knowledge.assembly import build_knowledge_jobs
from voice_engine.domains.knowledge.service import KnowledgeService
from voice_engine.domains.knowledge.service import forget as forget_knowledge
from voice_engine.domains.mail.service import Outgoing, build_mail_jobs
from voice_engine.domains.numbers.assembly import NumbersDomain
from voice_engine.domains.prompts.assembly import build_prompts
from voice_engine.domains.prompts.service import PromptService
from voice_engine.domains.usage.service import UsageService
from voice_engine.domains.voices.previews import VoicePreviews
from voice_engine.domains.webhooks.assembly import build_intake, build_webhook_jobs
from voice_engine.ports.blobs import BlobStore
from voice_engine.ports.bus import Bus
from voice_engine.ports.jobs import CronEntry, JobKind
from voice_engine.ports.mail import Mailer
from voice_engine.ports.telephony import Telephony
from voice_engine.providers.documents.reader import ProcessReader
from voice_engine.providers.mail.smtp import SmtpMailer, SmtpSettings
from voice_engine.rest.api.auth.cookies import Csrf
from voice_engine.rest.api.auth.doors import Doors
from voice_engine.rest.api.auth.reader import BusinessSessions
from voice_engine.rest.api.surface import ApiSurface
from voice_engine.rest.api.webhooks.door import VapiDoor
from voice_engine.store.engine import Store
from voice_engine.store.secrets import SecretBox

CSRF_KEY = "forms of the business surface"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What the business surface stands on: the service's parts, shared with `/v1`. `now` is the wall clock.

    `providers` None: this process has neither speech nor a language model.
    """

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
    providers: Providers | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessJobs:
    """Durable work that the business surface makes."""

    kinds: list[JobKind]
    crons: list[CronEntry]


def open_business(ground: Ground) -> ApiSurface:
    """The surface; nothing is read or written yet."""
    key = ground.settings.admin_api_key
    prompts = PromptService(now=ground.now)
    assistants = AssistantService(prompts, now=ground.now, forget=(forget_knowledge,))
    return ApiSurface(
        sessions=BusinessSessions(ground.identity),
        public_url=ground.public_url,
        admin_key=key.get_secret_value() if key else None,
        origins=_origins(ground.settings),
        doors=_doors(ground),
        minutes=ground.calls.minutes,
        vapi=_vapi(ground),
        calls=business_calls(
            ground.settings,
            ground.calls,
            blobs=ground.blobs,
            box=ground.box,
            public_url=ground.public_url,
            now=ground.now,
        ),
        numbers=business_numbers(ground.store, ground.numbers),
        health=health_checks(ground.settings, ground.store, ground.telephony),
        assistants=assistants,
        previews=VoicePreviews(ground.providers.tts, ground.blobs) if ground.providers else None,
        prompts=build_prompts(
            ground.store,
            prompts,
            assistants,
            llm=ground.providers.llm if ground.providers else None,
            attempts=ground.identity.attempts,
        ),
        knowledge=KnowledgeService(
            ground.store,
            ground.blobs,
            ProcessReader(),
            assistants,
            ground.identity.attempts,
            now=ground.now,
            offer=prompts.offer_search,
        ),
    )


def build_business_jobs(ground: Ground) -> BusinessJobs:
    """Every kind of durable work that the business surface makes. Raises InvalidInput `mail_sender_invalid`."""
    settings = ground.settings.mail
    outgoing, kept = Outgoing(ground.box, now=ground.now), dt.timedelta(days=settings.keep_days)
    mailer = open_mailer(settings)
    mail, forget = build_mail_jobs(ground.store, outgoing, mailer, kept=kept, now=ground.now)
    webhooks, forget_webhooks = build_webhook_jobs(ground.store, ground.calls, now=ground.now)
    return BusinessJobs(
        kinds=[
            *mail,
            *build_recovery_jobs(_recovery(ground)),
            *webhooks,
            *build_knowledge_jobs(ground.store, ground.blobs),
        ],
        crons=[forget, forget_webhooks],
    )


def open_mailer(section: MailSection) -> Mailer | None:
    """The relay that letters leave by; None: they stay here. Raises InvalidInput `mail_sender_invalid`."""
    if section.host is None:
        return None
    return SmtpMailer(
        SmtpSettings(
            host=section.host,
            port=section.port,
            sender=section.sender,
            security=section.security,
            user=section.user,
            password=section.password.get_secret_value() if section.password else None,
        )
    )


def who_may_tell(settings: Settings, public_url: str) -> str:
    """Whose VAPI messages are taken, in words: without a secret none, where others than this machine reach us."""
    if settings.vapi_webhook_secret is not None:
        return "who knows the secret"
    if is_this_machine(public_url):
        return "any program on this machine: VOICE_ENGINE_VAPI_WEBHOOK_SECRET is unset"
    return "nobody: VOICE_ENGINE_VAPI_WEBHOOK_SECRET is unset"


def _vapi(ground: Ground) -> VapiDoor:
    secret = ground.settings.vapi_webhook_secret
    return VapiDoor(
        intake=build_intake(ground.store, ground.calls, ground.calls.minutes, now=ground.now),
        secret=secret.get_secret_value() if secret else None,
        is_open_without_secret=is_this_machine(ground.public_url),
    )


def _doors(ground: Ground) -> Doors:
    return Doors(
        identity=ground.identity,
        registration=Registration(
            ground.identity,
            Outgoing(ground.box, now=ground.now),
            open_account=ground.calls.minutes.open_account,
            sign_in_page=f"{_pages(ground)}/login",
        ),
        recovery=_recovery(ground),
        csrf=Csrf(ground.box.derive(CSRF_KEY), is_secure=ground.identity.settings.is_secure),
        outgoing=Outgoing(ground.box, now=ground.now),
    )


def _recovery(ground: Ground) -> Recovery:
    pages = Pages(reset=f"{_pages(ground)}/reset-password", magic_link=f"{ground.public_url}/api/auth/magic-link")
    return Recovery(ground.identity, Outgoing(ground.box, now=ground.now), pages)


def _pages(ground: Ground) -> str:
    return ground.settings.mail.pages_url or ground.public_url


def _origins(settings: Settings) -> frozenset[str]:
    """The web application's own, which asks across origins when it stands elsewhere."""
    if settings.mail.pages_url is None:
        return frozenset()
    parts = urlsplit(settings.mail.pages_url)
    return frozenset({f"{parts.scheme}://{parts.netloc}"})
