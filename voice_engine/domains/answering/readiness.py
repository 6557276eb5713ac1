"""Whether an organization's numbers are answered, by whom, and what is still to be done before they should be.

Of a business its assistant answers, with the settings that the business keeps; of a person our own receptionist.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from voice_engine.domains.accounts.models import Organization, OrganizationKind
from voice_engine.domains.assistants import repository as assistants
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.states import LIVE, CallState, Channel
from voice_engine.domains.contacts.models import Contact
from voice_engine.domains.inbound.models import RoutingRule
from voice_engine.domains.inbound.reception import ANSWERED
from voice_engine.domains.knowledge import repository as knowledge
from voice_engine.domains.numbers.models import NumberStatus, PhoneNumber
from voice_engine.domains.numbers.repository import numbers
from voice_engine.domains.prompts.facts import facts_of
from voice_engine.store.uow import UnitOfWork


class Standing(StrEnum):
    """What a caller meets now, the first that holds."""

    SUSPENDED = "suspended"
    NO_ASSISTANT = "no_assistant"
    """Of a business: nobody can talk to it, not even in the browser."""
    NO_NUMBER = "no_number"
    NO_MINUTES = "no_minutes"
    FORWARDED = "forwarded"
    """Every number rings somewhere else first."""
    ANSWERED = "answered"


class Step(StrEnum):
    """Something to do before going live."""

    NUMBER = "number"
    ASSISTANT = "assistant"
    HOURS = "hours"
    GREETING = "greeting"
    KNOWLEDGE = "knowledge"
    MINUTES = "minutes"
    CONTACTS = "contacts"
    RULES = "rules"
    TEST_CALL = "test_call"


OPTIONAL = frozenset({Step.GREETING, Step.CONTACTS, Step.RULES})
"""What works without being done: there is a greeting, and calls that no rule takes are answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A number and the assistant that answers on it; None: nobody of a business, the house's receptionist else."""

    number: PhoneNumber
    assistant: Assistant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """How things stand. `is_open` None: nobody said when. `steps` are in the order in which one does them."""

    standing: Standing
    lines: tuple[Line, ...]
    assistant: Assistant | None
    is_open: bool | None
    steps: Mapping[Step, bool]

    @property
    def is_ready(self) -> bool:
        """Whether all that is needed is done."""
        return all(done for step, done in self.steps.items() if step not in OPTIONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """The inbound calls of a day, the newest ones, and how many there were. `missed`: nobody talked with them."""

    calls: Sequence[Call]
    total: int
    live: int
    missed: int


async def read_readiness(work: UnitOfWork, *, at: dt.datetime, has_minutes: bool = True) -> Readiness:
    """How the unit's organization stands `at` (aware). `has_minutes`: whether its plan lets a call begin."""
    organization = await assistants.organization(work)
    is_business = organization.kind == OrganizationKind.BUSINESS
    rows = {row.id: row for row in await assistants.all_of(work)} if is_business else {}
    primary = rows.get(organization.primary_assistant_id or "")
    lines = tuple(
        Line(number=number, assistant=rows.get(number.assistant_id or "", primary))
        for number in await numbers.list_live(work)
        if not number.is_own and number.status == NumberStatus.ACTIVE
    )
    steps = (
        await _steps_of_business(work, organization, primary, has_lines=bool(lines), has_minutes=has_minutes)
        if is_business
        else await _steps_of_person(work, has_lines=bool(lines))
    )
    return Readiness(
        standing=_standing(organization, lines, primary, has_minutes=has_minutes or not is_business),
        lines=lines,
        assistant=primary,
        is_open=facts_of(organization).is_open(at) if is_business else None,
        steps=steps,
    )


async def lacks_assistant(work: UnitOfWork) -> bool:
    """Whether the unit's organization is a business without an assistant: even calls in the browser fail."""
    organization = await assistants.organization(work)
    if organization.kind != OrganizationKind.BUSINESS:
        return False
    primary = organization.primary_assistant_id
    return primary is None or await assistants.find(work, primary) is None


async def read_today(work: UnitOfWork, *, since: dt.datetime, limit: int) -> Today:
    """The inbound calls since then (aware), at most `limit` of them as rows."""
    ours = (Call.direction == "inbound", Call.created_at >= since)
    newest = sa.select(Call).where(*ours).order_by(Call.created_at.desc(), Call.id.desc()).limit(limit)
    counted = sa.select(
        sa.func.count(Call.id),
        sa.func.count(Call.id).filter(Call.status.in_(LIVE)),
        sa.func.count(Call.id).filter(Call.status == CallState.MISSED),
    ).where(*ours)
    total, live, missed = (int(value) for value in (await work.session.execute(counted)).one())
    return Today(calls=(await work.session.scalars(newest)).all(), total=total, live=live, missed=missed)


def _standing(
    organization: Organization, lines: Sequence[Line], primary: Assistant | None, *, has_minutes: bool
) -> Standing:
    if organization.status not in ANSWERED:
        return Standing.SUSPENDED
    if organization.kind == OrganizationKind.BUSINESS and primary is None:
        return Standing.NO_ASSISTANT
    if not lines:
        return Standing.NO_NUMBER
    if not has_minutes:
        return Standing.NO_MINUTES
    if all(line.number.forwarding_number for line in lines):
        return Standing.FORWARDED
    return Standing.ANSWERED


async def _steps_of_business(
    work: UnitOfWork, organization: Organization, primary: Assistant | None, *, has_lines: bool, has_minutes: bool
) -> dict[Step, bool]:
    knows = primary is not None and await knowledge.count_sections(work, primary.id) > 0
    return {
        Step.ASSISTANT: primary is not None,
        Step.HOURS: organization.business_hours is not None,
        Step.KNOWLEDGE: knows,
        Step.GREETING: primary is not None and primary.first_message is not None,
        Step.TEST_CALL: await _has(work, sa.select(Call.id).where(Call.channel == Channel.BROWSER)),
        Step.NUMBER: has_lines,
        Step.MINUTES: has_minutes,
    }


async def _steps_of_person(work: UnitOfWork, *, has_lines: bool) -> dict[Step, bool]:
    return {
        Step.TEST_CALL: await _has(work, sa.select(Call.id).where(Call.channel == Channel.BROWSER)),
        Step.NUMBER: has_lines,
        Step.CONTACTS: await _has(work, sa.select(Contact.id)),
        Step.RULES: await _has(work, sa.select(RoutingRule.id)),
    }


async def _has(work: UnitOfWork, rows: sa.Select[str]) -> bool:
    return await work.session.scalar(rows.limit(1)) is not None
