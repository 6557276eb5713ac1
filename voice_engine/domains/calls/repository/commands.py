"""Orders to whoever holds a call live: rows with an owner, a lease and an acknowledgement. The bus only wakes."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from voice_engine.domains.calls.models import Call, CallCommand
from voice_engine.domains.calls.states import CommandKind
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A command as its owner gets it. `arguments` are JSON: ids, never numbers from speech."""

    id: str
    call_id: str
    call_sid: str | None
    kind: CommandKind
    arguments: dict[str, Any] = field(default_factory=dict)


async def add(
    work: UnitOfWork,
    call: Call,
    kind: CommandKind,
    *,
    arguments: dict[str, Any],
    requested_by: str | None,
    now: dt.datetime,
) -> str:
    """Order something; the order's id."""
    command = CallCommand(
        id=new_id(),
        organization_id=call.organization_id,
        call_id=call.id,
        kind=kind,
        arguments=arguments,
        requested_by=requested_by,
        requested_at=now,
    )
    work.session.add(command)
    await work.session.flush()
    return command.id


async def find(work: UnitOfWork, command_id: str) -> CallCommand | None:
    """The command of this id, as it stands now."""
    statement = sa.select(CallCommand).where(CallCommand.id == command_id)
    found: CallCommand | None = await work.session.scalar(statement.execution_options(populate_existing=True))
    return found


async def take(
    work: UnitOfWork, owner: str, call_ids: Sequence[str], *, now: dt.datetime, lease: dt.timedelta
) -> list[Order]:
    """Give `owner` the open commands of its calls, oldest first; until the lease is over nobody else gets them."""
    free = sa.or_(CallCommand.lease_until.is_(None), CallCommand.lease_until < now)
    statement = (
        sa.select(CallCommand, Call.provider_sid)
        .join(Call, Call.id == CallCommand.call_id)
        .where(CallCommand.call_id.in_(call_ids), CallCommand.acknowledged_at.is_(None), free)
        .order_by(CallCommand.requested_at, CallCommand.id)
        .with_for_update(of=CallCommand)
    )
    orders = []
    for command, sid in (await work.session.execute(statement)).all():
        command.owner, command.lease_until = owner, now + lease
        orders.append(
            Order(
                id=command.id,
                call_id=command.call_id,
                call_sid=sid,
                kind=CommandKind(command.kind),
                arguments=command.arguments,
            )
        )
    await work.session.flush()
    return orders


async def acknowledge(
    work: UnitOfWork, command_id: str, *, now: dt.datetime, result: dict[str, Any] | None, error: str | None
) -> bool:
    """Note what came of a command, once; whether this was the first word on it."""
    open_ = (CallCommand.id == command_id, CallCommand.acknowledged_at.is_(None))
    values = {"acknowledged_at": now, "result": result, "error": error}
    return await changed_rows(work, sa.update(CallCommand).where(*open_).values(**values)) > 0


async def close_all(work: UnitOfWork, call_id: str, *, now: dt.datetime) -> None:
    """The call is over: what was still ordered cannot be done."""
    open_ = (CallCommand.call_id == call_id, CallCommand.acknowledged_at.is_(None))
    values = {"acknowledged_at": now, "error": "call_not_active"}
    await changed_rows(work, sa.update(CallCommand).where(*open_).values(**values))
