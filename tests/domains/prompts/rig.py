"""Businesses with assistants and prompts, in a database."""

from typing import Any

from tests.fakes.accounts import NOW
from tests.fakes.business import Business, add_business
from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.assistants.service import AssistantService
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.prompts import repository
from voice_engine.domains.prompts.assembly import PromptsDomain, build_prompts
from voice_engine.domains.prompts.models import PromptRevision
from voice_engine.domains.prompts.service import PromptService, PromptView
from voice_engine.ports.llm import LLM
from voice_engine.store.engine import Store


class PromptRig:
    """The domain over a store, and one business with a primary assistant."""

    def __init__(self, store: Store, business: Business, *, llm: LLM | None = None, **options: Any) -> None:
        self.store = store
        self.business = business
        self.service = PromptService(now=lambda: NOW)
        self.assistants = AssistantService(self.service, now=lambda: NOW)
        self.domain: PromptsDomain = build_prompts(store, self.service, self.assistants, llm=llm, **options)

    @property
    def organization_id(self) -> str:
        return self.business.organization_id

    async def view(self) -> PromptView:
        """The primary assistant's prompt."""
        async with self.store.read(self.organization_id) as work:
            return await self.service.read(work, await self.assistants.primary(work))

    async def assistant(self) -> Assistant:
        """The primary assistant."""
        async with self.store.read(self.organization_id) as work:
            return await self.assistants.primary(work)

    async def add_assistant(self, engine_id: str, name: str = "Second") -> str:
        """One more."""
        async with self.store.begin(self.organization_id) as work:
            made = await self.assistants.create(work, engine_id, name, plan=Tier.PRO, author="test")
            return made.assistant.id

    async def set(self, setting: str, *arguments: Any) -> Organization:
        """Change a setting: the method of `BusinessSettings` that is called `set_<setting>`."""
        async with self.store.begin(self.organization_id) as work:
            method = getattr(self.domain.business, f"set_{setting}")
            changed: Organization = await method(work, *arguments, author="owner")
            return changed

    async def replace(self, text: str, version: int | None = None) -> PromptView:
        """The owner's own text."""
        return await self.domain.rewriting.replace(self.organization_id, text, author="owner", version=version)

    async def revisions(self) -> list[PromptRevision]:
        """Every version of the primary assistant's prompt."""
        async with self.store.read(self.organization_id) as work:
            assistant = await self.assistants.primary(work)
            prompt = await repository.find_prompt(work, assistant.id)
            assert prompt is not None
            return list(await repository.list_revisions(work, prompt.id))


async def prompt_rig(store: Store, *, llm: LLM | None = None, plan: Tier = Tier.PRO, **options: Any) -> PromptRig:
    """A business with one assistant."""
    rig = PromptRig(store, await add_business(store, plan), llm=llm, **options)
    await rig.add_assistant(f"engine-{rig.organization_id[:8]}", "Reception AI")
    return rig
