"""What a prompt's owner does to it: replace the text, have sections written anew.

Both take longer than a unit of work may stay open (a search through the text, a language model's answer), so they
read in one, work outside, and write in another one, if nothing has changed in between; else they begin again.
"""

import asyncio
from collections.abc import Mapping, Sequence

from voice_engine.domains.assistants.service import AssistantService
from voice_engine.domains.identity.ratelimit import Attempts, Rule
from voice_engine.domains.prompts.authoring import author as author_section
from voice_engine.domains.prompts.document import Document
from voice_engine.domains.prompts.sections import SectionKey
from voice_engine.domains.prompts.service import (
    Change,
    Kept,
    PromptService,
    PromptView,
    version_conflict,
    written,
)
from voice_engine.domains.prompts.wording import Wording
from voice_engine.ports.llm import LLM
from voice_engine.store.engine import Store

REGENERATIONS = Rule(name="prompt regenerations", most=20, seconds=3_600)
"""For each organization; the published business API's limit."""

REWRITABLE = (SectionKey.PERSONA, SectionKey.CONTEXT)

TRIES = 5
"""Somebody else would have to save five times within as many seconds."""

Edited = tuple[Document, Mapping[SectionKey, tuple[str, ...]]]
"""A document, and the owner's lines that gave way."""


class Rewriting:
    """Acts on the primary assistant's prompt. `llm` None: sections are written by the templates."""

    def __init__(
        self,
        store: Store,
        prompts: PromptService,
        assistants: AssistantService,
        *,
        llm: LLM | None = None,
        attempts: Attempts | None = None,
    ) -> None:
        self._store = store
        self._prompts = prompts
        self._assistants = assistants
        self._llm = llm
        self._attempts = attempts

    async def replace(
        self, organization_id: str, text: str, *, author: str, version: int | None = None
    ) -> PromptView:
        """Replace the text; no tool is touched. Sections are found again in it, for the settings to come.

        `version`: the one that the text was made from; None: whatever there is.

        Raises:
            NotFound: `no_active_assistant`.
            Conflict: `version_conflict`.
        """
        kept = await self._read(organization_id)
        for _ in range(TRIES):
            if version not in (None, kept.version):
                break
            if text == kept.document.text:
                return await self._view(organization_id)
            document = await asyncio.to_thread(kept.document.replaced, text)
            change = Change(
                document=document, wordings=kept.wordings, expected=kept.version, author=author, reason="replaced"
            )
            saved = await self._write(organization_id, kept, change)
            if isinstance(saved, PromptView):
                return saved
            kept = saved
        raise version_conflict(kept.version)

    async def regenerate(self, organization_id: str, sections: Sequence[SectionKey], *, author: str) -> PromptView:
        """Have these sections written anew from what the business says of itself; lines that were added stay.

        Raises:
            NotFound: `no_active_assistant`.
            QuotaExceeded: `rate_limited`.
            UpstreamFailed: `llm_failed`; nothing was changed.
            Conflict: `version_conflict`, when others kept saving.
        """
        kept = await self._read(organization_id)
        if self._attempts is not None:
            await self._attempts.count(REGENERATIONS, organization_id)
        new = await self._author(kept, sections)
        for _ in range(TRIES):
            wordings = {**{key: each for key, each in kept.wordings.items() if key not in sections}, **new}
            renderings = written(sections, kept.subject, wordings)
            document, composed = await asyncio.to_thread(kept.document.rewritten, renderings)
            change = Change(
                document=document,
                wordings=wordings,
                expected=kept.version,
                author=author,
                reason="regenerated",
                displaced=composed.displaced,
            )
            saved = await self._write(organization_id, kept, change)
            if isinstance(saved, PromptView):
                return saved
            kept = saved
        raise version_conflict(kept.version)

    async def _author(self, kept: Kept, sections: Sequence[SectionKey]) -> Mapping[SectionKey, Wording]:
        if self._llm is None:
            return {}
        return {key: await author_section(self._llm, key, kept.subject) for key in sections}

    async def _read(self, organization_id: str) -> Kept:
        """The prompt as it is; one that is not written yet is."""
        async with self._store.read(organization_id) as work:
            kept = await self._prompts.load(work, await self._assistants.primary(work))
        if kept.version:
            return kept
        async with self._store.begin(organization_id) as work:
            assistant = await self._assistants.primary(work)
            await self._prompts.start(work, assistant, author="system")
            return await self._prompts.load(work, assistant)

    async def _view(self, organization_id: str) -> PromptView:
        async with self._store.read(organization_id) as work:
            return await self._prompts.read(work, await self._assistants.primary(work))

    async def _write(self, organization_id: str, read: Kept, change: Change) -> PromptView | Kept:
        """Save the change, or give the prompt as it is by now."""
        async with self._store.begin(organization_id) as work:
            assistant = await self._assistants.primary(work)
            kept = await self._prompts.load(work, assistant, lock=True)
            if (kept.assistant_id, kept.version, kept.document) != (read.assistant_id, read.version, read.document):
                return kept
            return await self._prompts.save(work, kept, change)
