"""Calls that a business has its assistant make: asked for, and found again by their ids in the engine."""

import datetime as dt
from collections.abc import Callable

from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.answering.service import Answering
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.assistants.naming import spoken_name
from voice_engine.domains.calls.checks import AssistantPlan, Checks
from voice_engine.domains.calls.repository import calls
from voice_engine.domains.calls.service import AssistantCall, CallService, Created
from voice_engine.domains.inbound.composing import as_language
from voice_engine.domains.minutes.metering import Quote
from voice_engine.domains.numbers.repository import numbers
from voice_engine.errors import Conflict, InvalidInput, NotFound
from voice_engine.ports.call import Category, Submission
from voice_engine.store.idempotency import KeyedRequest, attach, claim
from voice_engine.store.uow import UnitOfWork


class AssistantCalls:
    """Methods run inside the organization's unit of work. `now` is the wall clock, in UTC."""

    def __init__(
        self, service: CallService, checks: Checks, answering: Answering, *, now: Callable[[], dt.datetime]
    ) -> None:
        self._service = service
        self._checks = checks
        self._answering = answering
        self._now = now

    async def start(self, work: UnitOfWork, user_id: str, raw: str, *, key: KeyedRequest | None = None) -> Created:
        """Have the primary assistant call this number, from the organization's own.

        Nobody is dialled outside the callee's calling hours: then the call is scheduled.

        Args:
            key: names the request, so that its repetition gets the same call.

        Raises:
            InvalidInput: `number_not_callable`, `emergency_number`, `toll_number`.
            NotAllowed: `unsupported_country`, `country_restriction`, `blocked_number`, `suppression_violation`.
            NotFound: `no_active_assistant`.
            Conflict: `no_phone_number`.
            QuotaExceeded: `minutes_exhausted`.
        """
        if key is not None:
            earlier = await claim(work, key, now=self._now())
            known = None if earlier is None else await calls.find_call(work, earlier.resource_id or "")
            if known is not None:
                return Created(call=known, repeated=True)
        plan = await self.plan(work, raw)
        assistant, shown = await self.who_calls(work, plan.organization)
        new = AssistantCall(assistant_id=assistant.id, caller_id=shown, task=_task(assistant, plan))
        call = await self._service.create_for_assistant(work, user_id, new, plan)
        if key is not None:
            await attach(work, key, resource_id=call.id)
        return Created(call=call, repeated=False)

    async def who_calls(self, work: UnitOfWork, organization: Organization) -> tuple[Assistant, str]:
        """The assistant that calls, and the number that it shows. Raises as `start`."""
        assistant = await self._answering.choose(work, organization)
        if assistant is None:
            raise NotFound("no_active_assistant", "there is no assistant yet: create one with POST /api/assistants")
        shown = await numbers.find_shown(work)
        if shown is None:
            raise Conflict("no_phone_number", "get a number to call from first: POST /api/phone-numbers")
        return assistant, shown.e164

    async def quote(self, work: UnitOfWork, seconds: int) -> Quote:
        """What a call of so many seconds would take."""
        return await self._service.meter.quote(work, seconds)

    async def plan(self, work: UnitOfWork, raw: str) -> AssistantPlan:
        """Judge the number, and when it may be called. Raises as `start`."""
        plan = await self._checks.plan_assistant(work, raw, now=self._now())
        own = await numbers.find_own(work, plan.number.e164)
        if own is not None and not own.is_own:
            raise InvalidInput("number_not_callable", "this is your own number: the assistant would call itself")
        return plan


def _task(assistant: Assistant, plan: AssistantPlan) -> Submission:
    """What the call is, as lists of either surface show it."""
    name, business = spoken_name(assistant), plan.organization.name
    return Submission(
        task_category=Category.GENERAL,
        task_description=f"A call by {name}, the assistant of {business}.",
        respondent_phone=plan.number.e164,
        user_name=business,
        language=as_language(assistant.language) or "en",
    )
