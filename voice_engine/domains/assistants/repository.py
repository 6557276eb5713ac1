"""SQL of assistants. The store adds the tenant to every statement."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.calls.models import Call
from voice_engine.domains.numbers.models import NumberStatus, NumberType, PhoneNumber
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows, insert_once


async def organization(work: UnitOfWork, *, lock: bool = False) -> Organization:
    """The tenant itself; with `lock`, nobody else changes its assistants until this unit ends."""
    statement = sa.select(Organization).where(Organization.id == work.organization_id)
    found = await work.session.scalar(statement.with_for_update() if lock else statement)
    assert found is not None, "a session belongs to an organization"
    return found


async def insert(work: UnitOfWork, values: dict[str, Any]) -> bool:
    """A new assistant; False: its `engine_id` is somebody's already."""
    return await insert_once(work, Assistant, values)


async def find(work: UnitOfWork, assistant_id: str, *, lock: bool = False) -> Assistant | None:
    """An assistant that is not deleted."""
    statement = sa.select(Assistant).where(Assistant.id == assistant_id, Assistant.deleted_at.is_(None))
    found: Assistant | None = await work.session.scalar(statement.with_for_update() if lock else statement)
    return found


async def all_of(work: UnitOfWork) -> Sequence[Assistant]:
    """Every assistant that is not deleted, the oldest first."""
    statement = (
        sa.select(Assistant).where(Assistant.deleted_at.is_(None)).order_by(Assistant.created_at, Assistant.id)
    )
    return (await work.session.scalars(statement)).all()


async def count_calls(work: UnitOfWork, assistant_ids: Sequence[str]) -> Mapping[str, int]:
    """How many calls each of these assistants has had, in one statement; those without calls are left out."""
    statement = (
        sa.select(Call.assistant_id, sa.func.count())
        .where(Call.assistant_id.in_(assistant_ids))
        .group_by(Call.assistant_id)
    )
    return {str(assistant_id): count for assistant_id, count in await work.session.execute(statement)}


async def phone_number(work: UnitOfWork) -> str | None:
    """The number on which the organization is called: its oldest one that was bought and not released."""
    statement = (
        sa.select(PhoneNumber.e164)
        .where(PhoneNumber.type == NumberType.PROVISIONED, PhoneNumber.status == NumberStatus.ACTIVE)
        .order_by(PhoneNumber.created_at, PhoneNumber.id)
        .limit(1)
    )
    found: str | None = await work.session.scalar(statement)
    return found


async def rebind_numbers(work: UnitOfWork, from_assistant: str, to_assistant: str | None) -> int:
    """Have another assistant (None: none) answer where this one did; how many numbers that were."""
    return await changed_rows(
        work,
        sa.update(PhoneNumber).where(PhoneNumber.assistant_id == from_assistant).values(assistant_id=to_assistant),
    )
