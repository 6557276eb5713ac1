"""What is noted when an inbound call has ended: a summary, what it was about, and what is to be done."""

from typing import Any

from voice_engine.domains.calls.models import Call
from voice_engine.domains.calls.reporting import Ending
from voice_engine.domains.calls.repository import calls as call_rows
from voice_engine.domains.calls.states import CallState, EndedReason
from voice_engine.domains.inbound.models import ActionItem
from voice_engine.domains.inbound.repository import calls
from voice_engine.store.uow import UnitOfWork

MOST_ITEMS = 20
PENDING = "pending"


async def note_end(work: UnitOfWork, call: Call, ending: Ending) -> None:
    """Follow the end of an inbound call, in its transaction: once, since a call ends once."""
    if call.direction != "inbound":
        return
    outcome = dict(ending.outcome or {})
    summary = " ".join(ending.highlights) or None
    await call_rows.change(work, call.id, when=(CallState(ending.status),), summary=summary)
    about: dict[str, Any] = {"intent": intent_of(ending, outcome)}
    if outcome.get("transferred_to"):
        about["transferred_to"] = _target(call, str(outcome["transferred_to"]))
        await call_rows.change(work, call.id, when=(CallState(ending.status),), handled_by="transfer")
    await calls.change(work, call.id, **about)
    items = [
        ActionItem(
            organization_id=call.organization_id,
            call_id=call.id,
            position=position,
            description=text,
            status=PENDING,
            due_date=None,
            updated_at=ending.at,
        )
        for position, text in enumerate(to_do(ending))
    ]
    await calls.add_action_items(work, items)


def to_do(ending: Ending) -> tuple[str, ...]:
    """The follow-ups, in a fixed order: what the engine asks for (calls to return, messages, gaps in knowledge),
    then the booking that wants to be kept."""
    steps = tuple(ending.next_steps)
    if ending.agreed is not None and ending.task_outcome == "achieved":
        steps += tuple(line for line in ending.highlights if line not in steps)[:1]
    return steps[:MOST_ITEMS]


def intent_of(ending: Ending, outcome: dict[str, Any]) -> str | None:
    """What the call was about, in one word; None: nobody can tell."""
    if ending.reason is EndedReason.REJECTED and outcome:
        return "sales"
    if ending.reason is EndedReason.WRONG_NUMBER:
        return "wrong_number"
    if ending.agreed is not None or ending.task_outcome is not None:
        return "booking"
    if outcome.get("message"):
        return "leave_message"
    if outcome.get("transferred_to") or ending.reason is EndedReason.TRANSFERRED:
        return "speak_to_someone"
    return "question" if outcome.get("citations") else None


def _target(call: Call, target: str) -> str | None:
    """The number behind a transfer target's id, as the engine was told it; an owner's order names the number."""
    if target.startswith("+"):
        return target
    assistant = (call.spec or {}).get("assistant") or {}
    number = (assistant.get("transfer_targets") or {}).get(target)
    return str(number) if number else None
