"""What live control and bulk deletion look like on the wire of `/v1`."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StrictBool

from voice_engine.domains.inbound.control import Controlled
from voice_engine.domains.inbound.forgetting import Forgotten, Victims
from voice_engine.domains.inbound.selection import shown_state
from voice_engine.rest.v1.inbound.schemas import handler_of
from voice_engine.rest.wire import RequestBody, ResponseBody, Text

Id = Annotated[Text, Field(pattern=r"^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
EndState = Literal["completed", "missed", "rejected"]
MOST_IDS = 500


NOBODY = "Nobody answered there; the caller is still with the assistant."
NOT_DONE = {
    "takeover_in_progress": "Somebody is being put through already.",
    "busy": "The line there is busy; the caller is still with the assistant.",
    "cancelled": "The ringing was stopped; the caller is still with the assistant.",
    "declined": "Nobody there took the call; the caller is still with the assistant.",
    "dial_failed": "The number cannot be rung now; the caller is still with the assistant.",
}
"""Why an order was not carried out."""


class TransferIn(RequestBody):
    """Where to send the caller; a missing or odd number is judged by the service."""

    target_number: Any = None
    announce: StrictBool = True


class TakeoverIn(RequestBody):
    """Which phone to ring; without one the default forwarding target."""

    target_number: Text | None = None


class RejectIn(RequestBody):
    """Why."""

    reason: Literal["user_rejected", "spam", "busy", "blocked", "after_hours"] = "user_rejected"


class DeleteIn(RequestBody):
    """Which records to delete."""

    call_ids: Annotated[list[Id], Field(max_length=MOST_IDS)] | None = None
    before: AwareDatetime | None = None
    status: EndState | None = None
    all: StrictBool = False


class ControlOut(ResponseBody):
    """How an order went."""

    success: bool
    call_id: str
    status: str
    handled_by: str
    target_number: str | None
    message: str


class DeletedOut(ResponseBody):
    """How many records were deleted."""

    success: bool
    deleted_count: int
    skipped_active: int
    not_found: list[str]


def control_out(controlled: Controlled, message: str) -> ControlOut:
    """The wire's view of an order."""
    call = controlled.record.call
    return ControlOut(
        success=controlled.error is None,
        call_id=call.id,
        status=shown_state(call.status),
        handled_by=handler_of(call),
        target_number=controlled.target,
        message=message if controlled.error is None else NOT_DONE.get(controlled.error, NOBODY),
    )


def victims(body: DeleteIn) -> Victims:
    """The selection for the service."""
    return Victims(
        call_ids=None if body.call_ids is None else tuple(one.lower() for one in body.call_ids),
        before=body.before,
        status=body.status,
        everything=body.all,
    )


def deleted_out(forgotten: Forgotten) -> DeletedOut:
    """The wire's view of a deletion."""
    return DeletedOut(
        success=True,
        deleted_count=forgotten.deleted,
        skipped_active=forgotten.skipped_active,
        not_found=list(forgotten.not_found),
    )
