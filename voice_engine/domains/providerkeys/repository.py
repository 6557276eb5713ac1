"""All SQL of provider keys."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from voice_engine.domains.calls.models import Call
from voice_engine.domains.providerkeys.models import ProviderKey
from voice_engine.ports.accounts import ProviderKind
from voice_engine.store.uow import UnitOfWork
from voice_engine.store.upsert import changed_rows


async def list_all(work: UnitOfWork) -> Sequence[ProviderKey]:
    """The organization's accounts, by kind."""
    return (await work.session.scalars(sa.select(ProviderKey).order_by(ProviderKey.kind))).all()


async def find(work: UnitOfWork, kind: ProviderKind, *, lock: bool = False) -> ProviderKey | None:
    """The organization's account of this kind; locked, it is this unit's until it ends."""
    statement = sa.select(ProviderKey).where(ProviderKey.kind == kind)
    found: ProviderKey | None = await work.session.scalar(statement.with_for_update() if lock else statement)
    return found


async def delete(work: UnitOfWork, kind: ProviderKind) -> bool:
    """Forget the account of this kind; whether there was one."""
    return bool(await changed_rows(work, sa.delete(ProviderKey).where(ProviderKey.kind == kind)))


async def note_test(work: UnitOfWork, key: ProviderKey, **columns: Any) -> bool:
    """Keep what a test came to, unless the account was changed while it ran."""
    same = (ProviderKey.id == key.id, ProviderKey.version == key.version)
    return bool(await changed_rows(work, sa.update(ProviderKey).where(*same).values(**columns)))


async def organization_of_call(work: UnitOfWork, call_id: str) -> str | None:
    """Whose call this is; in a unit of the system."""
    found: str | None = await work.session.scalar(sa.select(Call.organization_id).where(Call.id == call_id))
    return found
