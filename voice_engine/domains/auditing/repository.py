"""All SQL that reads the audit. Its rows are no tenant's rows: the organization is asked for by hand."""

import datetime as dt
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from voice_engine.domains.accounts.models import Membership, User
from voice_engine.store.audit import AuditRow
from voice_engine.store.uow import UnitOfWork


async def list_rows(
    work: UnitOfWork, *, action: str | None, before: tuple[dt.datetime, str] | None, limit: int
) -> Sequence[AuditRow]:
    """Deeds in this unit's organization, the newest first, beyond a time and id."""
    wanted = [AuditRow.organization_id == work.organization_id]
    if action is not None:
        wanted.append(AuditRow.action == action)
    if before is not None:
        at, row_id = before
        wanted.append(sa.or_(AuditRow.at < at, sa.and_(AuditRow.at == at, AuditRow.id < row_id)))
    newest = (AuditRow.at.desc(), AuditRow.id.desc())
    return (await work.session.scalars(sa.select(AuditRow).where(*wanted).order_by(*newest).limit(limit))).all()


async def list_actions(work: UnitOfWork) -> list[str]:
    """Every kind of deed in this unit's organization, in alphabetical order."""
    wanted = AuditRow.organization_id == work.organization_id
    statement = sa.select(AuditRow.action).where(wanted).distinct().order_by(AuditRow.action)
    return list(await work.session.scalars(statement))


async def names_of(work: UnitOfWork, user_ids: Collection[str]) -> dict[str, str]:
    """The names of those who are members of this unit's organization."""
    statement = (
        sa.select(User.id, User.name, User.email)
        .join(Membership, Membership.user_id == User.id)
        .where(User.id.in_(user_ids), Membership.organization_id == work.organization_id)
    )
    return {user_id: name or email for user_id, name, email in await work.session.execute(statement)}
