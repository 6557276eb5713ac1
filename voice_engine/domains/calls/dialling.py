"""Dialling: from the queue to the carrier, never twice.

```
claim (unit) ─▶ attempt PLACING ─▶ carrier is asked ─▶ PLACED                 it rings; callbacks tell the rest
                     │                   ├─ refused ─▶ REFUSED                back into the queue, or failed
                     └─ crash ─┐         └─ answer lost ─▶ UNKNOWN
                               └────────────────────────────▶ look for it ─▶ PLACED (found) or LOST ─▶ dial anew
```
The attempt's row is kept before the carrier is asked, and its id is in the callback URLs: whatever got lost, the
call is found by its numbers (`finding.py`), or names itself when it is answered. What nobody finds after the last
look was never placed.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from voice_engine.domains.calls import reporting, words
from voice_engine.domains.calls.checks import Checks
from voice_engine.domains.calls.dials import UNDIALLED, take_sid
from voice_engine.domains.calls.ending import Endings
from voice_engine.domains.calls.media import has_place
from voice_engine.domains.calls.models import Call, CallAttempt
from voice_engine.domains.calls.opening import open_call
from voice_engine.domains.calls.reporting import Ending
from voice_engine.domains.calls.repository import attempts, calls
from voice_engine.domains.calls.repository.journal import Happening
from voice_engine.domains.calls.settings import CallSettings
from voice_engine.domains.calls.states import LIVE, WAITING, AttemptState, CallState, EndedReason
from voice_engine.errors import InvalidInput, NotAllowed, UpstreamFailed
from voice_engine.ports.jobs import Attempt
from voice_engine.ports.telephony import (
    OUTCOME_UNKNOWN,
    CallStatus,
    CallTelephony,
    DialOrder,
    MachineDetection,
    PlacedCall,
)
from voice_engine.store.engine import Store
from voice_engine.store.outbox import Job, enqueue
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork

MOST_TURNS = 20
"""Organizations that one job asks for a call to dial; each time somebody else was faster or theirs was refused."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dial:
    """A claimed call on its way to the carrier. `again`: the job ran before, and what it did is not known."""

    call_id: str
    attempt_id: str
    order: DialOrder
    again: bool


class Dialler:
    """`JobHandler` of `call.dial`: dials the call whose turn it is. `now` is the wall clock, in UTC.

    The payload's `call_id` has become due; whose turn it is in its organization is another matter. Without one, any
    organization's is.
    """

    def __init__(
        self,
        store: Store,
        telephony: CallTelephony,
        checks: Checks,
        endings: Endings,
        settings: CallSettings,
        *,
        now: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._telephony = telephony
        self._checks = checks
        self._endings = endings
        self._settings = settings
        self._now = now

    async def run(self, payload: Mapping[str, Any], attempt: Attempt) -> None:
        """Claim one call and place it."""
        dial = await self._claim(payload.get("call_id"), attempt.job_id)
        if dial is None:
            return
        if dial.again:
            await self._note_unknown(dial)
            return
        try:
            placed = await self._telephony.place_call(dial.order)
        except UpstreamFailed as error:
            await self._not_placed(dial, error)
        else:
            await self._placed(dial, placed)

    async def _claim(self, call_id: str | None, job_id: str) -> _Dial | None:
        """Take the call whose turn it is, if a line is free and somebody will be there when it is answered."""
        for _ in range(MOST_TURNS):
            async with self._store.system("lines are shared by all organizations", writes=False) as work:
                begun = await attempts.find_by_job(work, job_id)
                organization_id = await self._whose_turn(work, call_id)
            if begun is not None:
                return self._dial(begun, again=True) if begun.state == AttemptState.PLACING else None
            if organization_id is None:
                return None
            async with self._store.begin(organization_id) as work:
                attempt = await self._claim_in(work, call_id, job_id)
            if attempt is not None:
                return self._dial(attempt, again=False)
            if call_id is not None:
                return None
        return None

    async def _whose_turn(self, work: UnitOfWork, call_id: str | None) -> str | None:
        """The organization whose queue is next: that of the call, or of whoever waits longest and has a line.

        None: nobody's, or nobody would be there to talk.
        """
        if call_id is not None:
            return await calls.find_organization_id(work, call_id)
        if not await has_place(work, self._settings, self._now()):
            return None
        most = self._settings.lines_per_organization
        found = await calls.find_next_with_line(work, per_organization=most, now=self._now())
        return None if found is None else found.organization_id

    async def _claim_in(self, work: UnitOfWork, call_id: str | None, job_id: str) -> CallAttempt | None:
        """Take the organization's next call. Those that may not be dialled now leave the queue on the way."""
        await calls.hold_lines(work)
        if call_id is not None:
            await self._make_due(work, call_id)
        everything, own = await calls.count_lines(work)
        if everything >= self._settings.lines or own >= self._settings.lines_per_organization:
            return None
        if not await has_place(work, self._settings, self._now()):
            return None
        while (call := await calls.find_next_waiting(work, now=self._now())) is not None:
            if await self._may_dial(work, call):
                if call_id is None:  # places come in numbers, and one job dials one call
                    await enqueue(work, words.next_in_queue())
                return await self._begin(work, call, job_id)
        return None

    async def _make_due(self, work: UnitOfWork, call_id: str) -> None:
        """Put a scheduled call whose time has come into the queue."""
        now = self._now()
        call = await calls.find_call(work, call_id)
        if call is None or call.status != CallState.SCHEDULED:
            return
        if call.scheduled_for is None or call.scheduled_for <= now:
            await calls.change(
                work, call_id, when=(CallState.SCHEDULED,), status=CallState.QUEUED, queued_at=call.queued_at or now
            )

    async def _may_dial(self, work: UnitOfWork, call: Call) -> bool:
        """Check the call anew; one that may not be dialled now leaves the queue, one way or another."""
        later = await self._checks.may_dial_at(work, call, self._now())
        if later is not None:
            moved = {"status": CallState.SCHEDULED, "scheduled_for": later, "queued_at": None}
            await calls.change(work, call.id, when=(CallState.QUEUED,), **moved)
            await enqueue(work, Job(kind=words.DIAL, payload={"call_id": call.id}, due_at=later))
            payload = {"scheduled_at": later.isoformat()}
            await self._endings.tell(work, call, Happening(type="call.scheduled", at=self._now(), payload=payload))
            return False
        try:
            await self._checks.check_dial(work, call)
        except (InvalidInput, NotAllowed) as refusal:
            ending = Ending(
                status=CallState.FAILED,
                reason=EndedReason.NOT_ALLOWED,
                at=self._now(),
                highlights=(refusal.message,),
                outcome={"refused": refusal.code},
            )
            await self._endings.end(work, call, ending, when=WAITING)
            return False
        return True

    async def _begin(self, work: UnitOfWork, call: Call, job_id: str) -> CallAttempt:
        """Compare-and-set the call into progress and write the dial down, before the carrier hears of it."""
        now, number = self._now(), call.attempts + 1
        claimed = await calls.change(
            work,
            call.id,
            when=(CallState.QUEUED,),
            status=CallState.IN_PROGRESS,
            started_at=now,
            attempts=number,
            provider_sid=None,
        )
        assert claimed, "the row is locked"
        assert call.to_number is not None and call.from_number is not None, "an outbound call has both numbers"
        attempt = CallAttempt(
            id=new_id(),
            organization_id=call.organization_id,
            call_id=call.id,
            number=number,
            job_id=job_id,
            state=AttemptState.PLACING,
            to_number=call.to_number,
            from_number=call.from_number,
            created_at=now,
        )
        await attempts.add(work, attempt)
        payload = {"attempt": number}
        await self._endings.tell(work, call, Happening(type="call.dialling", at=now, payload=payload))
        return attempt

    def _dial(self, attempt: CallAttempt, *, again: bool) -> _Dial:
        settings, call_id, attempt_id = self._settings, attempt.call_id, attempt.id
        detects = settings.detect_machines
        order = DialOrder(
            to=attempt.to_number,
            from_number=attempt.from_number,
            answer_url=settings.url("voice", call_id, attempt_id),
            status_url=settings.url("status", call_id, attempt_id),
            amd=MachineDetection.ASYNC if detects else MachineDetection.OFF,
            amd_url=settings.url("amd", call_id, attempt_id) if detects else None,
            ring_timeout_s=settings.ring_timeout_s,
            time_limit_s=settings.longest_leg_s,
        )
        return _Dial(call_id=call_id, attempt_id=attempt_id, order=order, again=again)

    async def _placed(self, dial: _Dial, placed: PlacedCall) -> None:
        async with open_call(self._store, dial.call_id) as opened:
            if opened is None:
                return
            work, call = opened
            attempt = await attempts.find(work, dial.attempt_id)
            assert attempt is not None, "attempts are not deleted before their call"
            await take_sid(work, call, attempt, placed.call_sid, now=self._now())

    async def _not_placed(self, dial: _Dial, error: UpstreamFailed) -> None:
        _log.warning("call.not_placed", call_id=dial.call_id, code=error.code, retryable=error.retryable)
        if error.code == OUTCOME_UNKNOWN:
            await self._note_unknown(dial)
            return
        async with open_call(self._store, dial.call_id) as opened:
            if opened is None:
                return
            work, call = opened
            refused = {"state": AttemptState.REFUSED, "error": error.code[:64], "ended_at": self._now()}
            if await attempts.change(work, dial.attempt_id, when=UNDIALLED, **refused):
                await self.dial_again(work, call, retryable=error.retryable)

    async def _note_unknown(self, dial: _Dial) -> None:
        async with open_call(self._store, dial.call_id) as opened:
            if opened is None:
                return
            work, _call = opened
            unknown = {"state": AttemptState.UNKNOWN, "error": OUTCOME_UNKNOWN}
            if await attempts.change(work, dial.attempt_id, when=UNDIALLED, **unknown):
                await enqueue(work, self.look(dial.attempt_id, dial.call_id, number=0))

    async def dial_again(self, work: UnitOfWork, call: Call, *, retryable: bool) -> None:
        """The carrier has no such call: back into the queue after a pause, or failed when that was the last try."""
        now, pauses = self._now(), self._settings.redial_after_s
        if call.status not in LIVE:
            return
        if not retryable or call.attempts > len(pauses) or call.stop_requested_at is not None:
            await self._endings.end(work, call, reporting.unconnected(call, CallStatus.FAILED, at=now))
            return
        due = now + dt.timedelta(seconds=pauses[call.attempts - 1])
        waiting = {"status": CallState.QUEUED, "scheduled_for": due, "started_at": None, "provider_sid": None}
        await calls.change(work, call.id, when=LIVE, **waiting)
        await enqueue(work, Job(kind=words.DIAL, payload={"call_id": call.id}, due_at=due))
        await enqueue(work, words.next_in_queue())
        await self._endings.tell(work, call, Happening(type="call.queued", at=now))

    def look(self, attempt_id: str, call_id: str, *, number: int, again: int | None = None) -> Job:
        """The job that looks for a dial whose answer got lost: the `number`th look, from 0.

        `again` names a later search for the same dial, whose looks are others than those of the first.
        """
        due = self._now() + dt.timedelta(seconds=self._settings.look_after_s[number])
        payload = {"attempt_id": attempt_id, "call_id": call_id, "look": number, "again": again}
        key = f"look:{attempt_id}:{number}" + ("" if again is None else f":{again}")
        return Job(kind=words.LOOK_FOR, payload=payload, key=key, due_at=due)
