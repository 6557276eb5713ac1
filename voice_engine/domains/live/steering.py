"""What a member of an organization does with a call of theirs that is up, whichever way it came: stop, pass on,
take over in a browser, whisper to the engine, hand back.

Each is an order, a row for the process that holds the call, and an audit row; the request waits a bounded time for
the answer. Who may: every member of the organization whose call it is, which the unit of work sees to.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.orders import IMPOSSIBLE, NOT_ACTIVE, OrderAnswers
from voice_engine.domains.calls.repository import calls
from voice_engine.domains.calls.service import CallService
from voice_engine.domains.calls.states import ENDS, LIVE, CommandKind
from voice_engine.domains.inbound.control import LiveControl
from voice_engine.domains.inbound.selection import invalid
from voice_engine.domains.inbound.settings import InboundSettings
from voice_engine.domains.inbound.targets import TargetGate
from voice_engine.domains.live.repository import find_lead
from voice_engine.errors import Conflict, InvalidInput, NotFound, UpstreamFailed
from voice_engine.store import audit
from voice_engine.store.engine import Store
from voice_engine.store.rows import is_id
from voice_engine.store.uow import UnitOfWork

MOST_LETTERS = 500
"""Of a whisper; `core.dialogue.whisper` reads no more."""
TICKET_BYTES = 24
TICKET_S = 60
"""How long a browser has until its stream (`web.humans.GUEST_S`)."""

REFUSED = {
    "takeover_in_progress": "somebody is on this call already, or is being rung for it",
    "human_on_line": "somebody of yours leads this call: tell them, or hand it back first",
    "not_taken_over": "the AI leads this call already",
    "not_redirectable": "whoever is in a browser cannot be connected elsewhere",
}
"""What the process that holds the call answers when an order does not fit the moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """A place in a live call for a browser. `owner` is the process that holds the call; `ticket` is a secret."""

    call: Call
    owner: str
    ticket: str
    expires_in_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a live call stands: who leads it (`by`: whose browser, if it is one's), and whether one may join."""

    lead: Literal["ai", "human", "transfer"]
    by: str | None
    joinable: bool


async def standing_of(work: UnitOfWork, call: Call) -> Standing | None:
    """How the call stands; None: it is not live, or another engine holds it."""
    if call.status not in LIVE or call.external_id is not None:
        return None
    joinable = call.owner is not None and call.answered_at is not None
    event = await find_lead(work, call.id)
    if event is None or event.type == "call.handed_back":
        return Standing(lead="ai", by=None, joinable=joinable)
    if event.type == "call.transferred":
        return Standing(lead="transfer", by=None, joinable=joinable)
    return Standing(lead="human", by=event.payload.get("by"), joinable=joinable)


class Steering:
    """Opens its own units of work: what is ordered is waited for between two of them. `now` is the wall clock."""

    def __init__(
        self,
        store: Store,
        orders: CallService,
        control: LiveControl,
        *,
        answers: OrderAnswers,
        targets: TargetGate,
        settings: InboundSettings,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._orders = orders
        self._control = control
        self._answers = answers
        self._targets = targets
        self._settings = settings
        self._now = now

    async def stop(self, organization_id: str, user_id: str, call_id: str) -> None:
        """End the call at once: hung up on by its process, and by the carrier in any case.

        Raises:
            NotFound: `call_not_found`.
            Conflict: `call_not_active`.
        """
        async with self._store.begin(organization_id) as work:
            call = await self._find(work, call_id)
            await self._orders.stop_live(work, call, requested_by=user_id)
            self._audit(work, "call.stopped", user_id, call)

    async def transfer(self, organization_id: str, user_id: str, call_id: str, raw: str) -> str | None:
        """Connect the other party to another number. None: they are connected; else the stable code of why not.

        Raises:
            NotFound: `call_not_found`.
            Conflict: `call_not_active`, those of `REFUSED`.
            InvalidInput, NotAllowed: the number gate's; `validation_error` for a number that leads back here.
            UpstreamFailed: `service_unavailable`.
        """
        async with self._store.read(organization_id) as work:
            call = await self._find(work, call_id, lock=False)
        if call.direction == "inbound":
            error = (await self._control.transfer(organization_id, user_id, call_id, raw)).error
        else:
            error = await self._transfer_outbound(organization_id, user_id, call_id, raw)
        async with self._store.begin(organization_id) as work:
            self._audit(work, "call.transferred", user_id, call, error=error)
            if error is None:
                await calls.change(work, call.id, when=(*LIVE, *ENDS), handled_by="transfer")
        return error

    async def whisper(self, organization_id: str, user_id: str, call_id: str, raw: object) -> None:
        """Say something to the engine alone.

        Raises:
            NotFound: `call_not_found`.
            Conflict: `call_not_active`, `human_on_line`.
            InvalidInput: `validation_error`.
            UpstreamFailed: `service_unavailable`.
        """
        text = " ".join(raw.split()) if isinstance(raw, str) else ""
        if not text or len(text) > MOST_LETTERS:
            raise InvalidInput("validation_error", f"write something, at most {MOST_LETTERS} letters")
        async with self._store.begin(organization_id) as work:
            call = await self._held(work, call_id)
            order = await self._order(work, call, CommandKind.WHISPER, user_id, text=text)
            self._audit(work, "call.whispered", user_id, call, letters=len(text))
        self._done(await self._answers.wait(call, order, self._settings.order_wait_s))

    async def hand_back(self, organization_id: str, user_id: str, call_id: str) -> None:
        """Let the engine lead again; whoever is on the line for it is taken off, or rung no longer.

        Raises:
            NotFound: `call_not_found`.
            Conflict: `call_not_active`, `not_taken_over`.
            UpstreamFailed: `service_unavailable`.
        """
        async with self._store.begin(organization_id) as work:
            call = await self._held(work, call_id)
            order = await self._order(work, call, CommandKind.HAND_BACK, user_id)
            self._audit(work, "call.handed_back", user_id, call)
        self._done(await self._answers.wait(call, order, self._settings.order_wait_s))

    async def take_over(self, organization_id: str, user_id: str, call_id: str) -> Entrance:
        """A place in the call for this person's browser. The engine leads on until the browser is there.

        Raises:
            NotFound: `call_not_found`.
            Conflict: `call_not_active`, `takeover_in_progress`.
            UpstreamFailed: `service_unavailable`.
        """
        ticket = secrets.token_urlsafe(TICKET_BYTES)
        digest = hashlib.sha256(ticket.encode()).hexdigest()
        async with self._store.begin(organization_id) as work:
            call = await self._held(work, call_id)
            order = await self._order(work, call, CommandKind.JOIN, user_id, ticket=digest, user=user_id)
            self._audit(work, "call.taken_over", user_id, call, through="browser")
        self._done(await self._answers.wait(call, order, self._settings.order_wait_s))
        assert call.owner is not None, "a call that is held has an owner"
        return Entrance(call=call, owner=call.owner, ticket=ticket, expires_in_s=TICKET_S)

    async def _transfer_outbound(self, organization_id: str, user_id: str, call_id: str, raw: str) -> str | None:
        async with self._store.begin(organization_id) as work:
            call = await self._held(work, call_id)
            target = await self._targets.check(work, raw)
            if target == call.to_number:
                raise invalid("number", "is who is on the line: the call would ring itself")
            order = await self._order(work, call, CommandKind.TRANSFER, user_id, number=target)
        return self._refusal(await self._answers.wait(call, order, self._settings.transfer_wait_s))

    async def _find(self, work: UnitOfWork, call_id: str, *, lock: bool = True) -> Call:
        """The organization's call, live and not about to end."""
        call = await calls.find_call(work, call_id, lock=lock) if is_id(call_id) else None
        if call is None:
            raise NotFound("call_not_found", "there is no such call")
        if call.status not in LIVE or call.stop_requested_at is not None:
            raise _not_active()
        return call

    async def _held(self, work: UnitOfWork, call_id: str) -> Call:
        """The same, with somebody on the line: a process of ours holds it."""
        call = await self._find(work, call_id)
        if call.owner is None or call.answered_at is None:
            raise Conflict(NOT_ACTIVE, "nobody talks on this call yet, or another engine holds it")
        return call

    async def _order(self, work: UnitOfWork, call: Call, kind: CommandKind, user_id: str, **arguments: str) -> str:
        return await self._orders.order(work, call, kind, requested_by=user_id, arguments=arguments)

    def _audit(self, work: UnitOfWork, action: str, user_id: str, call: Call, **facts: Any) -> None:
        audit.record(work, action, actor=user_id, subject=call.id, at=self._now(), facts=facts)

    def _done(self, error: str | None) -> None:
        """Raise what the process that holds the call has against it."""
        refusal = self._refusal(error)
        if refusal is not None:
            raise UpstreamFailed(
                "service_unavailable", f"the call's process says {refusal}", provider="engine", retryable=False
            )

    def _refusal(self, error: str | None) -> str | None:
        if error == NOT_ACTIVE:
            raise _not_active()
        if error in REFUSED:
            raise Conflict(error, REFUSED[error])
        if error in IMPOSSIBLE:
            raise UpstreamFailed(
                "service_unavailable",
                "the process that holds the call did not answer in time; look at the call before you try again",
                provider="engine",
                retryable=True,
            )
        return error


def _not_active() -> Conflict:
    return Conflict(NOT_ACTIVE, "the call is not live any more")
