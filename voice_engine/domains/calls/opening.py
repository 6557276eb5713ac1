"""One call, locked, in its organization's unit of work: for those who know its id and no tenant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.repository import calls
from voice_engine.store.engine import Store
from voice_engine.store.uow import UnitOfWork


@asynccontextmanager
async def open_call(store: Store, call_id: str | None) -> AsyncIterator[tuple[UnitOfWork, Call] | None]:
    """The call in a unit that may write; None when there is none."""
    organization_id = None
    if call_id is not None:
        async with store.system("whose call is it", writes=False) as work:
            organization_id = await calls.find_organization_id(work, call_id)
    if call_id is None or organization_id is None:
        yield None
        return
    async with store.begin(organization_id) as work:
        call = await calls.find_call(work, call_id, lock=True)
        yield None if call is None else (work, call)
