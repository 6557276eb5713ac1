"""Outbound calls whose other party is a browser: "you are the restaurant". A row like any other, without a dial.

```
asked for ─▶ in_progress, its stream expected ──stream──▶ answered ─▶ an end, as on the telephone
                     └─ no stream in time ─▶ no_answer (`call.expire`), the hold let go
```
The job outlives the process that expects the stream; should it be lost too, the reaper ends the call soon after.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from voice_engine.domains.calls import words
from voice_engine.domains.calls.asking import NewCall
from voice_engine.domains.calls.checks import BrowserPlan, Checks
from voice_engine.domains.calls.composing import outbound_spec, snapshot, write_task
from voice_engine.domains.calls.ending import Endings
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.opening import open_call
from voice_engine.domains.calls.reporting import unconnected
from voice_engine.domains.calls.repository import calls
from voice_engine.domains.calls.repository.browsers import list_waiting
from voice_engine.domains.calls.repository.journal import Happening
from voice_engine.domains.calls.service import CallService
from voice_engine.domains.calls.states import LIVE, CallState, Channel, Product
from voice_engine.domains.minutes.metering import CallMeter
from voice_engine.ports.call import CallSpec
from voice_engine.ports.jobs import Attempt
from voice_engine.ports.telephony import CallStatus
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job, enqueue
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

STREAM_DUE = dt.timedelta(seconds=75)
"""How long a call waits for its browser: a pass lives 60 s, and its stream takes a moment to be written down."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A call that waits for its browser, and what the engine is told of it."""

    call: Call
    spec: CallSpec


class RespondentCalls:
    """Calls to a browser. Methods run inside the organization's unit of work. `now` is the wall clock, in UTC."""

    def __init__(
        self,
        service: CallService,
        meter: CallMeter,
        endings: Endings,
        *,
        checks: Checks,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._service = service
        self._meter = meter
        self._endings = endings
        self._checks = checks
        self._now = now

    async def open(self, work: UnitOfWork, user_id: str, new: NewCall) -> Opened:
        """Check a request, hold what it may cost, and wait for the browser; after a refusal nothing stays.

        The number of the submission is not looked at, nor are its date of dialling, key and goal.

        Raises:
            InvalidInput: `unsupported_language`, `scheduling_violation`, `safety_violation`.
            QuotaExceeded: `quota_exceeded`, `minutes_exhausted`.
        """
        now = self._now()
        plan = await self._checks.plan_browser(work, new, now=now)
        await make_way(work, self._endings, user_id, at=now)
        call = await calls.add_call(work, await self._row(work, user_id, new, plan, now))
        spec = outbound_spec(call, answered_at=now)
        await calls.change(work, call.id, when=LIVE, spec=snapshot(spec))
        await self._endings.tell(work, call, Happening(type="call.ringing", at=now))
        await expire_later(work, call.id, at=now)
        return Opened(call=call, spec=spec)

    async def _row(self, work: UnitOfWork, user_id: str, new: NewCall, plan: BrowserPlan, now: dt.datetime) -> Call:
        call_id, submission = new_id(), plan.submission
        whom = submission.business_name or "a browser"
        hold = await self._meter.reserve(work, call_id, description=f"Browser call to {whom}"[:200])
        return Call(
            id=call_id,
            organization_id=work.organization_id,
            user_id=user_id,
            product=Product.KALLY,
            direction="outbound",
            channel=Channel.BROWSER,
            from_number=await self._service.caller_id(work),
            status=CallState.IN_PROGRESS,
            created_at=now,
            started_at=now,
            attempts=1,
            timezone=plan.zone.key,
            zone_given=plan.zone_given,
            language=submission.call_language or submission.language,
            app_language=submission.language,
            session_id=new.session_id,
            task=write_task(submission),
            record=self._service.settings.record,
            max_seconds=hold.max_seconds,
        )


class Expire:
    """`JobHandler` of `call.expire`: ends a call whose browser never came."""

    def __init__(self, store: Store, endings: Endings, *, now: Callable[[], dt.datetime]) -> None:
        self._store = store
        self._endings = endings
        self._now = now

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """End it, unless it was answered or has ended."""
        async with open_call(self._store, str(payload["call_id"])) as opened:
            if opened is None or opened[1].answered_at is not None:
                return
            work, call = opened
            if await self._endings.end(
                work, call, unconnected(call, CallStatus.NO_ANSWER, at=self._now()), when=LIVE
            ):
                _log.info("call.expired", call_id=call.id)


async def make_way(work: UnitOfWork, endings: Endings, user_id: str, *, at: dt.datetime) -> None:
    """End the calls that still wait for this person's browser: it asks for another, which needs what they hold."""
    for call in await list_waiting(work, user_id):
        await endings.end(work, call, unconnected(call, CallStatus.NO_ANSWER, at=at), when=LIVE)


async def expire_later(work: UnitOfWork, call_id: str, *, at: dt.datetime) -> None:
    """Have a call that begins `at` end by itself when its browser does not come."""
    await enqueue(work, Job(kind=words.EXPIRE, payload={"call_id": call_id}, due_at=at + STREAM_DUE))
