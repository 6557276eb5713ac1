"""The one place where a call ends: state, transcript, bill, events and what follows, in one transaction, once."""

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from voice_engine.domains.calls import words
from voice_engine.domains.calls.listing.index import index_calls
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.reporting import Ending, transcript_rows, unconnected
from voice_engine.domains.calls.repository import attempts, calls, commands, journal
from voice_engine.domains.calls.repository.journal import Happening
from voice_engine.domains.calls.states import ENDS, LIVE, WAITING, AttemptState, CallState, EndedReason
from voice_engine.domains.minutes.metering import CallEnd, CallMeter
from voice_engine.domains.safety import service as safety
from voice_engine.ports.telephony import CallStatus
from voice_engine.store.outbox import Job, enqueue
from voice_engine.store.uow import UnitOfWork

FREE = Decimal("0.00")
NOT_OVER = (*WAITING, *LIVE)

ASK_AFTER = dt.timedelta(seconds=5)
"""How long after the end of a call that nobody measured the carrier is asked for its length."""

LEG_DOWN = dt.timedelta(seconds=15)
"""How long after the engine's own end the carrier's leg may take to go down by itself."""

FollowEnd = Callable[[UnitOfWork, Call, Ending], Awaitable[None]]
Listen = Callable[[UnitOfWork, Call, Sequence[Happening]], Awaitable[None]]


class Endings:
    """Ends calls, and tells whoever waits."""

    def __init__(self, meter: CallMeter) -> None:
        self._meter = meter
        self._followers: list[FollowEnd] = []
        self._listeners: list[Listen] = []

    def follow(self, follower: FollowEnd) -> None:
        """Have `follower` write what else an end means, in the same transaction."""
        self._followers.append(follower)

    def listen(self, listener: Listen) -> None:
        """Have `listener` write what else a call's events mean, in the same transaction."""
        self._listeners.append(listener)

    async def end(
        self, work: UnitOfWork, call: Call, ending: Ending, *, when: Sequence[CallState] = NOT_OVER
    ) -> bool:
        """End a call that stands in one of these states; False when it does not, and nothing is changed then."""
        had_line = call.status in LIVE
        if not await self._take_end(work, call, ending, when):
            return False
        charged = FREE if ending.awaits_report else await self._write_up(work, call, ending)
        await commands.close_all(work, call.id, now=ending.at)
        await self._heed_wish(work, call, ending)
        await self.tell(work, call, _ended(ending, charged))
        if not ending.awaits_report:
            await self._keep_recording(work, call, ending)
            await self._free_leg(work, call, ending)
            for follow in self._followers:
                await follow(work, call, ending)
        await index_calls(work, [call.id])
        if had_line:
            await enqueue(work, words.next_in_queue())
        return True

    async def supplement(self, work: UnitOfWork, call: Call, ending: Ending) -> bool:
        """Add its report to a call that ended awaiting one (`call` is locked); False when it has its report.

        False also of a call that was emptied: what the report says of its length counts, of its words nothing is
        kept or told.
        """
        if call.status not in ENDS or call.outcome is not None:
            return False
        assert ending.outcome is not None, "a report is told from none by its outcome"
        if call.emptied_at is not None:
            await self._settle(work, call, ending)
            return False
        await calls.change(work, call.id, when=ENDS, **_columns(ending))
        await self._write_up(work, call, ending)
        await self._heed_wish(work, call, ending)
        await self._keep_recording(work, call, ending)
        for follow in self._followers:
            await follow(work, call, ending)
        await index_calls(work, [call.id])
        self.wake(work, call)
        return True

    async def report_late(self, work: UnitOfWork, call: Call, ending: Ending) -> None:
        """Hear what a call came to that had been ended without its report (`call` is locked).

        The end stays what everybody was told, and so does its bill; what was said, agreed and wished is kept. Of a
        call that has its report already, or was emptied since, only a length that nobody measured is of use.
        """
        if call.status not in ENDS:
            return
        if call.emptied_at is None and call.outcome is None:
            late = replace(
                ending,
                status=CallState(call.status),
                reason=EndedReason(call.ended_reason or ending.reason),
                at=call.ended_at or ending.at,
                duration_ms=ending.duration_ms if call.duration_ms is None else call.duration_ms,
            )
            await self.supplement(work, call, late)
        elif ending.connected_s is not None:
            await self.measure(work, call, ending.connected_s)

    async def give_up(self, work: UnitOfWork, call: Call, *, now: dt.datetime) -> None:
        """End a call whose process is gone: our fault, so nothing is charged; the carrier's leg is hung up."""
        ended = await self.end(work, call, unconnected(call, CallStatus.COMPLETED, at=now))
        if ended and call.provider_sid is not None:
            await enqueue(work, Job(kind=words.HANG_UP, payload={"call_id": call.id}))

    async def measure(self, work: UnitOfWork, call: Call, seconds: float) -> None:
        """Hear how long a call was that had ended unmeasured (`call` is locked); any other is left as it is."""
        if call.status not in ENDS or call.answered_at is None:
            return
        if await self._meter.measure(work, call.id, seconds, answered_at=call.answered_at):
            await calls.change(work, call.id, when=ENDS, duration_ms=round(seconds * 1000))
            self.wake(work, call)

    async def tell(self, work: UnitOfWork, call: Call, *happenings: Happening) -> None:
        """Write events of the call, and wake who waits for it once they are kept."""
        await journal.append(work, call, happenings)
        for listen in self._listeners:
            await listen(work, call, happenings)
        self.wake(work, call)

    def wake(self, work: UnitOfWork, call: Call) -> None:
        """Wake who waits for this call, once the transaction is kept."""
        work.wake(words.call_topic(call.id))
        work.wake(words.events_topic(call.organization_id))

    async def _take_end(self, work: UnitOfWork, call: Call, ending: Ending, when: Sequence[CallState]) -> bool:
        if not await calls.change(work, call.id, when=when, **_columns(ending)):
            return False
        dial = await attempts.find_latest(work, call.id)
        if dial is not None:
            live = (AttemptState.PLACING, AttemptState.UNKNOWN, AttemptState.PLACED, AttemptState.ANSWERED)
            await attempts.change(work, dial.id, when=live, state=AttemptState.OVER, ended_at=ending.at)
        return True

    async def _write_up(self, work: UnitOfWork, call: Call, ending: Ending) -> Decimal:
        """Write the bill and the transcript; what was charged."""
        charged = await self._settle(work, call, ending)
        await calls.change(work, call.id, when=(ending.status,), credits_used=charged)
        if ending.turns is not None:
            await journal.replace_transcript(work, call, transcript_rows(call, ending.turns))
        if ending.timeline is not None:
            await journal.keep_timeline(work, call, ending.timeline.as_json())
        return charged

    async def _settle(self, work: UnitOfWork, call: Call, ending: Ending) -> Decimal:
        """Measure the call, or let its hold go; an inbound call may have none."""
        end = CallEnd(
            call_id=call.id,
            answered_at=call.answered_at,
            ended_at=ending.at,
            reported=ending.turns is not None,
            engine_s=ending.connected_s,
            carrier_s=call.carrier_seconds,
            must_be_held=call.direction == "outbound" and not call.is_external,
            is_external=call.is_external,
        )
        charge = await self._meter.settle(work, end)
        if charge.carrier_s is not None:
            await calls.change(work, call.id, when=(ending.status,), duration_ms=charge.carrier_s * 1000)
        if charge.is_open:
            due = ending.at + ASK_AFTER
            await enqueue(work, Job(kind=words.MEASURE, payload={"call_id": call.id}, due_at=due))
        return charge.credits

    async def _free_leg(self, work: UnitOfWork, call: Call, ending: Ending) -> None:
        """See later that the carrier's leg is down too: a closed stream is no hang-up, a webhook can get lost."""
        handed_over = ending.reason is EndedReason.TRANSFERRED
        if call.direction == "inbound" or ending.turns is None or handed_over or call.provider_sid is None:
            return
        due = ending.at + LEG_DOWN
        await enqueue(work, Job(kind=words.HANG_UP, payload={"call_id": call.id}, due_at=due))

    async def _heed_wish(self, work: UnitOfWork, call: Call, ending: Ending) -> None:
        """Whoever wants no calls gets none from now on."""
        other = call.number_of_other
        if ending.opted_out and other is not None:
            await safety.suppress(work, other, now=ending.at, call_id=call.id)

    async def _keep_recording(self, work: UnitOfWork, call: Call, ending: Ending) -> None:
        if ending.recording is not None:
            await enqueue(work, words.keep_recording(call.id, ending.recording))


def _columns(ending: Ending) -> dict[str, Any]:
    return {
        "status": ending.status,
        "ended_reason": ending.reason,
        "ended_at": ending.at,
        "duration_ms": ending.duration_ms,
        "task_outcome": ending.task_outcome,
        "highlights": list(ending.highlights),
        "next_steps": list(ending.next_steps),
        "agreed": None if ending.agreed is None else dict(ending.agreed),
        "outcome": None if ending.outcome is None else dict(ending.outcome),
        "ics": ending.ics,
        "recording_ms": ending.recording_ms,
        **ending.extra,
    }


def _ended(ending: Ending, charged: Decimal) -> Happening:
    payload = {
        "status": ending.status.value,
        "ended_reason": ending.reason.value,
        "task_outcome": ending.task_outcome,
        "duration_seconds": None if ending.duration_ms is None else ending.duration_ms / 1000,
        "credits_used": float(charged),
    }
    return Happening(type="call.ended", at=ending.at, payload=payload)
