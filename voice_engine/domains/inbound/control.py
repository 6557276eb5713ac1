"""Live control: what an owner may do to an inbound call that is up.

A call that the engine holds gets an order, a row for the process that owns it, and the request waits a bounded time
for its acknowledgement. A call that the carrier holds (it rings somewhere else, or takes a message) is decided anew
and sent back to reception.
"""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from voice_engine.domains.calls.ending import Endings
from voice_engine.domains.calls.orders import IMPOSSIBLE, NOT_ACTIVE, OrderAnswers
from voice_engine.domains.calls.reporting import Ending
from voice_engine.domains.calls.repository import calls as call_rows
from voice_engine.domains.calls.service import CallService
from voice_engine.domains.calls.states import ENDS, LIVE, CallState, CommandKind, EndedReason
from voice_engine.domains.calls.waiting import CallWaits
from voice_engine.domains.calls.words import HANG_UP, UNANNOUNCED
from voice_engine.domains.inbound.repository import calls
from voice_engine.domains.inbound.repository.calls import Record
from voice_engine.domains.inbound.selection import invalid
from voice_engine.domains.inbound.service import InboundService
from voice_engine.domains.inbound.settings import InboundSettings
from voice_engine.domains.inbound.targets import TargetGate
from voice_engine.domains.numbers.repository import find_by_e164
from voice_engine.errors import Conflict, UpstreamFailed
from voice_engine.ports.telephony import CallTelephony
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job, enqueue
from voice_engine.store.uow import UnitOfWork

DefaultTarget = Callable[[UnitOfWork], Awaitable[str | None]]
"""The phone that the organization hands calls to when none is named."""

GOODBYE = dt.timedelta(seconds=20)
"""After a polite end was ordered for so long, the carrier hangs up."""

SETTLES_S = 2.0
"""How long a call that the carrier hands on takes to be written down as ended. One that is bridged to its
target stays live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Controlled:
    """How an order went: the call as it stands, and the number it concerned. `error` None: it was done; else the
    stable code of why the caller is where they were."""

    record: Record
    target: str | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ordered:
    """An order that was written. `command_id` None: the carrier holds the call, and it was decided anew."""

    record: Record
    target: str | None
    command_id: str | None


class LiveControl:
    """Opens its own units of work: what is ordered is waited for between two of them. `now` is the wall clock.

    `voice_url` is the webhook that asks reception what to do with a call.
    """

    def __init__(
        self,
        store: Store,
        service: InboundService,
        orders: CallService,
        endings: Endings,
        *,
        waits: CallWaits,
        targets: TargetGate,
        default_target: DefaultTarget,
        telephony: CallTelephony,
        answers: OrderAnswers,
        settings: InboundSettings,
        voice_url: str,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._service = service
        self._orders = orders
        self._endings = endings
        self._waits = waits
        self._targets = targets
        self._default_target = default_target
        self._telephony = telephony
        self._answers = answers
        self._settings = settings
        self._voice_url = voice_url
        self._now = now

    async def transfer(
        self, organization_id: str, user_id: str, call_id: str, raw: object, *, announce: bool = True
    ) -> Controlled:
        """Connect the caller to another number; the receptionist leaves once somebody there has the call.

        `announce`: whoever picks up there is told of the call and takes it by a key; else they have it at once.

        Raises:
            NotFound: `call_not_found`.
            Conflict: `call_not_active`.
            InvalidInput, NotAllowed: the number gate's; `validation_error` for a number that leads back here.
            UpstreamFailed: `service_unavailable`: the call's process did not answer.
        """
        async with self._store.begin(organization_id) as work:
            record = await self._live(work, call_id)
            target = await self._target(work, record, raw if isinstance(raw, str) else None, field="target_number")
            arguments = {} if announce else {"announce": UNANNOUNCED}
            ordered = await self._order(work, record, CommandKind.TRANSFER, target, user_id=user_id, **arguments)
        error = await self._carried_out(ordered, self._settings.transfer_wait_s)
        if error is None:
            await self._note_transfer(organization_id, ordered)
            await self._waits.until_over(ordered.record.call, SETTLES_S)
        return await self._result(organization_id, ordered, error)

    async def takeover(self, organization_id: str, user_id: str, call_id: str, raw: str | None) -> Controlled:
        """Ring a phone of the owner's and put it through to the caller; the receptionist falls silent and listens.

        Raises:
            NotFound: `call_not_found`.
            Conflict: `call_not_active`, `no_forwarding_target`.
            InvalidInput, NotAllowed, UpstreamFailed: as `transfer`.
        """
        async with self._store.begin(organization_id) as work:
            record = await self._live(work, call_id)
            wanted = raw if raw is not None else await self._default_target(work)
            if wanted is None:
                raise Conflict(
                    "no_forwarding_target",
                    "there is no phone to ring: add a forwarding target, or name target_number",
                )
            target = await self._target(work, record, wanted, field="target_number")
            ordered = await self._order(work, record, CommandKind.TAKEOVER, target, user_id=user_id)
        error = await self._carried_out(ordered, self._settings.takeover_wait_s)
        if error is None and ordered.command_id is not None:
            await self._note_takeover(organization_id, ordered)
        return await self._result(organization_id, ordered, error)

    async def reject(self, organization_id: str, user_id: str, call_id: str, reason: str) -> Controlled:
        """End the call: at once while it rings, with a goodbye once somebody talks.

        Raises:
            NotFound: `call_not_found`.
            Conflict: `call_not_active`.
        """
        async with self._store.begin(organization_id) as work:
            record = await self._live(work, call_id)
            call = record.call
            await calls.change(work, call_id, reject_reason=reason)
            await call_rows.change(work, call_id, when=LIVE, stop_requested_at=self._now())
            talks = call.answered_at is not None and call.owner is not None
            if talks:
                await self._orders.order(
                    work, call, CommandKind.REJECT, requested_by=user_id, arguments={"reason": reason}
                )
            else:
                ending = Ending(status=CallState.REJECTED, reason=EndedReason.REJECTED, at=self._now())
                await self._endings.end(work, call, ending, when=LIVE)
            due = self._now() + GOODBYE if talks else None
            job = Job(kind=HANG_UP, payload={"call_id": call_id}, key=f"reject:{call_id}", due_at=due)
            await enqueue(work, job)
        if talks:
            await self._waits.until_over(call, self._settings.order_wait_s)
        return await self._result(
            organization_id, _Ordered(record=record, target=None, command_id=None), error=None
        )

    async def _live(self, work: UnitOfWork, call_id: str) -> Record:
        record = await self._service.get(work, call_id, lock=True)
        if record.call.status not in LIVE or record.call.stop_requested_at is not None:
            raise _not_active()
        return record

    async def _target(self, work: UnitOfWork, record: Record, raw: str | None, *, field: str) -> str:
        """A number that the call may be handed to. One of our own, or the caller's, would lead in a circle."""
        e164 = await self._targets.check(work, raw)
        if e164 == record.call.from_number:
            raise invalid(field, "is who is calling: the call would ring itself")
        if await find_by_e164(work, e164) is not None:
            raise invalid(field, "is one of your own numbers here: the call would go in a circle")
        return e164

    async def _order(
        self, work: UnitOfWork, record: Record, kind: CommandKind, target: str, *, user_id: str, **more: str
    ) -> _Ordered:
        """Tell the process that holds the call; without one, decide anew and have the carrier ask reception."""
        call = record.call
        if call.owner is not None or call.handled_by in {None, "human"}:
            arguments = {"number": target, **more}
            command_id = await self._orders.order(work, call, kind, requested_by=user_id, arguments=arguments)
            return _Ordered(record=record, target=target, command_id=command_id)
        decision = {"action": "transfer", "config": {"target": target}}
        await calls.change(work, call.id, decision=decision, transferred_to=target)
        return _Ordered(record=record, target=target, command_id=None)

    async def _carried_out(self, ordered: _Ordered, wait_s: float) -> str | None:
        """Wait for the order; the stable code of why it was not done, or None.

        Raises:
            Conflict: `call_not_active`.
            UpstreamFailed: `service_unavailable`.
        """
        call = ordered.record.call
        if ordered.command_id is None:
            assert call.provider_sid is not None, "a call that came in has the carrier's id"
            await self._telephony.redirect(call.provider_sid, url=self._voice_url)
            return None
        error = await self._answers.wait(call, ordered.command_id, wait_s)
        if error == NOT_ACTIVE:
            raise _not_active()
        if error in IMPOSSIBLE:
            raise UpstreamFailed(
                "service_unavailable",
                "the process that holds the call did not answer in time; look at the call before you try again",
                provider="engine",
                retryable=True,
            )
        return error

    async def _note_transfer(self, organization_id: str, ordered: _Ordered) -> None:
        """The engine told the event; the row learns where the caller went."""
        if ordered.command_id is None:
            return
        async with self._store.begin(organization_id) as work:
            await call_rows.change(work, ordered.record.call.id, when=(*LIVE, *ENDS), handled_by="transfer")
            await calls.change(work, ordered.record.call.id, transferred_to=ordered.target)

    async def _note_takeover(self, organization_id: str, ordered: _Ordered) -> None:
        """The engine told the event; the row learns that a human is on the call."""
        async with self._store.begin(organization_id) as work:
            await call_rows.change(work, ordered.record.call.id, when=LIVE, handled_by="human")

    async def _result(self, organization_id: str, ordered: _Ordered, error: str | None) -> Controlled:
        async with self._store.read(organization_id) as work:
            record = await calls.find(work, ordered.record.call.id)
        return Controlled(record=record or ordered.record, target=ordered.target, error=error)


def _not_active() -> Conflict:
    return Conflict(NOT_ACTIVE, "the call is not live")
