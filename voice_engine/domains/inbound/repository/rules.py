"""The SQL of routing rules."""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from voice_engine.domains.inbound.models import RoutingRule
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows

_ORDER = (RoutingRule.priority.desc(), RoutingRule.created_at, RoutingRule.id)


async def add(work: UnitOfWork, rule: RoutingRule) -> None:
    """Write a new rule."""
    work.session.add(rule)
    await work.session.flush()


async def find(work: UnitOfWork, rule_id: str, *, lock: bool = False) -> RoutingRule | None:
    """The rule of this id; with `lock`, nobody else changes it until this unit ends."""
    statement = sa.select(RoutingRule).where(RoutingRule.id == rule_id).execution_options(populate_existing=True)
    found: RoutingRule | None = await work.session.scalar(statement.with_for_update() if lock else statement)
    return found


async def list_all(work: UnitOfWork, *, only_active: bool = False) -> Sequence[RoutingRule]:
    """The organization's rules in the order in which they are asked."""
    wanted = [RoutingRule.is_active.is_(True)] if only_active else []
    return (await work.session.scalars(sa.select(RoutingRule).where(*wanted).order_by(*_ORDER))).all()


async def lock_all(work: UnitOfWork) -> Sequence[RoutingRule]:
    """The organization's rules, by id, which is the order of their locks: nobody else changes one meanwhile."""
    statement = sa.select(RoutingRule).order_by(RoutingRule.id).execution_options(populate_existing=True)
    return (await work.session.scalars(statement.with_for_update())).all()


async def delete(work: UnitOfWork, rule_id: str) -> bool:
    """Delete a rule; whether there was one."""
    return await changed_rows(work, sa.delete(RoutingRule).where(RoutingRule.id == rule_id)) > 0


async def note_match(work: UnitOfWork, rule_id: str, *, at: dt.datetime) -> None:
    """Count a call that the rule took."""
    matched = {"match_count": RoutingRule.match_count + 1, "last_matched_at": at}
    await changed_rows(work, sa.update(RoutingRule).where(RoutingRule.id == rule_id).values(matched))
