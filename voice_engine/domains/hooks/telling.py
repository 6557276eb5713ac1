"""What happens in calls, written down for the endpoints that want it: in the unit of work in which it happens.

What is rolled back was never owed to anybody; what is committed is delivered, however often that has to be tried.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from voice_engine.domains.calls.ending import Endings
from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.reporting import Ending
from voice_engine.domains.calls.repository.journal import Happening
from voice_engine.domains.hooks import repository, words
from voice_engine.domains.hooks.models import DeliveryState, HookDelivery
from voice_engine.store.outbox import Job, enqueue
from voice_engine.store.rows import new_id
from voice_engine.store.uow import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class HookEvent:
    """Something that happened. `data` is JSON-ready."""

    type: str
    at: dt.datetime
    data: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> str:
        """The message, as it is sent in every attempt."""
        told = {"type": self.type, "timestamp": self.at.isoformat().replace("+00:00", "Z"), "data": self.data}
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def follow_calls(endings: Endings) -> None:
    """Have every call's events and its end written down for whoever wants them."""
    endings.listen(tell_happenings)
    endings.follow(tell_report)


async def tell_happenings(work: UnitOfWork, call: Call, happenings: Sequence[Happening]) -> None:
    """Events of a call's journal."""
    events = [
        HookEvent(type=words.TOLD_AS[one.type], at=one.at, data={"call": about(call), **one.payload})
        for one in happenings
        if one.type in words.TOLD_AS
    ]
    await tell(work, call.organization_id, events, call_id=call.id)


async def tell_report(work: UnitOfWork, call: Call, ending: Ending) -> None:
    """What a call came to; nothing for one in which nobody talked."""
    if ending.turns is None and ending.outcome is None:
        return
    await tell(work, call.organization_id, report_of(call, ending), call_id=call.id)


async def tell(
    work: UnitOfWork, organization_id: str, events: Sequence[HookEvent], *, call_id: str | None = None
) -> None:
    """Write these events for each endpoint that wants them, and the jobs that deliver them."""
    if not events:
        return
    for endpoint in await repository.list_listening(work, organization_id, {event.type for event in events}):
        for event in events:
            if event.type in endpoint.events:
                await owe(work, organization_id, endpoint.id, event, call_id=call_id)


async def owe(
    work: UnitOfWork, organization_id: str, endpoint_id: str, event: HookEvent, *, call_id: str | None = None
) -> HookDelivery:
    """One message to one endpoint. A test is sent once, as if by hand."""
    delivery = HookDelivery(
        id=new_id(),
        organization_id=organization_id,
        endpoint_id=endpoint_id,
        call_id=call_id,
        event=event.type,
        body=event.body(),
        state=DeliveryState.PENDING,
        tries=0,
        attempts=0,
        next_at=event.at,
        created_at=event.at,
    )
    work.session.add(delivery)
    await work.session.flush()
    is_test = event.type == words.TEST
    await enqueue(work, by_hand(delivery.id) if is_test else delivery_job(delivery.id, tries=0))
    return delivery


def delivery_job(
    delivery_id: str, *, tries: int, due_at: dt.datetime | None = None, again: int | None = None
) -> Job:
    """The attempt that comes after so many tries: once, and once more by each number of `again`."""
    payload = {"delivery_id": delivery_id, "tries": tries}
    key = f"hook:{delivery_id}:{tries}" + ("" if again is None else f":{again}")
    return Job(kind=words.DELIVER, payload=payload, key=key, due_at=due_at)


def by_hand(delivery_id: str) -> Job:
    """One attempt outside the schedule, as often as it is asked for."""
    return Job(kind=words.DELIVER, payload={"delivery_id": delivery_id, "manual": True})


def about(call: Call) -> dict[str, Any]:
    """A call as it is told: which one, between whom."""
    return {
        "id": call.id,
        "direction": call.direction,
        "from": call.from_number,
        "to": call.to_number,
        "language": call.language,
        "assistant_id": call.assistant_id,
        "created_at": _instant(call.created_at),
        "answered_at": _instant(call.answered_at),
    }


def report_of(call: Call, ending: Ending) -> list[HookEvent]:
    """What a call came to, and what follows from it, as events."""
    called, outcome = about(call), dict(ending.outcome or {})
    came_to = {
        "call": called,
        "status": ending.status.value,
        "ended_reason": ending.reason.value,
        "task_outcome": ending.task_outcome,
        "highlights": list(ending.highlights),
        "next_steps": list(ending.next_steps),
        "agreed": None if ending.agreed is None else dict(ending.agreed),
    }
    events = [HookEvent(type=words.REPORTED, at=ending.at, data=came_to)]
    if ending.agreed is not None and ending.task_outcome == "achieved":
        booked = {"call": called, "agreed": dict(ending.agreed), "ics": ending.ics}
        events.append(HookEvent(type=words.BOOKED, at=ending.at, data=booked))
    if outcome.get("message"):
        events.append(
            HookEvent(type=words.MESSAGE, at=ending.at, data={"call": called, "message": outcome["message"]})
        )
    return events


def _instant(at: dt.datetime | None) -> str | None:
    return None if at is None else at.isoformat().replace("+00:00", "Z")
