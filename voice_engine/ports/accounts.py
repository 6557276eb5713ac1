"""An account at a provider of speech or a language model that is a customer's own, and what is asked of it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class ProviderKind(StrEnum):
    """What a provider does for a call."""

    STT = "stt"
    TTS = "tts"
    LLM = "llm"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAccount:
    """One account at an endpoint that speaks the OpenAI API.

    `base_url` None: the vendor's own. `api_key` None: the endpoint asks for none. `voice`: of a synthesizer; None:
    the one that the installation has set.
    """

    kind: ProviderKind
    model: str
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    voice: str | None = None


class AddressGuard(Protocol):
    """Says where requests on a customer's word may go."""

    async def check(self, url: str) -> None:
        """Raises InvalidInput `url_invalid`, `host_unknown`, `address_refused`, `https_required`."""
        ...


class ProviderProbe(Protocol):
    """Tries an account by the smallest real request there is."""

    async def ask(self, account: ProviderAccount) -> str:
        """What came back, in a few words. Raises InvalidInput, UpstreamFailed."""
        ...
