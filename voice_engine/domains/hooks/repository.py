"""All SQL of outgoing webhooks."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa

from voice_engine.domains.hooks.models import DeliveryState, HookAttempt, HookDelivery, HookEndpoint
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows, insert_once

S = TypeVar("S", bound=sa.Select[Any])


async def list_endpoints(work: UnitOfWork) -> Sequence[HookEndpoint]:
    """The organization's endpoints, the oldest first."""
    return (
        await work.session.scalars(sa.select(HookEndpoint).order_by(HookEndpoint.created_at, HookEndpoint.id))
    ).all()


async def list_listening(work: UnitOfWork, organization_id: str, events: Collection[str]) -> list[HookEndpoint]:
    """The endpoints of an organization that are switched on and want one of these events; in any unit."""
    on = (HookEndpoint.organization_id == organization_id, HookEndpoint.is_enabled)
    found = (await work.session.scalars(sa.select(HookEndpoint).where(*on).order_by(HookEndpoint.id))).all()
    return [endpoint for endpoint in found if not set(events).isdisjoint(endpoint.events)]


async def count_endpoints(work: UnitOfWork) -> int:
    """How many endpoints the organization has."""
    return int(await work.session.scalar(sa.select(sa.func.count()).select_from(HookEndpoint)) or 0)


async def find_endpoint(work: UnitOfWork, endpoint_id: str, *, lock: bool = False) -> HookEndpoint | None:
    """An endpoint; locked, it is this unit's until it ends."""
    statement = sa.select(HookEndpoint).where(HookEndpoint.id == endpoint_id)
    statement = _locked(statement) if lock else statement
    found: HookEndpoint | None = await work.session.scalar(statement)
    return found


async def delete_endpoint(work: UnitOfWork, endpoint_id: str) -> bool:
    """Forget an endpoint with its log; whether there was one."""
    return bool(await changed_rows(work, sa.delete(HookEndpoint).where(HookEndpoint.id == endpoint_id)))


async def find_delivery(work: UnitOfWork, delivery_id: str, *, lock: bool = False) -> HookDelivery | None:
    """A message; locked, it is this unit's until it ends."""
    statement = sa.select(HookDelivery).where(HookDelivery.id == delivery_id)
    statement = _locked(statement) if lock else statement
    found: HookDelivery | None = await work.session.scalar(statement)
    return found


async def list_deliveries(
    work: UnitOfWork, endpoint_id: str, *, state: DeliveryState | None, limit: int, offset: int
) -> Sequence[HookDelivery]:
    """Messages of an endpoint, the newest first."""
    wanted = [HookDelivery.endpoint_id == endpoint_id, *([] if state is None else [HookDelivery.state == state])]
    newest = (HookDelivery.created_at.desc(), HookDelivery.id.desc())
    statement = sa.select(HookDelivery).where(*wanted).order_by(*newest).limit(limit).offset(offset)
    return (await work.session.scalars(statement)).all()


async def list_attempts(work: UnitOfWork, delivery_id: str) -> Sequence[HookAttempt]:
    """The attempts at a message, the newest first."""
    statement = sa.select(HookAttempt).where(HookAttempt.delivery_id == delivery_id)
    return (await work.session.scalars(statement.order_by(HookAttempt.number.desc()))).all()


async def has_attempt(work: UnitOfWork, job_id: str) -> bool:
    """Whether this job's request was noted."""
    return await work.session.scalar(sa.select(HookAttempt.id).where(HookAttempt.job_id == job_id)) is not None


async def add_attempt(work: UnitOfWork, values: dict[str, Any]) -> bool:
    """Note a request; False when this job's was noted before."""
    return await insert_once(work, HookAttempt, values)


async def list_overdue(work: UnitOfWork, *, before: dt.datetime, limit: int) -> Sequence[HookDelivery]:
    """Messages whose next attempt was due before `before`, the longest due first; in a unit of the system."""
    overdue = (HookDelivery.state == DeliveryState.PENDING, HookDelivery.next_at < before)
    statement = sa.select(HookDelivery).where(*overdue).order_by(HookDelivery.next_at).limit(limit)
    return (await work.session.scalars(statement)).all()


async def delete_older(work: UnitOfWork, *, before: dt.datetime) -> int:
    """Delete messages written before `before`, with their attempts; how many."""
    return await changed_rows(work, sa.delete(HookDelivery).where(HookDelivery.created_at < before))


def _locked(statement: S) -> S:
    """The rows are this unit's until it ends; others may still write rows that refer to them."""
    return statement.with_for_update(key_share=True).execution_options(populate_existing=True)
