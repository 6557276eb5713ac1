"""Calls of somebody who is signed in, out of their browser: begun, and given another stream when theirs was lost.

The rows are the domains', the pass is the door's; this is where both meet, since only a process that holds calls
can let anybody in. `dashboard/talk` and whatever else opens browser calls one day stand on it.
"""

from dataclasses import dataclass
from typing import Protocol

from starlette.requests import HTTPConnection

from voice_engine.domains.calls.asking import NewCall
from voice_engine.domains.calls.browsers import Opened, RespondentCalls
from voice_engine.domains.identity.service import Identity
from voice_engine.domains.inbound.browsers import BrowserReception
from voice_engine.errors import Conflict
from voice_engine.ports.call import Language
from voice_engine.rest.limits import RateLimits
from voice_engine.store.engine import Store
from voice_engine.web.browser import ACCOUNT_SID, BrowserDoor, Pass, call_sid_of
from voice_engine.web.calls import IncomingCall, Visitor
from voice_engine.web.dashboard.viewer import find_viewer

CALLS_PER_MINUTE = 10
"""Of one person: as many as a business may have its assistant place (`rest/contract`, startOutboundCall)."""


class Holds(Protocol):
    """What is needed of `web.line.LineEngine`."""

    def find_call(self, call_id: str) -> IncomingCall | None:
        """As there."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A call that waits for its browser."""

    call_id: str
    entry: Pass


async def find_visitor(identity: Identity, connection: HTTPConnection) -> Visitor | None:
    """Who is behind a browser's connection, by the same session as its pages'."""
    viewer = await find_viewer(identity, connection)
    if viewer is None:
        return None
    return Visitor(user_id=viewer.user_id, organization_id=viewer.organization_id)


class Talks:
    """Opens its own units of work: nothing but the database is awaited in one."""

    def __init__(
        self,
        store: Store,
        door: BrowserDoor,
        holds: Holds,
        *,
        reception: BrowserReception,
        respondents: RespondentCalls,
        limits: RateLimits | None = None,
    ) -> None:
        self._store = store
        self._door = door
        self._holds = holds
        self._reception = reception
        self._respondents = respondents
        self._limits = limits or RateLimits(user_per_minute=CALLS_PER_MINUTE, address_per_minute=CALLS_PER_MINUTE)

    @property
    def worker(self) -> str:
        """This media process, as its sockets' addresses name it."""
        return self._door.worker

    async def call_receptionist(self, visitor: Visitor, language: Language | None) -> Talk:
        """The visitor calls their own receptionist.

        Raises:
            NotFound: `no_active_assistant`.
            QuotaExceeded: `quota_exceeded`, `minutes_exhausted`, `rate_limited`.
            UpstreamFailed: `no_room`.
        """
        self._admit(visitor)
        async with self._store.begin(visitor.organization_id) as work:
            opened = await self._reception.open(work, visitor.user_id, language=language)
            self._door.expect_call()  # last: a request that is refused costs other calls nothing
        return await self._let_in(opened, visitor)

    async def be_called(self, visitor: Visitor, new: NewCall) -> Talk:
        """The visitor is whom an outbound call is made to.

        Raises:
            InvalidInput: `unsupported_language`, `scheduling_violation`, `safety_violation`.
            QuotaExceeded: `quota_exceeded`, `minutes_exhausted`, `rate_limited`.
            UpstreamFailed: `no_room`.
        """
        self._admit(visitor)
        async with self._store.begin(visitor.organization_id) as work:
            opened = await self._respondents.open(work, visitor.user_id, new)
            self._door.expect_call()
        return await self._let_in(opened, visitor)

    def come_back(self, visitor: Visitor, call_id: str) -> Talk:
        """Another stream for a call of the visitor's that is up here.

        Raises:
            Conflict: `call_not_active`, also for what is not theirs.
            QuotaExceeded: `rate_limited`.
        """
        self._limits.count_user(visitor.user_id)
        call = self._holds.find_call(call_id)
        if call is None or call.visitor != visitor:
            raise Conflict("call_not_active", "the call is over; start another one")
        return Talk(call_id=call_id, entry=self._door.pass_for(call))

    def _admit(self, visitor: Visitor) -> None:
        self._limits.count_user(visitor.user_id)
        self._door.check_room()

    async def _let_in(self, opened: Opened, visitor: Visitor) -> Talk:
        row = opened.call
        call = IncomingCall(
            call_sid=call_sid_of(row.id),
            account_sid=ACCOUNT_SID,
            caller=row.from_number or "",
            callee=row.to_number or "",
            direction=row.direction,
            spec=opened.spec,
            visitor=visitor,
        )
        return Talk(call_id=row.id, entry=await self._door.open(call))
