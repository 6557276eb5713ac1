"""A business's assistant in calls: which one talks, and what it is told."""

import datetime as dt

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.answering.composing import Occasion, Settings, compose
from voice_engine.domains.assistants import repository as assistants
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.calls.models import Call
from voice_engine.domains.inbound.composing import Wishes
from voice_engine.domains.minutes.service import MinutesService
from voice_engine.domains.prompts.service import PromptService
from voice_engine.ports.call import CallSpec
from voice_engine.store.uow import UnitOfWork


class Answering:
    """Methods run inside the organization's unit of work and write nothing."""

    def __init__(self, prompts: PromptService, minutes: MinutesService) -> None:
        self._prompts = prompts
        self._minutes = minutes

    async def choose(
        self, work: UnitOfWork, organization: Organization, wished: str | None = None
    ) -> Assistant | None:
        """The assistant of this id, else the primary one; None: there is none to talk."""
        for assistant_id in (wished, organization.primary_assistant_id):
            found = None if assistant_id is None else await assistants.find(work, assistant_id)
            if found is not None:
                return found
        return None

    async def outbound(self, work: UnitOfWork, call: Call, *, at: dt.datetime) -> CallSpec | None:
        """What the engine is told of a call that the assistant makes, answered `at` (aware).

        None: there is no assistant any more.
        """
        organization = await accounts.get_organization(work, call.organization_id)
        assistant = await self.choose(work, organization, call.assistant_id)
        if assistant is None:
            return None
        occasion = Occasion(
            call_id=call.id,
            direction="outbound",
            at=at,
            other=call.to_number,
            max_seconds=call.max_seconds,
            record=call.record,
        )
        return await self.spec(work, organization, assistant, occasion=occasion)

    async def spec(
        self,
        work: UnitOfWork,
        organization: Organization,
        assistant: Assistant,
        *,
        occasion: Occasion,
        wishes: Wishes | None = None,
    ) -> CallSpec:
        """What the engine is told, from the settings as they are now."""
        facts = await self._prompts.facts(work)
        settings = Settings(
            organization=organization,
            assistant=assistant,
            prompt=(await self._prompts.read(work, assistant)).text,
            facts=facts,
            plan=await self._minutes.tier_of(work),
        )
        return compose(settings, occasion, wishes)
