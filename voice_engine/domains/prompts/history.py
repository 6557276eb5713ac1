"""What a prompt has said before: its revisions, newest first, and any of them by its version."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voice_engine.domains.prompts import repository
from voice_engine.domains.prompts.comparing import count_lines
from voice_engine.domains.prompts.models import PromptRevision
from voice_engine.errors import NotFound
from voice_engine.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionView:
    """A revision in a list. `author` is the name of who made it, None: no person of the organization.

    `added` and `removed` count lines against the version before.
    """

    revision: PromptRevision
    author: str | None
    added: int
    removed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionPage:
    """Some revisions, newest first. `before`: the version to go on from; None: there are no older ones."""

    revisions: tuple[RevisionView, ...]
    before: int | None


async def list_revisions(
    work: UnitOfWork, assistant_id: str, *, before: int | None = None, limit: int = 20
) -> RevisionPage:
    """A page of an assistant's revisions, those older than version `before`; empty while nothing is written."""
    prompt = await repository.find_prompt(work, assistant_id)
    if prompt is None:
        return RevisionPage(revisions=(), before=None)
    rows = await repository.page_revisions(work, prompt.id, before=before, limit=limit + 1)
    names = await repository.names_of(work, {row.author for row in rows})
    views = tuple(_view(row, rows[place + 1 :], names) for place, row in enumerate(rows[:limit]))
    return RevisionPage(revisions=views, before=rows[limit - 1].version if len(rows) > limit else None)


async def get_revision(work: UnitOfWork, assistant_id: str, version: int) -> PromptRevision:
    """One version of an assistant's prompt. Raises NotFound `revision_not_found`."""
    prompt = await repository.find_prompt(work, assistant_id)
    found = None if prompt is None else await repository.find_revision(work, prompt.id, version)
    if found is None:
        raise NotFound("revision_not_found", f"the prompt has no version {version}")
    return found


def _view(row: PromptRevision, older: Sequence[PromptRevision], names: Mapping[str, str]) -> RevisionView:
    added, removed = count_lines(older[0].text if older else "", row.text)
    return RevisionView(revision=row, author=names.get(row.author), added=added, removed=removed if older else 0)
