"""A call in a list, the same wherever one is shown."""

from typing import Annotated

from pydantic import Field

from voice_engine.domains.calls.business import BusinessCall, BusinessDirection, BusinessStatus
from voice_engine.rest.wire import Amount, ResponseBody, Timestamp


class CallListItem(ResponseBody):
    """One call without what was said in it."""

    id: str
    engine_id: Annotated[str, Field(serialization_alias="vapiCallId")]
    status: BusinessStatus
    direction: BusinessDirection
    channel: str
    started_at: Annotated[Timestamp | None, Field(serialization_alias="startedAt")]
    ended_at: Annotated[Timestamp | None, Field(serialization_alias="endedAt")]
    minutes: Annotated[Amount, Field(serialization_alias="durationMinutes")]
    customer_number: Annotated[str | None, Field(serialization_alias="customerNumber")]
    summary: str | None


def call_item(call: BusinessCall) -> CallListItem:
    """The call as lists show it."""
    return CallListItem(
        id=call.id,
        engine_id=call.engine_id,
        status=call.status,
        direction=call.direction,
        channel=call.channel,
        started_at=call.started_at,
        ended_at=call.ended_at,
        minutes=call.minutes,
        customer_number=call.customer_number,
        summary=call.summary,
    )
