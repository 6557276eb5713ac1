"""Wire schemas of a business's calls."""

from typing import Annotated, Literal

from pydantic import Field

from voice_engine.domains.answering.history import Detail, HistoryPage
from voice_engine.domains.calls.business import BusinessCall, BusinessDirection, BusinessStatus, PollStatus
from voice_engine.domains.minutes.plans import Feature, Tier, has
from voice_engine.rest.api.call_items import CallListItem
from voice_engine.rest.wire import Amount, RequestBody, ResponseBody, Text, Timestamp

WireDirection = Literal["INBOUND", "OUTBOUND"]


class OutboundIn(RequestBody):
    """`POST /api/calls/outbound`."""

    customer_number: Annotated[Text, Field(alias="customerNumber", pattern=r"^\+[1-9][0-9]{6,14}$")]


class PaginationOut(ResponseBody):
    """Where a page is."""

    page: int
    limit: int
    total: int
    total_pages: Annotated[int, Field(serialization_alias="totalPages")]


class CallPageOut(ResponseBody):
    """A page of calls, newest first."""

    calls: list[CallListItem]
    pagination: PaginationOut


class CallDetailOut(ResponseBody):
    """One call. `transcript` and `recording_url` are null below the plan that shows them."""

    id: str
    engine_id: Annotated[str, Field(serialization_alias="vapiCallId")]
    status: BusinessStatus
    started_at: Annotated[Timestamp | None, Field(serialization_alias="startedAt")]
    ended_at: Annotated[Timestamp | None, Field(serialization_alias="endedAt")]
    minutes: Annotated[Amount, Field(serialization_alias="durationMinutes")]
    customer_number: Annotated[str | None, Field(serialization_alias="customerNumber")]
    transcript: str | None
    summary: str | None
    recording_url: Annotated[str | None, Field(serialization_alias="recordingUrl")]
    direction: BusinessDirection
    end_reason: Annotated[str | None, Field(serialization_alias="endReason")]


class FeaturesOut(ResponseBody):
    """What the plan shows of calls."""

    transcripts: bool
    recordings: bool


class CallDetailResponse(ResponseBody):
    """`GET /api/calls/{id}`."""

    call: CallDetailOut
    plan: Tier
    features: FeaturesOut


class StartedCallOut(ResponseBody):
    """A call on its way. `id` is the engine's."""

    id: str
    status: PollStatus
    customer_number: Annotated[str, Field(serialization_alias="customerNumber")]


class OutboundOut(ResponseBody):
    """`POST /api/calls/outbound`."""

    success: Literal[True]
    call: StartedCallOut


class OutboundStatusOut(ResponseBody):
    """`GET /api/calls/outbound/status`."""

    id: str
    status: PollStatus
    started_at: Annotated[Timestamp | None, Field(serialization_alias="startedAt")]
    ended_at: Annotated[Timestamp | None, Field(serialization_alias="endedAt")]
    minutes: Amount
    end_reason: Annotated[str | None, Field(serialization_alias="endReason")]


class BrowserTokenOut(ResponseBody):
    """`GET /api/calls/browser-token`."""

    token: str
    identity: str
    phone_number: Annotated[str, Field(serialization_alias="phoneNumber")]
    expires_in: Annotated[int, Field(serialization_alias="expiresIn")]
    media_url: Annotated[str, Field(serialization_alias="mediaUrl")]


def page_out(found: HistoryPage, items: list[CallListItem], *, page: int, limit: int) -> CallPageOut:
    """The wire's view of a page."""
    pages = -(-found.total // limit)
    return CallPageOut(
        calls=items, pagination=PaginationOut(page=page, limit=limit, total=found.total, total_pages=pages)
    )


def detail_out(detail: Detail, shown: BusinessCall, *, plan: Tier, public_url: str) -> CallDetailResponse:
    """The wire's view of a call."""
    ours = f"{public_url}/api/calls/{shown.id}/recording"
    return CallDetailResponse(
        call=CallDetailOut(
            id=shown.id,
            engine_id=shown.engine_id,
            status=shown.status,
            started_at=shown.started_at,
            ended_at=shown.ended_at,
            minutes=shown.minutes,
            customer_number=shown.customer_number,
            transcript=detail.transcript,
            summary=shown.summary,
            recording_url=ours if detail.has_recording else detail.recorded_elsewhere,
            direction=shown.direction,
            end_reason=shown.end_reason,
        ),
        plan=plan,
        features=FeaturesOut(transcripts=has(plan, Feature.TRANSCRIPTS), recordings=has(plan, Feature.RECORDINGS)),
    )


def status_out(shown: BusinessCall) -> OutboundStatusOut:
    """The wire's view of a call that is polled."""
    return OutboundStatusOut(
        id=shown.id,
        status=shown.poll_status,
        started_at=shown.started_at,
        ended_at=shown.ended_at,
        minutes=shown.minutes,
        end_reason=shown.end_reason,
    )
