"""A business's calls, number and health out of settings: what the routes of `/api` reach of them."""

import asyncio
import datetime as dt
import time
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlsplit

from voice_engine.config import Settings
from voice_engine.domains.answering.calling import AssistantCalls
from voice_engine.domains.calls.assembly import CallsDomain
from voice_engine.domains.numbers.assembly import NumbersDomain
from voice_engine.domains.numbers.business import BusinessNumbers
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.blobs import BlobStore
from voice_engine.ports.telephony import NumberTelephony
from voice_engine.rest.api.calls.surface import BusinessCallSurface
from voice_engine.rest.api.health.checks import Component, HealthChecks
from voice_engine.store.engine import Store
from voice_engine.store.secrets import SecretBox
from voice_engine.telephony.twilio.tokens import BrowserTokens, TokenSettings

LOCAL_KEY = "browser access tokens"
BROWSER_MEDIA_PATH = "/media/browser"


def business_calls(
    settings: Settings,
    calls: CallsDomain,
    *,
    blobs: BlobStore,
    box: SecretBox,
    public_url: str,
    now: Callable[[], dt.datetime],
) -> BusinessCallSurface:
    """Calls of this process."""
    parts = urlsplit(public_url)
    scheme = "wss" if parts.scheme == "https" else "ws"
    return BusinessCallSurface(
        outbound=AssistantCalls(calls.service, calls.checks, calls.answering, now=now),
        blobs=blobs,
        mint=browser_tokens(settings, box).mint,
        media_url=f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}{BROWSER_MEDIA_PATH}",
    )


def business_numbers(store: Store, numbers: NumbersDomain) -> BusinessNumbers:
    """Numbers of this process."""
    return BusinessNumbers(store, numbers.purchases, numbers.stock)


def browser_tokens(settings: Settings, box: SecretBox) -> BrowserTokens:
    """Tokens signed with the configured API key of the carrier's account, else with a key of our own."""
    twilio, own = settings.twilio, box.derive(LOCAL_KEY).hex()
    has_key = twilio.api_key is not None and twilio.api_secret is not None
    return BrowserTokens(
        TokenSettings(
            account_sid=twilio.account_sid or f"AC{own[:32]}",
            key_sid=twilio.api_key if has_key and twilio.api_key else f"SK{own[32:64]}",
            secret=twilio.api_secret.get_secret_value() if has_key and twilio.api_secret else own,
            application_sid=twilio.application_sid,
        )
    )


def health_checks(settings: Settings, store: Store, telephony: NumberTelephony) -> HealthChecks:
    """What this installation is made of. Who pays is not checked: no payment provider can be configured."""
    number = settings.calls.caller_id or settings.carrier.number
    llm, mail = settings.llm, settings.mail

    async def ask_carrier() -> None:
        await telephony.find_number(number)

    async def ask_relay() -> None:
        assert mail.host is not None
        await _connect(mail.host, mail.port)

    return HealthChecks(
        {
            "database": Component(state="ok", probe=store.ping),
            "llm": Component(state="unconfigured" if llm == "none" else "embedded" if llm == "scripted" else "ok"),
            "telephony": Component(state="ok" if settings.twilio.account_sid else "embedded", probe=ask_carrier),
            "billing": Component(state="unconfigured"),
            "mail": Component(state="ok", probe=ask_relay) if mail.host else Component(state="embedded"),
        },
        monotonic=time.monotonic,
    )


async def _connect(host: str, port: int) -> None:
    """Open a connection and close it. Raises UpstreamFailed `mail_unreachable`."""
    try:
        _reader, writer = await asyncio.open_connection(host, port)
    except OSError as error:
        raise UpstreamFailed(
            "mail_unreachable", "the mail relay does not answer", provider="smtp", retryable=True
        ) from error
    with closing(writer):
        pass
