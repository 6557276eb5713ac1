"""The operations on live inbound calls, and the deletion of records."""

from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from voice_engine.rest.security import Caller
from voice_engine.rest.v1.inbound.control_schemas import (
    ControlOut,
    DeletedOut,
    DeleteIn,
    RejectIn,
    TakeoverIn,
    TransferIn,
    control_out,
    deleted_out,
    victims,
)
from voice_engine.rest.v1.inbound.reach import surface_of
from voice_engine.rest.v1.router import operation, v1_router

router = v1_router("Inbound")


@router.post("/v1/inbound/calls/{call_id}/transfer", openapi_extra=operation("calls:write"))
async def transfer_inbound_call(call_id: str, body: TransferIn, caller: Caller, request: Request) -> ControlOut:
    """Connect the caller to another number."""
    control = surface_of(request).domain.control
    done = await control.transfer(
        caller.organization_id, caller.user_id, call_id, body.target_number, announce=body.announce
    )
    return control_out(done, "Call transferred.")


@router.post("/v1/inbound/calls/{call_id}/takeover", openapi_extra=operation("calls:write"))
async def takeover_inbound_call(
    call_id: str, caller: Caller, request: Request, body: TakeoverIn | None = None
) -> ControlOut:
    """Ring a phone of yours and put it through to the caller."""
    control, number = surface_of(request).domain.control, None if body is None else body.target_number
    done = await control.takeover(caller.organization_id, caller.user_id, call_id, number)
    return control_out(done, "You are on the call.")


@router.post("/v1/inbound/calls/{call_id}/reject", openapi_extra=operation("calls:write"))
async def reject_inbound_call(call_id: str, body: RejectIn, caller: Caller, request: Request) -> ControlOut:
    """End the call, with a goodbye once somebody talks."""
    control = surface_of(request).domain.control
    done = await control.reject(caller.organization_id, caller.user_id, call_id, body.reason)
    over = done.record.call.ended_at is not None
    return control_out(done, "Call rejected." if over else "The assistant is saying goodbye.")


@router.delete("/v1/inbound/calls", openapi_extra=operation("calls:write"))
async def delete_inbound_calls(
    *,
    caller: Caller,
    request: Request,
    body: DeleteIn | None = None,
    call_ids: Annotated[str | None, Query()] = None,
    before: Annotated[str | None, Query()] = None,
    status: Annotated[str | None, Query()] = None,
    all_: Annotated[str | None, Query(alias="all")] = None,
) -> DeletedOut:
    """Delete the records that meet every selector, with all that belongs to them. Live calls stay."""
    asked = {"call_ids": call_ids, "before": before, "status": status, "all": all_}
    chosen = _chosen(body, {key: value for key, value in asked.items() if value is not None})
    forgetting = surface_of(request).domain.forgetting
    return deleted_out(await forgetting.forget(caller.organization_id, victims(chosen), actor=caller.user_id))


def _chosen(body: DeleteIn | None, query: dict[str, str]) -> DeleteIn:
    """Both places together; where both name the same, the body counts.

    Raises:
        RequestValidationError: the query is not of the body's form.
    """
    values: dict[str, Any] = dict(query)
    if "call_ids" in query:
        values["call_ids"] = [part.strip() for part in query["call_ids"].split(",") if part.strip()]
    if "all" in query:
        values["all"] = {"true": True, "false": False}.get(query["all"].lower(), query["all"])
    try:
        return DeleteIn(**{**values, **({} if body is None else body.model_dump(exclude_unset=True))})
    except ValidationError as error:
        faults = [{**fault, "loc": ("query", *fault["loc"])} for fault in error.errors()]
        raise RequestValidationError(faults) from error
