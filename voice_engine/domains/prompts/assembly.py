"""The prompts domain put together."""

from dataclasses import dataclass

from voice_engine.domains.assistants.service import AssistantService
from voice_engine.domains.identity.ratelimit import Attempts
from voice_engine.domains.prompts.business import BusinessSettings
from voice_engine.domains.prompts.rewriting import Rewriting
from voice_engine.domains.prompts.service import PromptService
from voice_engine.ports.llm import LLM
from voice_engine.store.engine import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptsDomain:
    """What the business surface and calls reach."""

    service: PromptService
    rewriting: Rewriting
    business: BusinessSettings


def build_prompts(
    store: Store,
    service: PromptService,
    assistants: AssistantService,
    *,
    llm: LLM | None = None,
    attempts: Attempts | None = None,
) -> PromptsDomain:
    """The domain around a service that the assistants share. `llm` None: no model writes sections."""
    return PromptsDomain(
        service=service,
        rewriting=Rewriting(store, service, assistants, llm=llm, attempts=attempts),
        business=BusinessSettings(service, assistants),
    )
