"""What each group of settings holds. What a section means belongs to the package that uses it."""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr


def _check_http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an http(s) URL with a host")
    if parts.query or parts.fragment:
        raise ValueError("must have neither query nor fragment")
    return value.rstrip("/")


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _check_networks(value: str) -> str:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    for part in parts:
        try:
            ipaddress.ip_network(part)
        except ValueError as error:
            raise ValueError("must be addresses or networks such as 127.0.0.1,10.0.0.0/8") from error
    return ",".join(parts)


HttpURL = Annotated[str, AfterValidator(_check_http_url)]
Networks = Annotated[str, AfterValidator(_check_networks)]
FilePath = Annotated[Path, AfterValidator(_absolute)]
DirPath = Annotated[Path, AfterValidator(_absolute)]


class Section(BaseModel):
    """A group of settings: frozen, no unknown keys, errors without the values (they may be secret)."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class TwilioSection(Section):
    """The carrier account. Without one the built-in carrier is used, with a generated auth token."""

    account_sid: str | None = Field(default=None, pattern=r"^AC[0-9a-fA-F]{32}$", description="Account SID (AC…)")
    auth_token: SecretStr | None = Field(default=None, description="Auth token: signs webhooks and REST requests")
    api_base_url: HttpURL | None = Field(
        default=None, description="Base URL of the REST API; unset: the vendor's own"
    )
    api_key: str | None = Field(default=None, description="API key (SK…) that stands in for the token in requests")
    api_secret: SecretStr | None = Field(default=None, description="The API key's secret")
    region: str | None = Field(default=None, description="Region of the account (us1, ie1, au1); unset: us1")
    application_sid: str | None = Field(
        default=None, pattern=r"^AP[0-9a-fA-F]{32}$", description="Application that takes browsers' calls (AP…)"
    )
    verify_service_sid: str | None = Field(
        default=None, pattern=r"^VA[0-9a-fA-F]{32}$", description="Verify service for codes (VA…); unset: no codes"
    )


class OpenAISection(Section):
    """Any OpenAI-compatible endpoint, for language model, recognition and synthesis."""

    api_key: SecretStr | None = Field(default=None, description="API key")
    base_url: HttpURL | None = Field(default=None, description="Endpoint; unset: the vendor's own")
    llm_model: str = Field(default="gpt-6-luna", description="Chat model")
    # The vendor's deprecations page (October 2026): gpt-4.1-mini ends on 2027-01-14 in favour of gpt-6-luna, and
    # gpt-4o-mini-transcribe on 2027-02-26, in favour of gpt-transcribe (files) and gpt-live-transcribe (sessions);
    # gpt-4o-mini-tts ends on 2027-01-06, and no model of audio.speech takes its place (docs/SPEECH.md).
    stt_model: str = Field(default="gpt-transcribe", description="Transcription model, file by file")
    realtime_stt_model: str = Field(
        default="gpt-live-transcribe", description="Transcription model of realtime sessions"
    )
    tts_model: str = Field(default="gpt-4o-mini-tts", description="Speech model")
    tts_voice: str = Field(default="alloy", description="Voice of the speech model")
    timeout_s: float = Field(default=8.0, gt=0, le=120, description="Deadline of one request, seconds")


class SpeechSection(Section):
    """Local speech models. A path stands in for the packaged model; its hash is then not checked."""

    workers: int = Field(default=2, ge=1, le=64, description="Model runs at once; one a core")
    max_calls: int = Field(default=24, ge=1, le=10_000, description="Calls at once that local recognition takes")
    most_busy: float = Field(
        default=0.6, gt=0, description="Share of the workers' time beyond which new calls are refused"
    )
    most_delay_s: float = Field(
        default=0.5, gt=0, description="Mean time of a recognition, waiting included, beyond which likewise"
    )
    cache_mb: int = Field(default=32, ge=0, le=4096, description="Spoken sentences that are kept, megabytes")
    moonshine_directory: DirPath | None = Field(default=None, description="English recognizer: a model of your own")
    whisper_directory: DirPath | None = Field(
        default=None, description="Spanish recognizer: a CTranslate2 Whisper of your own, with its tokenizer.json"
    )
    hibari_model: FilePath | None = Field(default=None, description="English voice: an ONNX file of your own")
    pico_directory: DirPath | None = Field(default=None, description="Pico voices: a folder of your own")


class FailoverSection(Section):
    """When the next of several recognizers or synthesizers (`local,openai`) takes over."""

    stt_stall_ms: float = Field(default=1000.0, gt=0, description="A request unanswered for so long has stalled")
    tts_stall_ms: float = Field(default=900.0, gt=0, description="Likewise the next piece of speech")
    failures: int = Field(default=1, ge=1, description="Failures in a row after which a provider is left out")
    cooldown_s: float = Field(default=30.0, ge=0, description="How long it is left out, seconds")


class ScriptedSection(Section):
    """Scripted providers: fixed delays, in milliseconds, for tests and for comparing engines."""

    stt_final_ms: float = Field(default=250, ge=0, description="Endpoint to final transcript")
    stt_text: str = Field(default="Yes, that works for me.", description="What the recognizer always hears")
    llm_first_token_ms: float = Field(default=250, ge=0, description="Request to first token")
    llm_token_interval_ms: float = Field(default=10, ge=0, description="Between tokens")
    llm_reply: str = Field(
        default="This is the first sentence of the scripted model answer. "
        "This is the second sentence of the scripted model answer.",
        description="What the model always answers, streamed by words",
    )
    tts_first_byte_ms: float = Field(default=40, ge=0, description="Sentence to first audio")
    tts_sentence_ms: float = Field(default=2000, gt=0, description="Length of the tone that stands for a sentence")


class TurnsSection(Section):
    """Turn-taking. Unset keys leave the adaptive defaults of `core.turns` alone."""

    endpointing_fixed_ms: float | None = Field(
        default=None, ge=0, description="End a turn after exactly this silence"
    )
    barge_in_fixed_ms: float | None = Field(default=None, ge=0, description="Yield after exactly this much speech")


class MediaSection(Section):
    """Media sockets and admission."""

    transport: Literal["starlette", "picows"] = Field(
        default="starlette", description="Websocket server of the media path"
    )
    worker: str = Field(
        default="w1", pattern=r"^[a-z0-9-]{1,32}$", description="Name of this media worker in stream URLs"
    )
    max_calls: int = Field(default=40, ge=1, le=10_000, description="Calls at once; more are politely refused")
    ticket_ttl_s: float = Field(default=60.0, gt=0, le=3600, description="How long a stream may take to connect")
    start_timeout_s: float = Field(
        default=10.0, gt=0, le=60, description="How long a socket may wait before `start`"
    )
    require_signature: bool = Field(
        default=False, description="Also demand the carrier's signature on the socket's upgrade"
    )
    transfer_key: bool = Field(default=True, description="A transfer's target takes the call by pressing 1")
    host: str = Field(default="127.0.0.1", description="Listening address of the picows media port")
    port: int = Field(
        default=0, ge=0, le=65535, description="Listening port of the picows media port; 0: serve's port + 1"
    )
    public_url: HttpURL | None = Field(default=None, description="Public base of the media port, where it differs")


class CarrierSection(Section):
    """The built-in carrier, which stands in for Twilio while there are no credentials of it."""

    host: str = Field(default="127.0.0.1", description="Listening address of its REST API")
    port: int = Field(default=8090, ge=0, le=65535, description="Listening port of its REST API; 0: a free one")
    number: str = Field(
        default="+14155550100", pattern=r"^\+[1-9]\d{6,14}$", description="The number it gives a new installation"
    )


class CallsSection(Section):
    """Outbound calls."""

    caller_id: str | None = Field(
        default=None,
        pattern=r"^\+[1-9]\d{6,14}$",
        description="The number that calls show whose owner has none (E.164); unset: the built-in carrier's",
    )
    lines: int = Field(default=40, ge=1, le=10_000, description="Outbound calls at once, of all organizations")
    lines_per_organization: int = Field(default=10, ge=1, le=10_000, description="Likewise of one organization")
    sync_wait_s: float = Field(
        default=120.0, ge=0, le=600, description="How long POST /v1/calls waits for the call's end"
    )
    gpt_wait_s: float = Field(default=40.0, ge=0, le=600, description="Likewise for GPT clients")
    ring_timeout_s: int = Field(default=45, ge=5, le=600, description="How long it rings")
    detect_machines: bool = Field(default=True, description="Ask the carrier who answered (voicemail, fax)")
    record: bool = Field(default=True, description="Record calls, after saying so")
    first_hour: int = Field(default=8, ge=0, le=23, description="Calls begin at this hour where the callee is")
    last_hour: int = Field(default=21, ge=1, le=24, description="Calls begin before this hour where the callee is")
    extra_pairs: str = Field(
        default="",
        pattern=r"^([A-Z]{2}-[A-Z]{2}(,[A-Z]{2}-[A-Z]{2})*)?$",
        description="Where trial accounts may call beyond their own region: ES-US,US-MX (from-to)",
    )


class AccountsSection(Section):
    """What a new account gets."""

    plan: Literal["starter", "pro", "power", "business"] = Field(
        default="business", description="Plan of whoever signs up"
    )
    credits: float | None = Field(default=None, ge=0, description="Credits a month instead of the plan's own")
    business_plan: Literal["FREE", "STARTER", "ADVANCED", "PRO", "ENTERPRISE"] = Field(
        default="FREE", description="Plan of a business that registers"
    )


class BlobsSection(Section):
    """Where recordings are kept."""

    bucket: str | None = Field(default=None, description="S3 bucket; unset: the data directory")
    endpoint: HttpURL | None = Field(default=None, description="S3-compatible endpoint; unset: Amazon's")
    region: str = Field(default="us-east-1", description="Region of the bucket")
    access_key: str | None = Field(default=None, description="Access key id")
    secret_key: SecretStr | None = Field(default=None, description="Secret access key")


class MailSection(Section):
    """Outgoing mail. Without a relay letters stay in the database: `voice-engine mail` shows them."""

    host: str | None = Field(default=None, description="SMTP relay; unset: letters are kept to be read here")
    port: int = Field(default=587, ge=1, le=65535, description="Its port")
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="Encryption: starttls (587), tls from the start (465), none (a local relay)"
    )
    user: str | None = Field(default=None, description="User at the relay; unset: no sign-in")
    password: SecretStr | None = Field(default=None, description="Password at the relay")
    sender: str = Field(
        default="Voice Engine <noreply@localhost>", description="Whom letters are from: Name <address>"
    )
    pages_url: HttpURL | None = Field(
        default=None, description="Where the web application is that letters lead to; unset: this server"
    )
    keep_days: int = Field(default=30, ge=1, le=365, description="How long letters are kept")


class WorkerSection(Section):
    """Durable work."""

    name: str | None = Field(
        default=None, pattern=r"^[a-z0-9-]{1,32}$", description="Stable name; unset: the first free of this host"
    )
    jobs: int = Field(default=16, ge=1, le=256, description="Jobs at once")
    with_serve: bool = Field(default=True, description="serve starts a worker of its own")


class WebSection(Section):
    """The HTTP server."""

    requests_per_minute: int = Field(default=600, ge=1, description="API requests a user may make a minute")
    open_requests_per_minute: int = Field(
        default=60, ge=1, description="API requests an address may make a minute without a token"
    )
    metrics_token: SecretStr | None = Field(
        default=None, description="Bearer that may read /metrics; unset: this machine only"
    )

    drain_timeout_s: float = Field(
        default=900.0, ge=0, le=3600, description="How long SIGTERM waits for live calls"
    )
    trusted_proxies: Networks = Field(
        default="",
        description="TLS proxies (addresses, networks) whose X-Forwarded-For counts; unset: none",
    )


class OutboundSection(Section):
    """Requests that organizations have us make: to their own providers, and to their webhooks."""

    allow_private: bool = Field(
        default=False, description="They may go to this machine and its network, where an address leads there"
    )


class ClientSection(Section):
    """A program that may ask for tokens by OAuth. `scope` unset: everything."""

    id: str = Field(pattern=r"^[A-Za-z0-9._-]{1,100}$", description="Client id")
    name: str = Field(min_length=1, max_length=100, description="What people read on the consent page")
    redirect_uris: tuple[str, ...] = Field(min_length=1, description="Where codes may go, exactly")
    secret: SecretStr | None = Field(default=None, description="Client secret; unset: a public client, with PKCE")
    scope: str | None = Field(default=None, description="Space-separated scopes that it may have")
    first_party: bool = Field(default=False, description="It is ours: no consent is asked")


class AuthSection(Section):
    """Who may sign in, and how. Google and Apple: unset ids switch them off. Ids are separated by commas."""

    sign_up: Literal["local", "open", "closed"] = Field(
        default="local", description="May strangers make accounts; local: only while served on this machine alone"
    )
    businesses_per_person: int = Field(
        default=10, ge=0, le=1000, description="Businesses that one person may have; the operator has no bound"
    )
    clients: tuple[ClientSection, ...] = Field(default=(), description="OAuth clients, as a JSON list")
    gpt_client_secret: SecretStr | None = Field(default=None, description="Secret of the built-in client `gpt`")
    gpt_redirect_uris: str = Field(default="", description="Its redirect URIs, separated by commas")
    google_issuer: HttpURL = Field(default="https://accounts.google.com", description="Issuer of Google's tokens")
    google_client_ids: str = Field(default="", description="Client ids whose id_tokens are accepted (apps)")
    google_web_client_id: str | None = Field(default=None, description="Client id of the page's Google button")
    google_web_client_secret: SecretStr | None = Field(default=None, description="Its secret")
    apple_issuer: HttpURL = Field(default="https://appleid.apple.com", description="Issuer of Apple's tokens")
    apple_client_ids: str = Field(default="", description="App and service ids whose tokens are accepted")
    apple_client_id: str | None = Field(default=None, description="The id for which codes are redeemed")
    apple_team_id: str | None = Field(default=None, description="Developer team")
    apple_key_id: str | None = Field(default=None, description="Id of the sign-in key")
    apple_private_key: FilePath | None = Field(default=None, description="The sign-in key, a .p8 file")


class LogSection(Section):
    """Logging."""

    format: Literal["console", "json"] = Field(default="console", description="For people or for machines")
    level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that is written"
    )
    personal_data: bool = Field(default=False, description="Write what callers say and are called; off masks it")


class OtelSection(Section):
    """Tracing by OpenTelemetry (the `otel` extra)."""

    endpoint: HttpURL | None = Field(default=None, description="Base URL of an OTLP/HTTP collector; unset: off")
    service_name: str = Field(default="voice-engine", min_length=1, description="What traces call this service")
