"""The running period of whoever asks: read without a lock, unless its account or period has to begin first."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from fastapi import Request

from voice_engine.domains.usage.accounts import Running
from voice_engine.rest.security import Principal
from voice_engine.rest.v1.router import services_of
from voice_engine.store.uow import UnitOfWork

T = TypeVar("T")


async def in_period(request: Request, caller: Principal, read: Callable[[UnitOfWork, Running], Awaitable[T]]) -> T:
    """What `read` makes of the caller's running period. Most requests only read; the first of a period writes."""
    services = services_of(request)
    assert services.usage is not None, "the surface was built without usage"
    accounts = services.usage.accounts
    async with services.store.read(caller.organization_id) as work:
        found = await accounts.find_running(work)
        if found is not None:
            return await read(work, found)
    async with services.store.begin(caller.organization_id) as work:
        return await read(work, await accounts.running(work))
