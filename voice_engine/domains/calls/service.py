"""Calls as their owner sees them: asked for, listed, read, cancelled, moved, stopped.

Every method runs inside its organization's unit of work. What must follow (the dial, the hang-up) is a job in the
outbox or a command row, written in the same transaction; waiting for it is `waiting.py`'s.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from voice_engine.domains.calls import scheduling, words
from voice_engine.domains.calls.asking import NewCall, NewDate
from voice_engine.domains.calls.checks import AssistantPlan, Checks, Plan
from voice_engine.domains.calls.composing import write_task
from voice_engine.domains.calls.ending import Endings
from voice_engine.domains.calls.models import Call, TranscriptEntry
from voice_engine.domains.calls.reporting import Ending
from voice_engine.domains.calls.repository import calls, commands, journal
from voice_engine.domains.calls.repository.journal import Happening
from voice_engine.domains.calls.settings import CallSettings
from voice_engine.domains.calls.states import LIVE, WAITING, CallState, CommandKind, EndedReason, Product
from voice_engine.domains.minutes.metering import CallMeter
from voice_engine.errors import Conflict, NotFound
from voice_engine.ports.call import Submission
from voice_engine.store.idempotency import KEPT, EarlierRequest, KeyedRequest, attach, claim
from voice_engine.store.outbox import Job, enqueue
from voice_engine.store.rows import is_id, new_id
from voice_engine.store.uow import UnitOfWork

CallerId = Callable[[UnitOfWork], Awaitable[str]]
"""The number that the organization's calls show, E.164."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistantCall:
    """A call that an assistant is to make. `caller_id` (E.164) is shown, `task` says what it is in lists."""

    assistant_id: str
    caller_id: str
    task: Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """A call that was asked for. `repeated`: an earlier request with the same key had asked for it."""

    call: Call
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of an organization's calls, newest first, and how many there are in all."""

    calls: Sequence[Call]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was said, in order. `is_final`: the call is over."""

    call: Call
    entries: Sequence[TranscriptEntry]

    @property
    def is_final(self) -> bool:
        """Whether nothing more will be said."""
        return self.call.status not in LIVE


class CallService:
    """`now` is the wall clock, in UTC."""

    def __init__(
        self,
        settings: CallSettings,
        meter: CallMeter,
        endings: Endings,
        *,
        checks: Checks,
        now: Callable[[], dt.datetime],
        caller_id: CallerId | None = None,
    ) -> None:
        self.settings = settings
        self.meter = meter
        self._endings = endings
        self.checks = checks
        self._now = now
        self.caller_id = caller_id or self._common_caller_id

    async def create(
        self,
        work: UnitOfWork,
        user_id: str,
        new: NewCall,
        *,
        key: KeyedRequest | None = None,
        kept: dt.timedelta = KEPT,
    ) -> Created:
        """Check a request, hold its credits, put it into the queue or the calendar; after a refusal nothing stays.

        Args:
            key: names the request, so that its repetition gets the same call for as long as it is `kept`.

        Raises:
            Conflict: `idempotency_conflict`.
            NotFound: `goal_not_found`.
            InvalidInput: `missing_phone_number`, `emergency_number`, `invalid_phone_number`, `toll_number`,
                `unsupported_language`, `scheduling_violation`, `safety_violation`, `consent_denied`.
            NotAllowed: `organization_suspended`, `plan_upgrade_required` (of a business), `unsupported_country`,
                `country_restriction`, `blocked_number`, `suppression_violation`.
            QuotaExceeded: `budget_approval_required`, `budget_exceeded`, `soft_cap_reached`, `quota_exceeded`,
                `minutes_exhausted`.
        """
        now = self._now()
        if key is not None:
            earlier = await claim(work, key, now=now, kept=kept)
            if earlier is not None:
                return Created(call=await self._earlier(work, earlier), repeated=True)
        plan = await self.checks.plan(work, user_id, new, now=now)
        call = await calls.add_call(work, await self._row(work, user_id, new, plan, now))
        if key is not None:
            await attach(work, key, resource_id=call.id)
        await self._put_in_line(work, call, due=plan.due, at=now)
        return Created(call=call, repeated=False)

    async def create_for_assistant(
        self, work: UnitOfWork, user_id: str, new: AssistantCall, plan: AssistantPlan
    ) -> Call:
        """Put a call that a business's assistant makes into the queue, its minutes held.

        Raises:
            QuotaExceeded: `minutes_exhausted`.
        """
        now, call_id = self._now(), new_id()
        hold = await self.meter.reserve(work, call_id, description=f"Phone call to {plan.number.e164}")
        call = Call(
            id=call_id,
            organization_id=work.organization_id,
            user_id=user_id,
            assistant_id=new.assistant_id,
            product=Product.EPOCH,
            direction="outbound",
            to_number=plan.number.e164,
            from_number=new.caller_id,
            status=CallState.QUEUED if plan.due is None else CallState.SCHEDULED,
            created_at=now,
            scheduled_for=plan.due,
            queued_at=now if plan.due is None else None,
            timezone=plan.organization.timezone,
            language=new.task.language,
            app_language=new.task.language,
            task=write_task(new.task),
            record=self.settings.record,
            max_seconds=hold.max_seconds,
        )
        await calls.add_call(work, call)
        await self._put_in_line(work, call, due=plan.due, at=now)
        return call

    async def get(self, work: UnitOfWork, call_id: str, *, lock: bool = False) -> Call:
        """An outbound call. Raises NotFound `call_not_found`, also for what is no id."""
        call = await calls.find_call(work, call_id, lock=lock) if is_id(call_id) else None
        if call is None or call.direction != "outbound":
            raise NotFound("call_not_found", "there is no such call")
        return call

    async def list_page(self, work: UnitOfWork, *, limit: int, offset: int) -> Page:
        """The organization's outbound calls, newest first."""
        rows, total = await calls.list_calls(work, direction="outbound", limit=limit, offset=offset)
        return Page(calls=rows, total=total)

    async def transcript(self, work: UnitOfWork, call_id: str) -> Transcript:
        """What was said. Raises NotFound `call_not_found`, `transcript_not_found` when nothing was."""
        call = await self.get(work, call_id)
        entries = await journal.list_transcript(work, call.id)
        if not entries:
            raise NotFound("transcript_not_found", "nothing was said in this call")
        return Transcript(call=call, entries=entries)

    async def recorded(self, work: UnitOfWork, call_id: str) -> Call:
        """The call, its recording kept. Raises NotFound `call_not_found`, `recording_not_found`."""
        call = await self.get(work, call_id)
        if call.recording_key is None or call.recording_ms is None:
            raise NotFound("recording_not_found", "there is no recording: none was made, or the callee declined it")
        return call

    async def calendar(self, work: UnitOfWork, call_id: str) -> str:
        """What was agreed, as an iCalendar file. Raises NotFound `call_not_found`, `appointment_not_found`."""
        call = await self.get(work, call_id)
        if call.ics is None:
            raise NotFound("appointment_not_found", "no appointment was agreed in this call")
        return call.ics

    async def cancel(self, work: UnitOfWork, call_id: str) -> Call:
        """Withdraw a call that was not dialled yet; its hold is released. A dial at the same moment has one winner.

        Raises:
            NotFound: `call_not_found`.
            Conflict: `call_not_cancellable`.
        """
        call = await self.get(work, call_id, lock=True)
        ending = Ending(status=CallState.CANCELLED, reason=EndedReason.CANCELLED_BY_USER, at=self._now())
        if not await self._endings.end(work, call, ending, when=WAITING):
            raise Conflict("call_not_cancellable", "the call was dialled already; stop it if it is still live")
        return await self.get(work, call_id)

    async def reschedule(self, work: UnitOfWork, call_id: str, new: NewDate) -> Call:
        """Move a call that was not dialled yet to a wall-clock time of its zone, or of the zone that `new` names.

        Raises:
            NotFound: `call_not_found`.
            Conflict: `call_not_reschedulable`.
            InvalidInput: `scheduling_violation`.
        """
        call = await self.get(work, call_id, lock=True)
        refusal = Conflict("call_not_reschedulable", "only a call that was not dialled yet can be moved")
        if call.status not in WAITING:
            raise refusal
        zone = ZoneInfo(scheduling.parse_zone(new.timezone) or call.timezone)
        day = scheduling.parse_date(new.date, field="date")
        due = scheduling.local_instant(day, scheduling.parse_time(new.time, field="time"), zone)
        now = self._now()
        scheduling.check_ahead(due, now=now, furthest=self.settings.furthest)
        moved = {"status": CallState.SCHEDULED, "scheduled_for": due, "queued_at": None}
        if not await calls.change(work, call.id, when=WAITING, **moved):
            raise refusal
        await self._put_in_line(work, call, due=due, at=now)
        return await self.get(work, call_id)

    async def stop(self, work: UnitOfWork, call_id: str, *, requested_by: str) -> Call:
        """Have a live call hung up, ringing or talking: its process is told, and the carrier by a job.

        Raises:
            NotFound: `call_not_found`.
            Conflict: `call_not_active`.
        """
        call = await self.get(work, call_id, lock=True)
        if call.status not in LIVE:
            raise Conflict("call_not_active", "the call is not live")
        if call.stop_requested_at is None:
            await self.stop_live(work, call, requested_by=requested_by)
        return call

    async def stop_live(self, work: UnitOfWork, call: Call, *, requested_by: str) -> None:
        """Have this live call, outbound or inbound, hung up now."""
        await calls.change(work, call.id, when=LIVE, stop_requested_at=self._now())
        await self.order(work, call, CommandKind.STOP, requested_by=requested_by)
        await enqueue(work, Job(kind=words.HANG_UP, payload={"call_id": call.id}))

    async def order(
        self,
        work: UnitOfWork,
        call: Call,
        kind: CommandKind,
        *,
        requested_by: str | None = None,
        arguments: dict[str, str] | None = None,
    ) -> str:
        """Tell whoever holds the call live to do something; the command's id. `arguments` are configured values."""
        command_id = await commands.add(
            work, call, kind, arguments=arguments or {}, requested_by=requested_by, now=self._now()
        )
        work.wake(words.ORDERS_TOPIC)
        return command_id

    async def _earlier(self, work: UnitOfWork, earlier: EarlierRequest) -> Call:
        """The call that a key stands for."""
        assert earlier.resource_id is not None, "a key and its call are written together"
        call = await calls.find_call(work, earlier.resource_id)
        if call is None:
            raise Conflict("idempotency_conflict", "the call of this Idempotency-Key was deleted; send a new key")
        return call

    async def _row(self, work: UnitOfWork, user_id: str, new: NewCall, plan: Plan, now: dt.datetime) -> Call:
        """The call's row, its credits held."""
        call_id, submission = new_id(), plan.submission
        whom = submission.business_name or plan.number.e164
        goal_id = None if new.goal_id is None else str(new.goal_id)
        hold = await self.meter.reserve(work, call_id, description=f"Phone call to {whom}", goal_id=goal_id)
        return Call(
            id=call_id,
            organization_id=work.organization_id,
            user_id=user_id,
            product=Product.KALLY,
            direction="outbound",
            to_number=plan.number.e164,
            from_number=await self.caller_id(work),
            status=CallState.QUEUED if plan.due is None else CallState.SCHEDULED,
            created_at=now,
            scheduled_for=plan.due,
            queued_at=now if plan.due is None else None,
            is_urgent=submission.is_urgent,
            timezone=plan.zone.key,
            zone_given=plan.zone_given,
            language=submission.call_language or submission.language,
            app_language=submission.language,
            session_id=new.session_id,
            goal_id=goal_id,
            task=write_task(submission),
            record=self.settings.record,
            max_seconds=hold.max_seconds,
        )

    async def _put_in_line(self, work: UnitOfWork, call: Call, *, due: dt.datetime | None, at: dt.datetime) -> None:
        """Have the call dialled when it is due, and say so."""
        await enqueue(work, Job(kind=words.DIAL, payload={"call_id": call.id}, due_at=due))
        kind = "call.queued" if due is None else "call.scheduled"
        payload = {} if due is None else {"scheduled_at": due.isoformat()}
        await self._endings.tell(work, call, Happening(type=kind, at=at, payload=payload))

    async def _common_caller_id(self, _work: UnitOfWork) -> str:
        return self.settings.caller_id
