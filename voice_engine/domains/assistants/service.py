"""A business's assistants: made from its defaults, named, given a voice and a greeting, deleted.

Names and voice change the greeting and the prompt's persona section with them; a call that is up keeps what it
began with (its `CallSpec`).
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.assistants import greeting, repository
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.assistants.naming import renamed, spoken_name
from voice_engine.domains.minutes.plans import TIERS, Tier
from voice_engine.domains.voices import catalogue
from voice_engine.errors import Conflict, NotAllowed, NotFound
from voice_engine.ports.call import GreetingMode, Language
from voice_engine.store.rows import is_id, new_id
from voice_engine.store.uow import UnitOfWork

PERSONA = "persona"
"""The section of the prompt that tells name, voice and manner."""

Forget = Callable[[UnitOfWork, Assistant], Awaitable[None]]
"""Removes, in the same unit, what another domain keeps for an assistant that is being deleted."""


class Prompting(Protocol):
    """What becomes of the prompt."""

    async def start(self, work: UnitOfWork, assistant: Assistant, *, author: str) -> object:
        """Write the first prompt of a new assistant."""
        ...

    async def refresh(self, work: UnitOfWork, sections: Sequence[str], *, author: str, reason: str) -> object:
        """Render these sections of the primary assistant's prompt anew from the rows."""
        ...

    async def retell(self, work: UnitOfWork, *, author: str, reason: str) -> object:
        """Render every section anew: the assistant's language is another one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistantView:
    """An assistant in a list. `calls` counts the calls that it has had."""

    assistant: Assistant
    calls: int
    is_primary: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """All assistants, the oldest first, and the number on which the organization is called (E.164)."""

    assistants: tuple[AssistantView, ...]
    phone_number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstMessage:
    """How an assistant begins. `text` is what it says, or would say in another mode."""

    mode: GreetingMode
    text: str


class AssistantService:
    """The one place where assistants change. `forget`: what else goes when one is deleted."""

    def __init__(
        self, prompts: Prompting, *, now: Callable[[], dt.datetime], forget: Sequence[Forget] = ()
    ) -> None:
        self._prompts = prompts
        self._now = now
        self._forget = list(forget)

    def also_forget(self, forget: Forget) -> None:
        """Have this, too, run when an assistant is deleted: for domains that are built upon this one."""
        self._forget.append(forget)

    async def primary(self, work: UnitOfWork, *, lock: bool = False) -> Assistant:
        """The assistant that the settings are about. Raises NotFound `no_active_assistant`.

        `lock` takes the organization's lock too, and first, as every setting does: so none waits for another.
        """
        organization = await repository.organization(work, lock=lock)
        chosen = organization.primary_assistant_id
        found = await repository.find(work, chosen, lock=lock) if chosen is not None else None
        if found is None:
            raise NotFound("no_active_assistant", "there is no assistant yet: create one with POST /api/assistants")
        return found

    async def overview(self, work: UnitOfWork) -> Overview:
        """Everything that the list shows, in four statements however many there are."""
        organization = await repository.organization(work)
        rows = await repository.all_of(work)
        counts = await repository.count_calls(work, [row.id for row in rows])
        views = tuple(
            AssistantView(
                assistant=row, calls=counts.get(row.id, 0), is_primary=row.id == organization.primary_assistant_id
            )
            for row in rows
        )
        return Overview(assistants=views, phone_number=await repository.phone_number(work))

    async def create(
        self, work: UnitOfWork, engine_id: str, name: str, *, plan: Tier, author: str
    ) -> AssistantView:
        """A new assistant with the organization's defaults; the first one becomes the primary one.

        Raises:
            Conflict: `assistant_exists`: the id is taken, by whomever.
            NotAllowed: `assistant_limit_reached`.
        """
        organization = await repository.organization(work, lock=True)
        before = await repository.all_of(work)
        assistant_id = new_id()
        if not await repository.insert(work, self._defaults(organization, assistant_id, engine_id, name)):
            raise Conflict("assistant_exists", f"an assistant with the id {engine_id} is registered already")
        limit = TIERS[plan].assistants
        if len(before) >= limit:
            raise NotAllowed(
                "assistant_limit_reached",
                f"the {plan} plan has room for {limit} {'assistant' if limit == 1 else 'assistants'}",
                details={"limit": limit, "currentPlan": plan},
            )
        is_primary = organization.primary_assistant_id not in {row.id for row in before}
        if is_primary:
            organization.primary_assistant_id = assistant_id
            await work.session.flush()
        made = await repository.find(work, assistant_id)
        assert made is not None
        await self._prompts.start(work, made, author=author)
        return AssistantView(assistant=made, calls=0, is_primary=is_primary)

    async def rename(self, work: UnitOfWork, assistant_id: str, name: str) -> AssistantView:
        """Change the label in lists; what callers hear stays. Raises NotFound `not_found`."""
        assistant = await self._one(work, assistant_id)
        assistant.name = name
        organization = await repository.organization(work)
        counts = await repository.count_calls(work, [assistant.id])
        return AssistantView(
            assistant=assistant,
            calls=counts.get(assistant.id, 0),
            is_primary=assistant.id == organization.primary_assistant_id,
        )

    async def delete(self, work: UnitOfWork, assistant_id: str) -> None:
        """Take it out of service. Its calls keep their history; its numbers fall to the next assistant.

        Raises:
            NotFound: `not_found`.
        """
        organization = await repository.organization(work, lock=True)
        assistant = await self._one(work, assistant_id)
        others = [row for row in await repository.all_of(work) if row.id != assistant.id]
        if organization.primary_assistant_id == assistant.id:
            organization.primary_assistant_id = others[0].id if others else None
        await repository.rebind_numbers(work, assistant.id, organization.primary_assistant_id)
        assistant.status, assistant.deleted_at = "INACTIVE", self._now()
        await work.session.flush()
        for forget in self._forget:
            await forget(work, assistant)

    async def make_primary(self, work: UnitOfWork, assistant_id: str) -> None:
        """Have this one answer from the next call on, also on the numbers that the primary one answered so far.

        Raises:
            NotFound: `not_found`.
        """
        organization = await repository.organization(work, lock=True)
        assistant = await self._one(work, assistant_id)
        before, organization.primary_assistant_id = organization.primary_assistant_id, assistant.id
        if before is not None and before != assistant.id:
            await repository.rebind_numbers(work, before, assistant.id)
        await work.session.flush()

    async def set_language(self, work: UnitOfWork, language: Language, *, author: str) -> None:
        """Which language the primary assistant speaks. Its prompt's sections and our greeting follow; the owner's
        own words stay as they are.

        Raises:
            NotFound: `no_active_assistant`.
        """
        assistant = await self.primary(work, lock=True)
        assistant.language = language
        await work.session.flush()
        await self._prompts.retell(work, author=author, reason="language")

    async def set_spoken_name(self, work: UnitOfWork, name: str, *, author: str) -> None:
        """What the primary assistant calls itself, in its greeting and in its prompt's persona too.

        Raises:
            NotFound: `no_active_assistant`.
        """
        assistant = await self.primary(work, lock=True)
        before = spoken_name(assistant)
        assistant.spoken_name = name
        await self._name_changed(work, assistant, before, author=author, reason="assistant name")

    async def set_voice(self, work: UnitOfWork, voice_id: str, name: str | None, *, author: str) -> None:
        """Give the primary assistant another voice. Without a name of its own it takes the voice's (`name`).

        Raises:
            InvalidInput: `unknown_voice`.
            NotFound: `no_active_assistant`.
        """
        assistant = await self.primary(work, lock=True)
        voice = catalogue.require(voice_id)
        before = spoken_name(assistant)
        assistant.voice_id, assistant.voice_name = voice.id, name or voice.name
        await self._name_changed(work, assistant, before, author=author, reason="voice")

    async def first_message(self, work: UnitOfWork) -> FirstMessage:
        """How the primary assistant begins. Raises NotFound `no_active_assistant`."""
        assistant = await self.primary(work)
        organization = await repository.organization(work)
        mode = GreetingMode(assistant.first_message_mode)
        return FirstMessage(mode=mode, text=greeting_of(assistant, organization))

    async def set_first_message(self, work: UnitOfWork, mode: GreetingMode, text: str | None) -> None:
        """How the primary assistant begins; without a text the one it has stays.

        Raises:
            NotFound: `no_active_assistant`.
        """
        assistant = await self.primary(work, lock=True)
        assistant.first_message_mode = mode
        if text is not None:
            assistant.first_message = text.strip() or None

    async def _one(self, work: UnitOfWork, assistant_id: str) -> Assistant:
        found = await repository.find(work, assistant_id, lock=True) if is_id(assistant_id) else None
        if found is None:
            raise NotFound("not_found", "there is no such assistant")
        return found

    async def _name_changed(
        self, work: UnitOfWork, assistant: Assistant, before: str, *, author: str, reason: str
    ) -> None:
        if assistant.first_message is not None:
            assistant.first_message = renamed(assistant.first_message, before, spoken_name(assistant))
        await work.session.flush()
        await self._prompts.refresh(work, (PERSONA,), author=author, reason=reason)

    def _defaults(
        self, organization: Organization, assistant_id: str, engine_id: str, name: str
    ) -> dict[str, object]:
        return {
            "id": assistant_id,
            "engine_id": engine_id,
            "name": name,
            "voice_id": catalogue.DEFAULT.id,
            "voice_name": catalogue.DEFAULT.name,
            "language": language_of(organization),
            "created_at": self._now(),
        }


def language_of(organization: Organization) -> Language:
    """The language that an organization's assistants speak: that of its locale, else English."""
    return "es" if organization.locale[:2].lower() == "es" else "en"


def greeting_of(assistant: Assistant, organization: Organization) -> str:
    """What the assistant says first: the owner's text, else ours of the business's name as it is now."""
    if assistant.first_message is not None:
        return assistant.first_message
    language: Language = "es" if assistant.language == "es" else "en"
    return greeting.default_greeting(business=organization.name, name=spoken_name(assistant), language=language)
