"""Numbers as their owner sees them: listed, read, forwarded, named, given back; and the phones they forward to.

Every method runs inside its organization's unit of work. Buying (`purchases.py`) and codes (`proofs.py`) open their
own: the carrier is asked between two of them.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.numbers import plan, words
from voice_engine.domains.numbers.gate import Gate
from voice_engine.domains.numbers.models import ForwardingTarget, NumberStatus, PhoneNumber
from voice_engine.domains.numbers.repository import numbers, proofs, traffic
from voice_engine.domains.numbers.settings import NumberSettings
from voice_engine.domains.numbers.views import Details, Target
from voice_engine.domains.usage.periods import period_at
from voice_engine.errors import Conflict, NotFound
from voice_engine.store import audit, outbox
from voice_engine.store.rows import is_id, new_id
from voice_engine.store.uow import UnitOfWork

Unbind = Callable[[UnitOfWork, str], Awaitable[None]]
"""Takes a number (its id) out of whatever refers to it, in the unit of work that releases it."""

CountRules = Callable[[UnitOfWork, str], Awaitable[int]]
"""How many active routing rules hold for a number (its id)."""

MOST_HOPS = 20
"""No chain of forwarded numbers is followed further: one so long is as good as a circle."""


async def no_rules(_work: UnitOfWork, _number_id: str) -> int:
    """Where there is no routing, no rule holds."""
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """How a proven number is to be used; None leaves it as it is."""

    e164: str
    as_caller_id: bool | None = None
    as_target: bool | None = None
    label: str | None = None


class NumberService:
    """`now` is the wall clock, in UTC."""

    def __init__(
        self,
        settings: NumberSettings,
        gate: Gate,
        *,
        now: Callable[[], dt.datetime],
        unbind: Sequence[Unbind] = (),
        count_rules: CountRules = no_rules,
    ) -> None:
        self.settings = settings
        self._gate = gate
        self._now = now
        self._unbind = list(unbind)
        self._count_rules = count_rules

    def follow(self, unbind: Unbind, *, count_rules: CountRules | None = None) -> None:
        """Have `unbind` told of releases from now on, for a domain that is put together after this one."""
        self._unbind.append(unbind)
        self._count_rules = count_rules or self._count_rules

    async def list_all(self, work: UnitOfWork) -> Sequence[PhoneNumber]:
        """The organization's numbers, oldest first; released ones are left out."""
        return await numbers.list_live(work)

    async def get(self, work: UnitOfWork, number_id: str) -> PhoneNumber:
        """A number. Raises NotFound `phone_number_not_found`, also when it was released or the id is none."""
        number = await numbers.find(work, number_id) if is_id(number_id) else None
        if number is None:
            raise _not_found()
        return number

    async def details(self, work: UnitOfWork, number_id: str) -> Details:
        """A number and its use. Raises NotFound `phone_number_not_found`."""
        number = await self.get(work, number_id)
        organization = await accounts.get_organization(work, work.organization_id)
        renews = None if number.is_own else period_at(number.created_at, self._now()).ends_at
        return Details(
            number=number,
            traffic=await traffic.count(work, number.e164, since=number.created_at),
            renews_at=renews,
            language="es" if organization.locale.startswith("es") else "en",
            recording=self.settings.record,
            active_rules=await self._count_rules(work, number.id),
        )

    async def set_forwarding(self, work: UnitOfWork, number_id: str, raw: object) -> PhoneNumber:
        """Have calls to a bought number ring another phone.

        Raises:
            NotFound: `phone_number_not_found`.
            InvalidInput, NotAllowed: the number gate's; `validation_error` when it would go in a circle.
        """
        number = await self.get(work, number_id)
        target = (await self._gate.check(work, raw)).e164
        if number.is_own:
            raise plan.field_fault(
                "forwarding_number", "cannot be set: calls to a phone of your own do not come here"
            )
        await numbers.hold_forwarding(work)
        await self._check_circle(work, number.e164, target)
        await numbers.change(work, number.id, forwarding_number=target)
        return await self.get(work, number_id)

    async def remove_forwarding(self, work: UnitOfWork, number_id: str) -> PhoneNumber:
        """Have the engine answer again; a repeat changes nothing. Raises NotFound `phone_number_not_found`."""
        number = await self.get(work, number_id)
        await numbers.change(work, number.id, forwarding_number=None)
        return await self.get(work, number_id)

    async def set_caller_id_name(self, work: UnitOfWork, number_id: str, name: str) -> PhoneNumber:
        """Name the number's calls, where the network carries names.

        Raises:
            NotFound: `phone_number_not_found`.
            Conflict: `phone_number_not_verified`.
        """
        number = await self.get(work, number_id)
        _require_verified(number)
        await numbers.change(work, number.id, caller_id_name=name)
        return await self.get(work, number_id)

    async def release(self, work: UnitOfWork, number_id: str, *, actor: str) -> PhoneNumber:
        """Give a number up for good: what refers to it is unbound here and now, the carrier gets it back by a job.

        Raises NotFound `phone_number_not_found`, for the second of two as well.
        """
        number = await self.get(work, number_id)
        await numbers.lock(work)
        released: dict[str, Any] = {
            "status": NumberStatus.RELEASED,
            "released_at": self._now(),
            "forwarding_number": None,
            "is_default_outbound": False,
            "assistant_id": None,
        }
        if not await numbers.change(work, number.id, **released):
            raise _not_found()
        for unbind in self._unbind:
            await unbind(work, number.id)
        await numbers.stop_forwarding_to(work, number.e164)
        if number.is_own:
            await proofs.drop_pending(work, number.e164)
        else:
            assert number.provider_sid is not None, "a bought number has its id at the carrier"
            await outbox.enqueue(work, words.release(number.provider_sid))
        if number.is_default_outbound:
            await self._next_default(work)
        audit.record(work, "number.released", actor=actor, at=self._now(), subject=number.id)
        gone = await numbers.find_by_id(work, number.id)
        assert gone is not None, "numbers are not deleted"
        return gone

    async def find_proven(self, work: UnitOfWork, e164: str) -> PhoneNumber:
        """A number that is the organization's. Raises NotFound `phone_number_not_found`, Conflict
        `phone_number_not_verified`."""
        number = await numbers.find_own(work, e164)
        if number is None:
            raise _not_found()
        _require_verified(number)
        return number

    async def configure(self, work: UnitOfWork, use: Use) -> PhoneNumber:
        """Make a proven number the one that calls show, or a phone that calls are handed to, or neither any more.

        Whether the carrier lets calls show a phone is asked before: `showing.Showing`.

        Raises:
            NotFound: `phone_number_not_found`.
            Conflict: `phone_number_not_verified`.
            InvalidInput: `validation_error`: a bought number cannot be a forwarding target.
        """
        number = await self.find_proven(work, use.e164)
        await numbers.lock(work)
        if use.label is not None:
            await numbers.change(work, number.id, label=use.label)
        if use.as_caller_id:
            await numbers.set_default(work, number.id)
        elif use.as_caller_id is False and number.is_default_outbound:
            await numbers.change(work, number.id, is_default_outbound=False)
            await self._next_default(work)
        if use.as_target:
            _require_own(number, "phone_number")
            await numbers.put_target(work, self._target(number.e164, use.label, is_default=False))
        elif use.as_target is False:
            await numbers.stop_forwarding_to(work, number.e164)
        return await self.get(work, number.id)

    async def list_targets(self, work: UnitOfWork) -> Sequence[Target]:
        """The phones that calls may be handed to, the default first."""
        known = await numbers.list_live(work)
        return [_target_view(row, known) for row in await numbers.list_targets(work)]

    async def add_target(self, work: UnitOfWork, raw: object, *, label: str | None, is_default: bool) -> Target:
        """Add a phone that calls may be handed to; one that is known gets the new label.

        Raises:
            InvalidInput, NotAllowed: the number gate's; `validation_error` for a number bought here.
        """
        e164 = (await self._gate.check(work, raw)).e164
        number = await numbers.find_own(work, e164)
        if number is not None:
            _require_own(number, "phone_number")
        await numbers.lock(work)
        await numbers.put_target(work, self._target(e164, label, is_default=is_default))
        known = await numbers.list_live(work)
        row = next(row for row in await numbers.list_targets(work) if row.e164 == e164)
        return _target_view(row, known)

    async def default_target(self, work: UnitOfWork) -> str | None:
        """The phone that calls are handed to when none is named; None: there is none."""
        return next((row.e164 for row in await numbers.list_targets(work) if row.is_default), None)

    async def caller_id_for(self, work: UnitOfWork) -> str:
        """The number that the organization's calls show: its own, else the installation's common one."""
        number = await numbers.find_shown(work)
        return self.settings.common_caller_id if number is None else number.e164

    def _target(self, e164: str, label: str | None, *, is_default: bool) -> ForwardingTarget:
        return ForwardingTarget(id=new_id(), e164=e164, label=label, is_default=is_default, created_at=self._now())

    async def _next_default(self, work: UnitOfWork) -> None:
        """Calls show the oldest bought number that is left."""
        left = [number for number in await numbers.list_live(work) if not number.is_own]
        if left:
            await numbers.set_default(work, left[0].id)

    async def _check_circle(self, work: UnitOfWork, start: str, target: str) -> None:
        """Refuse a forwarding that leads back to where it starts, or to a number that the organization bought."""
        field = "forwarding_number"
        if target == start:
            raise plan.field_fault(field, "is this number itself: it would forward in a circle")
        own = await numbers.find_own(work, target)
        if own is not None:
            _require_own(own, field)
        hop = target
        for _ in range(MOST_HOPS):
            leads_to = await numbers.find_next_hop(work, hop)
            if leads_to is None:
                return
            if leads_to == start:
                break
            hop = leads_to
        raise plan.field_fault(field, "leads back to this number: it would forward in a circle")


def _target_view(row: ForwardingTarget, known: Sequence[PhoneNumber]) -> Target:
    return Target(
        row=row,
        verified=any(number.e164 == row.e164 and number.is_verified for number in known),
        used_by=[number.id for number in known if number.forwarding_number == row.e164],
    )


def _require_verified(number: PhoneNumber) -> None:
    if not number.is_verified:
        raise Conflict(
            "phone_number_not_verified", "prove first that this phone is yours: start a verification, send its code"
        )


def _require_own(number: PhoneNumber, field: str) -> None:
    if not number.is_own:
        raise plan.field_fault(field, "is a number that you have here: calls would go in a circle")


def _not_found() -> NotFound:
    return NotFound("phone_number_not_found", "you have no such number")
