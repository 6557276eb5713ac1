"""Which rule would take a call: the call is decided by what decides live ones, and everything is taken back.

The unit of work is never committed, so that nothing rings, is counted, held or told; what is decided is what a
caller would meet at that moment, with today's rules, contacts, credits and targets.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import structlog

from voice_engine.domains.inbound.callers import read_caller
from voice_engine.domains.inbound.decisions import Decision
from voice_engine.domains.inbound.models import RoutingRule
from voice_engine.domains.inbound.reception import Reception
from voice_engine.domains.inbound.repository import calls, rules
from voice_engine.domains.inbound.routing import Route, arrival_of, find_route
from voice_engine.domains.inbound.selection import invalid
from voice_engine.domains.numbers.repository import numbers
from voice_engine.errors import NotFound
from voice_engine.store.engine import Store
from voice_engine.store.rows import is_id
from voice_engine.store.uow import UnitOfWork

WITHHELD = "anonymous"

Say = Literal["takes", "passes", "off", "not_asked"]
"""Takes the call; asked, and some condition does not hold; switched off; stands below the one that takes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one rule says to a call. `unmet` are the names of the conditions that do not hold."""

    rule_id: str
    name: str
    say: Say
    unmet: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What would become of a call.

    Attributes:
        decision: what the carrier would be told.
        verdicts: every rule, in the order in which they are asked.
        rule_action: what the rule that takes it wants; None: no rule takes it.
        action: what is done. Another than the rule's where that cannot be done (its target may not be rung, there
            are no credits).
        caller: E.164; None: withheld.
        contact_name: whom the number belongs to.
        forwards: no rule takes it, and the number forwards its calls.
    """

    decision: Decision
    verdicts: Sequence[Verdict]
    rule_action: str | None
    action: str
    caller: str | None
    contact_name: str | None
    is_vip: bool
    forwards: bool
    at: dt.datetime

    @property
    def taken_by(self) -> Verdict | None:
        """The rule that takes the call."""
        return next((verdict for verdict in self.verdicts if verdict.say == "takes"), None)


class Rehearsals:
    """Decides calls that nobody makes."""

    def __init__(self, store: Store, reception: Reception) -> None:
        self._store = store
        self._reception = reception

    async def rehearse(
        self, organization_id: str, *, caller: str | None, number_id: str, at: dt.datetime
    ) -> Rehearsal:
        """What would become of a call to one of the organization's numbers.

        Args:
            caller: a telephone number however it is written; None: withheld.
            at: when it comes in, aware.

        Raises:
            NotFound: `phone_number_not_found`.
            InvalidInput: `validation_error`: the caller is no telephone number.
            UpstreamFailed: the database is busy.
        """
        found: list[Rehearsal] = []
        try:
            with structlog.contextvars.bound_contextvars(rehearsal=True):
                async with self._store.begin(organization_id) as work:
                    found.append(await self._decide(work, caller, number_id, at))
                    raise _TakenBack
        except _TakenBack:
            return found[0]

    async def _decide(self, work: UnitOfWork, word: str | None, number_id: str, at: dt.datetime) -> Rehearsal:
        number = await numbers.find(work, number_id) if is_id(number_id) else None
        if number is None or number.is_own:
            raise NotFound("phone_number_not_found", "you have no such number")
        if word is not None and read_caller(word, region=number.country) is None:
            raise invalid("caller", "must be a telephone number, such as +14155551234")
        call_sid = f"CA{uuid.uuid4().hex}"
        arrival = await arrival_of(work, call_sid, word or WITHHELD, number, at=at)
        route = await find_route(work, arrival)
        asked = await rules.list_all(work)
        decision = await self._reception.decide(work, arrival)
        record = await calls.find_by_sid(work, call_sid)
        assert record is not None, "reception writes a row of each call"
        contact, taker = arrival.contact, record.inbound.rule_id
        return Rehearsal(
            decision=decision,
            verdicts=_verdicts(asked, route, taker),
            rule_action=next((rule.action for rule in asked if rule.id == taker), None),
            action=str(record.inbound.decision["action"]),
            caller=arrival.e164,
            contact_name=contact.name if contact else None,
            is_vip=contact is not None and contact.is_vip,
            forwards=taker is None and number.forwarding_number is not None,
            at=at,
        )


def _verdicts(asked: Sequence[RoutingRule], route: Route, taker: str | None) -> list[Verdict]:
    """Each rule's word. Below the one that takes the call nobody is asked."""
    verdicts: list[Verdict] = []
    is_taken = False
    for rule in asked:
        say: Say = "passes"
        if not rule.is_active:
            say = "off"
        elif is_taken:
            say = "not_asked"
        elif rule.id == taker:
            say, is_taken = "takes", True
        refusals = route.refusals(rule) if say == "passes" else ()
        verdicts.append(Verdict(rule_id=rule.id, name=rule.name, say=say, unmet=refusals))
    return verdicts


class _TakenBack(Exception):
    """Leaves a unit of work without keeping anything of it."""
