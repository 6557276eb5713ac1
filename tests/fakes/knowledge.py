"""Knowledge for tests: a business with an assistant, the service over a directory, its jobs."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.accounts import NOW
from tests.fakes.assistants import assistant_service
from tests.fakes.business import Business, add_business
from tests.fakes.jobs import InlineJobs
from voice_engine.blobs.directory import DirectoryBlobs
from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.identity.ratelimit import Attempts
from voice_engine.domains.knowledge.assembly import build_knowledge_jobs
from voice_engine.domains.knowledge.service import KnowledgeService
from voice_engine.domains.minutes.plans import Tier
from voice_engine.ports.knowledge import Knowledge, Passage
from voice_engine.providers.documents.reader import ProcessReader
from voice_engine.store.engine import Store
from voice_engine.store.rows import new_id
from voice_engine.store.secrets import SecretBox


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The knowledge domain over a store and a directory of blobs."""

    store: Store
    blobs: DirectoryBlobs
    root: Path
    service: KnowledgeService

    def files(self) -> list[str]:
        """The names of all blobs there are, parts of some included."""
        return sorted(path.name for path in self.root.rglob("*") if path.is_file())

    async def clear(self, now: dt.datetime = NOW) -> None:
        """Run the jobs that are due."""
        jobs = InlineJobs(self.store, build_knowledge_jobs(self.store, self.blobs), now=lambda: now)
        await jobs.run_due()


def library(store: Store, root: Path) -> Library:
    """A library whose clock stands still."""
    blobs = DirectoryBlobs(root)
    attempts = Attempts(store, SecretBox(bytes(range(32))), now=lambda: NOW)
    service = KnowledgeService(store, blobs, ProcessReader(), assistant_service(), attempts, now=lambda: NOW)
    return Library(store=store, blobs=blobs, root=root, service=service)


async def add_assistant(store: Store, business: Business) -> str:
    """The business's primary assistant; its id."""
    assistant = Assistant(
        id=new_id(),
        organization_id=business.organization_id,
        engine_id=f"vapi_{new_id()[:8]}",
        name="Front desk",
        voice_id="pNInz6obpgDQGcFmaJgB",
        voice_name="Adam",
        created_at=NOW,
    )
    async with store.begin(business.organization_id) as work:
        work.session.add(assistant)
        organization = await work.session.get(Organization, business.organization_id)
        assert organization is not None
        organization.primary_assistant_id = assistant.id
    return assistant.id


async def add_house(store: Store, plan: Tier = Tier.STARTER) -> tuple[Business, str]:
    """A business and its assistant's id."""
    business = await add_business(store, plan)
    return business, await add_assistant(store, business)


class FromVirtualTime:
    """A `Knowledge` for a call in virtual time on a thread of its own: real searches on the test's real loop.

    The call's time stands still meanwhile. `before` runs on that loop before each search, with its number from 0.
    """

    def __init__(
        self, real: Knowledge, loop: asyncio.AbstractEventLoop, *, before: Callable[[int], Awaitable[None]]
    ) -> None:
        self._real = real
        self._loop = loop
        self._before = before
        self.queries: list[str] = []

    async def search(self, query: str, *, limit: int = 3) -> list[Passage]:
        """As the real one, out of time."""

        async def search() -> list[Passage]:
            await self._before(len(self.queries))
            self.queries.append(query)
            return await self._real.search(query, limit=limit)

        asked = asyncio.run_coroutine_threadsafe(search(), self._loop)
        return await asyncio.get_running_loop().run_in_executor(None, asked.result, 20)
