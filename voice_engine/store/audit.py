"""Who did what, when: written in the same transaction as the deed, never changed."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from voice_engine.store.rows import ID_LENGTH, Row, id_column
from voice_engine.store.uow import UnitOfWork


class AuditRow(Row):
    """One deed. `organization_id` None: the operator's or nobody's (a failed sign-in)."""

    __tablename__ = "audit"

    id: Mapped[str] = id_column()
    organization_id: Mapped[str | None] = mapped_column(sa.String(ID_LENGTH), index=True)
    actor: Mapped[str] = mapped_column(sa.String(100))
    action: Mapped[str] = mapped_column(sa.String(64), index=True)
    subject: Mapped[str | None] = mapped_column(sa.String(100))
    facts: Mapped[dict[str, Any]]
    at: Mapped[dt.datetime] = mapped_column(index=True)

    __table_args__ = (sa.Index("ix_audit_newest", "organization_id", "at", "id"),)


def record(
    work: UnitOfWork,
    action: str,
    *,
    actor: str,
    at: dt.datetime,
    subject: str | None = None,
    organization_id: str | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    """Note a deed in this unit of work. `actor` is a user, client or job id; facts hold no secret and no speech."""
    if organization_id is None and not work.is_system:
        organization_id = work.organization_id
    work.session.add(
        AuditRow(
            organization_id=organization_id, actor=actor, action=action, subject=subject, facts=facts or {}, at=at
        )
    )
