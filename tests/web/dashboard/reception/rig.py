"""A business's reception in the web app, over a store and a directory: its services, a tab of its owner's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fakes.accounts import NOW
from tests.fakes.business import Business, add_business
from tests.fakes.dashboard import Tab, dashboard
from tests.fakes.tts import FragileTTS
from voice_engine.blobs.directory import DirectoryBlobs
from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.assistants.service import AssistantService
from voice_engine.domains.identity.ratelimit import Attempts
from voice_engine.domains.knowledge.service import KnowledgeService
from voice_engine.domains.knowledge.service import forget as forget_knowledge
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.minutes.service import MinutesService
from voice_engine.domains.prompts.assembly import PromptsDomain, build_prompts
from voice_engine.domains.prompts.service import PromptService
from voice_engine.domains.voices.previews import VoicePreviews
from voice_engine.ports.llm import LLM
from voice_engine.providers.documents.reader import ProcessReader
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id
from voice_engine.store.secrets import SecretBox


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The services of one process, as its composition root puts them together, at a time that stands still."""

    store: Store
    service: PromptService
    assistants: AssistantService
    prompts: PromptsDomain
    knowledge: KnowledgeService
    previews: VoicePreviews
    minutes: MinutesService

    async def add_business(
        self, plan: Tier = Tier.ENTERPRISE, *, assistant: bool = True, **options: Any
    ) -> Business:
        """A business on this plan, with an assistant unless told otherwise."""
        business = await add_business(self.store, plan, **options)
        if assistant:
            async with self.store.begin(business.organization_id) as work:
                await self.assistants.create(work, new_id(), "Front desk", plan=plan, author="test")
        return business

    @asynccontextmanager
    async def tab(self, business: Business) -> AsyncIterator[Tab]:
        """The owner's browser."""
        surface: dict[str, Any] = {
            "assistants": self.assistants,
            "prompts": self.prompts,
            "knowledge": self.knowledge,
            "previews": self.previews,
            "minutes": self.minutes,
        }
        async with dashboard(self.store, business, **surface) as tab:
            yield tab

    async def assistant(self, business: Business) -> Assistant:
        """The primary one."""
        async with self.store.read(business.organization_id) as work:
            return await self.assistants.primary(work)

    async def organization(self, business: Business) -> Organization:
        """The row."""
        async with self.store.read(business.organization_id) as work:
            found = await work.session.get(Organization, business.organization_id)
            assert found is not None
            return found


def open_desk(store: Store, root: Path, *, llm: LLM | None = None) -> Desk:
    """The services over a store; files below `root`."""
    blobs = DirectoryBlobs(root / "blobs")
    attempts = Attempts(store, SecretBox(bytes(range(32))), now=lambda: NOW)
    service = PromptService(now=lambda: NOW)
    assistants = AssistantService(service, now=lambda: NOW, forget=(forget_knowledge,))
    return Desk(
        store=store,
        service=service,
        assistants=assistants,
        prompts=build_prompts(store, service, assistants, llm=llm, attempts=attempts),
        knowledge=KnowledgeService(
            store, blobs, ProcessReader(), assistants, attempts, now=lambda: NOW, offer=service.offer_search
        ),
        previews=VoicePreviews(FragileTTS(), blobs),
        minutes=MinutesService(lambda: NOW),
    )
