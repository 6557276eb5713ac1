"""Which rule takes a call, and why the others do not: asked for live calls and for calls that somebody imagines."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from voice_engine.domains.accounts import service as accounts
from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.contacts.models import Contact
from voice_engine.domains.contacts.repository import find_by_number
from voice_engine.domains.inbound.callers import CallerNumber, read_caller
from voice_engine.domains.inbound.conditions import RECENT, Situation, read_conditions, unmet
from voice_engine.domains.inbound.models import RoutingRule
from voice_engine.domains.inbound.repository import calls, rules
from voice_engine.domains.inbound.rules import counts_calls, pick
from voice_engine.domains.numbers.models import PhoneNumber
from voice_engine.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A call at the door. `caller` None: withheld. `contact` None: nobody knows the number. `at` is aware."""

    call_sid: str
    number: PhoneNumber
    organization: Organization
    caller: CallerNumber | None
    contact: Contact | None
    at: dt.datetime

    @property
    def e164(self) -> str | None:
        """The caller's number."""
        return None if self.caller is None else self.caller.e164


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The rules that were asked, in their order, the call as they saw it, and who of them takes it (None: none)."""

    asked: Sequence[RoutingRule]
    situation: Situation
    rule: RoutingRule | None

    def refusals(self, rule: RoutingRule) -> tuple[str, ...]:
        """The conditions of a rule that this call does not meet."""
        return unmet(read_conditions(rule.conditions), self.situation)


async def arrival_of(
    work: UnitOfWork, call_sid: str, word: str, number: PhoneNumber, *, at: dt.datetime
) -> Arrival:
    """A call at the door out of the carrier's word for its caller."""
    caller = read_caller(word, region=number.country)
    return Arrival(
        call_sid=call_sid,
        number=number,
        organization=await accounts.get_organization(work, number.organization_id),
        caller=caller,
        contact=None if caller is None else await find_by_number(work, caller.e164),
        at=at,
    )


async def find_route(work: UnitOfWork, arrival: Arrival) -> Route:
    """Ask the active rules; nothing is written."""
    candidates = await rules.list_all(work, only_active=True)
    recent = 0
    if arrival.e164 is not None and counts_calls(candidates):
        recent = await calls.count_from(work, arrival.e164, before=arrival.at, since=arrival.at - RECENT)
    situation = Situation(
        number=arrival.e164,
        country=None if arrival.caller is None else arrival.caller.country,
        is_vip=arrival.contact is not None and arrival.contact.is_vip,
        is_known=arrival.contact is not None,
        called_number_id=arrival.number.id,
        at=arrival.at,
        timezone=arrival.organization.timezone,
        recent_calls=recent,
    )
    return Route(asked=candidates, situation=situation, rule=pick(candidates, situation))
