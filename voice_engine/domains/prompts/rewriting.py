"""What a prompt's owner does to it: replace the text, have sections written anew, take an old version back.

Each takes longer than a unit of work may stay open (a search through the text, a language model's answer), so it
reads in one, works outside, and writes in another one, if nothing has changed in between; else it begins again.
What a model would write can be looked at before it is taken (`propose`, `take`).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from voice_engine.domains.assistants.service import AssistantService
from voice_engine.domains.identity.ratelimit import Attempts, Rule
from voice_engine.domains.prompts.authoring import author as author_section
from voice_engine.domains.prompts.authoring import read_answer
from voice_engine.domains.prompts.document import Document
from voice_engine.domains.prompts.history import get_revision
from voice_engine.domains.prompts.sections import SectionKey
from voice_engine.domains.prompts.service import (
    Change,
    Kept,
    PromptService,
    PromptView,
    version_conflict,
    written,
)
from voice_engine.domains.prompts.wording import Wording, facts_of
from voice_engine.ports.llm import LLM
from voice_engine.store.engine import Store

REGENERATIONS = Rule(name="prompt regenerations", most=20, seconds=3_600)
"""For each organization; the published business API's limit."""

REWRITABLE = (SectionKey.PERSONA, SectionKey.CONTEXT)
FACTS = tuple(key for key in SectionKey if key not in REWRITABLE)
"""Sections that say what settings say, and nothing of manner."""

TRIES = 5
"""Somebody else would have to save five times within as many seconds."""

Displaced = Mapping[SectionKey, tuple[str, ...]]
"""Lines of the owner that give way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A text that the prompt could have. `version` is the one that it was made from.

    `wordings`: what a model wrote, by section; a section without one is written by the templates.
    """

    before: str
    text: str
    version: int
    displaced: Displaced
    wordings: Mapping[SectionKey, tuple[str, ...]]


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

    @property
    def has_model(self) -> bool:
        """Whether a language model writes sections, and speaks in calls."""
        return self._llm is not None

    async def replace(
        self, organization_id: str, text: str, *, author: str, version: int | None = None
    ) -> PromptView:
        """Replace the text; no tool is touched. Sections are found again in it, for the settings to come.

        `version`: the one that the text was made from; None: whatever there is.

        Raises:
            NotFound: `no_active_assistant`.
            Conflict: `version_conflict`.
        """

        def change(kept: Kept) -> Change:
            same = text == kept.document.text
            document = kept.document if same else kept.document.replaced(text)
            return _change(kept, document, author=author, reason="replaced")

        return await self._change(organization_id, await self._read(organization_id), change, version=version)

    async def regenerate(self, organization_id: str, sections: Sequence[SectionKey], *, author: str) -> PromptView:
        """Have these sections written anew from what the business says of itself; lines that were added stay.

        Raises:
            NotFound: `no_active_assistant`.
            QuotaExceeded: `rate_limited`.
            UpstreamFailed: `llm_failed`; nothing was changed.
            Conflict: `version_conflict`, when others kept saving.
        """
        kept = await self._counted(organization_id)
        new = await self._author(kept, sections)
        return await self._change(organization_id, kept, lambda now: _rewrite(now, sections, new, author=author))

    async def propose(self, organization_id: str, sections: Sequence[SectionKey]) -> Proposal:
        """What `regenerate` would make of the prompt; nothing is changed. Raises as `regenerate` does."""
        kept = await self._counted(organization_id)
        new = await self._author(kept, sections)
        change = await asyncio.to_thread(_rewrite, kept, sections, new, author="")
        return _proposal(kept, change, {key: wording.lines for key, wording in new.items()})

    async def take(
        self,
        organization_id: str,
        sections: Sequence[SectionKey],
        wordings: Mapping[SectionKey, Sequence[str]],
        *,
        version: int,
        author: str,
    ) -> PromptView:
        """Make a proposal true. Its words come from outside again: what may not stand in a section is left out.

        Raises:
            NotFound: `no_active_assistant`.
            Conflict: `version_conflict`: the prompt is not the one that the proposal was made from.
        """

        def change(kept: Kept) -> Change:
            clean = {key: read_answer("\n".join(lines)) for key, lines in wordings.items() if key in sections}
            new = {
                key: Wording(lines=lines, facts=facts_of(key, kept.subject))
                for key, lines in clean.items()
                if lines
            }
            return _rewrite(kept, sections, new, author=author)

        return await self._change(organization_id, await self._read(organization_id), change, version=version)

    async def propose_restored(self, organization_id: str, version: int, *, facts_of_today: bool) -> Proposal:
        """What `restore` would make of the prompt. Raises as it does."""
        kept, text = await self._read(organization_id), await self._text_of(organization_id, version)
        change = await asyncio.to_thread(_restored, kept, text, facts_of_today=facts_of_today, author="")
        return _proposal(kept, change, {})

    async def restore(
        self, organization_id: str, version: int, *, facts_of_today: bool, expected: int, author: str
    ) -> PromptView:
        """Take the text of an old version back, as a new one.

        Args:
            facts_of_today: hours, address, transfers and tools are said as they are set now, not as they were.
            expected: the version that is to be replaced.

        Raises:
            NotFound: `no_active_assistant`, `revision_not_found`.
            Conflict: `version_conflict`.
        """
        text = await self._text_of(organization_id, version)
        return await self._change(
            organization_id,
            await self._read(organization_id),
            lambda kept: _restored(kept, text, facts_of_today=facts_of_today, author=author),
            version=expected,
        )

    async def _counted(self, organization_id: str) -> Kept:
        kept = await self._read(organization_id)
        if self._attempts is not None:
            await self._attempts.count(REGENERATIONS, organization_id)
        return kept

    async def _author(self, kept: Kept, sections: Sequence[SectionKey]) -> Mapping[SectionKey, Wording]:
        if self._llm is None:
            return {}
        return {key: await author_section(self._llm, key, kept.subject) for key in sections}

    async def _text_of(self, organization_id: str, version: int) -> str:
        async with self._store.read(organization_id) as work:
            assistant = await self._assistants.primary(work)
            return (await get_revision(work, assistant.id, version)).text

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

    async def _change(
        self,
        organization_id: str,
        kept: Kept,
        make: Callable[[Kept], Change],
        *,
        version: int | None = None,
    ) -> PromptView:
        """Make a change in a thread, and save it unless others did meanwhile; then make it of theirs."""
        for _ in range(TRIES):
            if version not in (None, kept.version):
                break
            saved = await self._write(organization_id, kept, await asyncio.to_thread(make, kept))
            if isinstance(saved, PromptView):
                return saved
            kept = saved
        raise version_conflict(kept.version)

    async def _write(self, organization_id: str, read: Kept, change: Change) -> PromptView | Kept:
        """Save the change, or give the prompt as it is by now."""
        async with self._store.begin(organization_id) as work:
            assistant = await self._assistants.primary(work)
            kept = await self._prompts.load(work, assistant, lock=True)
            if (kept.assistant_id, kept.version, kept.document) != (read.assistant_id, read.version, read.document):
                return kept
            return await self._prompts.save(work, kept, change)


def _rewrite(
    kept: Kept, sections: Sequence[SectionKey], new: Mapping[SectionKey, Wording], *, author: str
) -> Change:
    """These sections anew, by `new` or by the templates."""
    wordings = {**{key: each for key, each in kept.wordings.items() if key not in sections}, **new}
    document, composed = kept.document.rewritten(written(sections, kept.subject, wordings))
    return Change(
        document=document,
        wordings=wordings,
        expected=kept.version,
        author=author,
        reason="regenerated",
        displaced=composed.displaced,
    )


def _restored(kept: Kept, text: str, *, facts_of_today: bool, author: str) -> Change:
    """An old text again."""
    document = kept.document.replaced(text)
    if facts_of_today:
        document, _ = document.rewritten({key: kept.document.latest[key] for key in FACTS})
    return _change(kept, document, author=author, reason="restored")


def _change(kept: Kept, document: Document, *, author: str, reason: str) -> Change:
    return Change(document=document, wordings=kept.wordings, expected=kept.version, author=author, reason=reason)


def _proposal(kept: Kept, change: Change, wordings: Mapping[SectionKey, tuple[str, ...]]) -> Proposal:
    return Proposal(
        before=kept.document.text,
        text=change.document.text,
        version=kept.version,
        displaced=change.displaced,
        wordings=wordings,
    )
