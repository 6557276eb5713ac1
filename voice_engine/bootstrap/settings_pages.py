"""The services of the settings' pages, put together for one process."""

from voice_engine.bootstrap.checks.running import ServiceDoctor
from voice_engine.bootstrap.service import Service, utc_now
from voice_engine.domains.checkup.service import Checkup
from voice_engine.ports.accounts import ProviderKind
from voice_engine.web.dashboard.settings.desk import SettingsDesk
from voice_engine.web.settings import WebSettings

VENDOR = "OpenAI"
"""Whose API the endpoints of accounts speak, and at whose own address those without an address are."""


def settings_desk(service: Service, web: WebSettings) -> SettingsDesk:
    """What the settings' pages of this process reach. `web` says where it is reached."""
    openai = service.settings.openai
    return SettingsDesk(
        provider_keys=service.customers.provider_keys,
        hooks=service.customers.hooks,
        checkup=Checkup(now=utc_now),
        vendor=VENDOR,
        models={
            ProviderKind.STT: openai.stt_model,
            ProviderKind.TTS: openai.tts_model,
            ProviderKind.LLM: openai.llm_model,
        },
        doctor=ServiceDoctor(service, web),
    )
