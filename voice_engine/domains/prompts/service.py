"""Prompts of an organization's assistants: read, written by settings, replaced by their owner."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.assistants import repository as assistants
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.assistants.naming import spoken_name
from voice_engine.domains.prompts import repository
from voice_engine.domains.prompts.document import Document, Renderings
from voice_engine.domains.prompts.edit import Composed, Managed
from voice_engine.domains.prompts.facts import BusinessFacts, facts_of
from voice_engine.domains.prompts.locate import Span
from voice_engine.domains.prompts.models import Prompt, PromptRevision, PromptSection
from voice_engine.domains.prompts.sections import ORDER, SectionKey, Subject, as_language, read_rendering
from voice_engine.domains.prompts.templates import SEARCH_TOOL
from voice_engine.domains.prompts.tools import Tool, ToolOrigin, set_tools, tools_of, transfer_tools
from voice_engine.domains.prompts.wording import Wording, read_wording, write
from voice_engine.errors import Conflict
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptView:
    """A prompt to be read. `text` is what the engine gives to the language model."""

    text: str
    version: int
    sections: tuple[SectionKey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A prompt as the database has it, detached from its rows. `version` 0: it is not written yet."""

    assistant_id: str
    version: int
    document: Document
    wordings: Mapping[SectionKey, Wording]
    subject: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Another state of a prompt. `expected`: the version that it was made from."""

    document: Document
    wordings: Mapping[SectionKey, Wording]
    expected: int
    author: str
    reason: str
    displaced: Mapping[SectionKey, tuple[str, ...]] = field(default_factory=dict)


class PromptService:
    """Methods run inside the organization's unit of work. `now` is the wall clock, in UTC.

    Whoever writes takes the organization's lock first, so that two settings never write over each other.
    """

    def __init__(self, *, now: Callable[[], dt.datetime]) -> None:
        self._now = now

    async def facts(self, work: UnitOfWork) -> BusinessFacts:
        """What the organization has said of itself: what prompts are written from, for those who answer by rule."""
        return facts_of(await repository.organization(work))

    async def hold(self, work: UnitOfWork) -> None:
        """Let nobody else change the organization's settings or prompts until this unit ends."""
        await repository.organization(work, lock=True)

    async def start(self, work: UnitOfWork, assistant: Assistant, *, author: str) -> PromptView:
        """Write a new assistant's first prompt from what its organization has said of itself; give it its tools."""
        organization = await repository.organization(work, lock=True)
        set_tools(assistant, ToolOrigin.TRANSFER, transfer_tools(organization.transfer_number))
        kept = await self._load(work, organization, assistant)
        if kept.version:
            return _view(kept.document, kept.version)
        return await self.save(work, kept, _unchanged(kept, author, "created"))

    async def read(self, work: UnitOfWork, assistant: Assistant) -> PromptView:
        """The assistant's prompt as its next call gets it."""
        kept = await self.load(work, assistant)
        return _view(kept.document, max(1, kept.version))

    async def refresh(
        self, work: UnitOfWork, sections: Iterable[SectionKey | str], *, author: str, reason: str
    ) -> None:
        """Write these sections anew in the prompts of all the organization's assistants, from its rows as they are.

        What has not changed since is not touched: the same data again makes no new version.
        """
        await work.session.flush()
        organization = await repository.organization(work, lock=True)
        keys = [SectionKey(each) for each in sections]
        for assistant in await assistants.all_of(work):
            kept = await self._load(work, organization, assistant)
            document = kept.document.with_latest(written(keys, kept.subject, kept.wordings))
            await self.save(
                work,
                kept,
                Change(
                    document=document,
                    wordings=kept.wordings,
                    expected=kept.version,
                    author=author,
                    reason=reason,
                    displaced=_newly_displaced(kept.document.composed, document.composed),
                ),
            )

    async def retell(self, work: UnitOfWork, *, author: str, reason: str) -> None:
        """Write every section anew, from the rows as they are."""
        await self.refresh(work, ORDER, author=author, reason=reason)

    async def offer_search(self, work: UnitOfWork, assistant: Assistant, knows: bool) -> None:
        """Have the assistant look things up, or no longer: the tool of its knowledge, and the sentence about it."""
        tools = (Tool(name=SEARCH_TOOL),) if knows else ()
        if set_tools(assistant, ToolOrigin.KNOWLEDGE, tools):
            await self.refresh(work, (SectionKey.TOOLS,), author="knowledge", reason="knowledge")

    async def load(self, work: UnitOfWork, assistant: Assistant, *, lock: bool = False) -> Kept:
        """The assistant's prompt to be worked on; written by the templates where there is none yet."""
        return await self._load(work, await repository.organization(work, lock=lock), assistant)

    async def save(self, work: UnitOfWork, kept: Kept, change: Change) -> PromptView:
        """Keep a change of `kept`, which was read in this unit under the organization's lock.

        A text that stays the same has no new version and no revision.

        Raises:
            Conflict: `version_conflict`, when the prompt is not at the version that the change was made from.
        """
        if change.expected != kept.version:
            raise version_conflict(kept.version)
        text, version = change.document.text, kept.version
        prompt = await repository.find_prompt(work, kept.assistant_id)
        if prompt is None:
            prompt = Prompt(id=new_id(), assistant_id=kept.assistant_id)
            work.session.add(prompt)
        if version == 0 or text != kept.document.text:
            version += 1
            prompt.version, prompt.text, prompt.updated_at = version, text, self._now()
            work.session.add(self._revision(prompt, change, version))
        prompt.source = change.document.source
        await work.session.flush()
        await self._save_sections(work, prompt, change)
        return _view(change.document, version)

    def _revision(self, prompt: Prompt, change: Change, version: int) -> PromptRevision:
        return PromptRevision(
            prompt_id=prompt.id,
            version=version,
            text=change.document.text,
            author=change.author,
            reason=change.reason,
            displaced=[
                {"section": key.value, "line": line} for key, lines in change.displaced.items() for line in lines
            ],
            created_at=self._now(),
        )

    async def _save_sections(self, work: UnitOfWork, prompt: Prompt, change: Change) -> None:
        rows = {row.key: row for row in await repository.list_sections(work, prompt.id)}
        for key in ORDER:
            row = rows.get(key)
            if row is None:
                row = PromptSection(id=new_id(), prompt_id=prompt.id, key=key.value)
                work.session.add(row)
            managed, span = change.document.sections[key], change.document.spans.get(key)
            wording = change.wordings.get(key)
            row.base = managed.base.as_json() if managed.base else None
            row.latest = managed.latest.as_json() if managed.latest else None
            row.position, row.length = (span.start, span.end - span.start) if span else (None, None)
            row.headed = span is not None and span.headed
            row.wording = wording.as_json() if wording else None
        await work.session.flush()

    async def _load(self, work: UnitOfWork, organization: Organization, assistant: Assistant) -> Kept:
        subject = subject_of(organization, assistant)
        prompt = await repository.find_prompt(work, assistant.id)
        if prompt is None:
            document = Document.first(written(ORDER, subject, {}))
            return Kept(assistant_id=assistant.id, version=0, document=document, wordings={}, subject=subject)
        rows = await repository.list_sections(work, prompt.id)
        wordings = {SectionKey(row.key): wording for row in rows if (wording := read_wording(row.wording))}
        return Kept(
            assistant_id=assistant.id,
            version=prompt.version,
            document=Document(source=prompt.source, spans=_spans(rows), sections=_sections(rows)),
            wordings=wordings,
            subject=subject,
        )


def subject_of(organization: Organization, assistant: Assistant) -> Subject:
    """What an assistant's prompt is written from."""
    return Subject(
        assistant=spoken_name(assistant),
        business=organization.name,
        language=as_language(assistant.language),
        business_type=organization.business_type,
        description=organization.business_description,
        site=organization.website_url,
        address=organization.business_address,
        hours=organization.business_hours,
        timezone=organization.timezone,
        transfer_number=organization.transfer_number,
        tools=frozenset(tool.name for tool in tools_of(assistant)),
    )


def written(keys: Iterable[SectionKey], subject: Subject, wordings: Mapping[SectionKey, Wording]) -> Renderings:
    """These sections, as the subject has them now."""
    return {key: write(key, subject, wordings.get(key)) for key in keys}


def version_conflict(version: int) -> Conflict:
    """The refusal of a change of a version that is not the last one any more."""
    return Conflict(
        "version_conflict",
        f"the prompt has changed since; it is at version {version} now: read it again",
        details={"currentVersion": version},
    )


def _newly_displaced(before: Composed, after: Composed) -> dict[SectionKey, tuple[str, ...]]:
    """The owner's lines that gave way just now."""
    gone = {
        key: tuple(line for line in lines if line not in before.displaced.get(key, ()))
        for key, lines in after.displaced.items()
    }
    return {key: lines for key, lines in gone.items() if lines}


def _unchanged(kept: Kept, author: str, reason: str) -> Change:
    return Change(
        document=kept.document, wordings=kept.wordings, expected=kept.version, author=author, reason=reason
    )


def _view(document: Document, version: int) -> PromptView:
    composed: Composed = document.composed
    return PromptView(text=composed.text, version=version, sections=composed.present)


def _spans(rows: Iterable[PromptSection]) -> dict[SectionKey, Span]:
    return {
        key: Span(key=key, start=row.position, end=row.position + row.length, headed=row.headed)
        for row in rows
        if row.position is not None and row.length is not None and (key := SectionKey(row.key))
    }


def _sections(rows: Iterable[PromptSection]) -> Mapping[SectionKey, Managed]:
    found = {
        SectionKey(row.key): Managed(base=read_rendering(row.base), latest=read_rendering(row.latest))
        for row in rows
    }
    return MappingProxyType({key: found.get(key, Managed()) for key in ORDER})
