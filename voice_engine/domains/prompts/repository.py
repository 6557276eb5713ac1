"""All SQL of prompts."""

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from voice_engine.domains.accounts.models import Membership, Organization, User
from voice_engine.domains.prompts.models import Prompt, PromptRevision, PromptSection
from voice_engine.store.uow import UnitOfWork


async def organization(work: UnitOfWork, *, lock: bool = False) -> Organization:
    """The unit's organization as it stands now.

    `lock`: whoever changes its settings or its prompts takes turns from here to the end of the unit.
    """
    statement = sa.select(Organization).where(Organization.id == work.organization_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found: Organization = (await work.session.scalars(statement)).one()
    return found


async def find_prompt(work: UnitOfWork, assistant_id: str) -> Prompt | None:
    """The assistant's prompt as it stands now."""
    statement = sa.select(Prompt).where(Prompt.assistant_id == assistant_id)
    found: Prompt | None = await work.session.scalar(statement.execution_options(populate_existing=True))
    return found


async def list_sections(work: UnitOfWork, prompt_id: str) -> Sequence[PromptSection]:
    """The prompt's sections."""
    statement = sa.select(PromptSection).where(PromptSection.prompt_id == prompt_id)
    return (await work.session.scalars(statement.execution_options(populate_existing=True))).all()


async def list_revisions(work: UnitOfWork, prompt_id: str) -> Sequence[PromptRevision]:
    """Every version of the prompt, oldest first."""
    statement = sa.select(PromptRevision).where(PromptRevision.prompt_id == prompt_id)
    return (await work.session.scalars(statement.order_by(PromptRevision.version))).all()


async def page_revisions(
    work: UnitOfWork, prompt_id: str, *, before: int | None, limit: int
) -> Sequence[PromptRevision]:
    """Versions below `before` (None: all), newest first."""
    older = sa.true() if before is None else PromptRevision.version < before
    statement = sa.select(PromptRevision).where(PromptRevision.prompt_id == prompt_id, older)
    return (await work.session.scalars(statement.order_by(PromptRevision.version.desc()).limit(limit))).all()


async def find_revision(work: UnitOfWork, prompt_id: str, version: int) -> PromptRevision | None:
    """One version."""
    statement = sa.select(PromptRevision).where(
        PromptRevision.prompt_id == prompt_id, PromptRevision.version == version
    )
    found: PromptRevision | None = await work.session.scalar(statement)
    return found


async def names_of(work: UnitOfWork, user_ids: Collection[str]) -> Mapping[str, str]:
    """The names of those of them who are members of the organization."""
    members = (
        sa.select(User.id, User.name)
        .join(Membership, Membership.user_id == User.id)
        .where(User.id.in_(user_ids), Membership.organization_id == work.organization_id)
    )
    return {str(user_id): str(name) for user_id, name in await work.session.execute(members)}
