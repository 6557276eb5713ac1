"""Wire schemas of usage."""

import datetime as dt
from typing import Annotated

from pydantic import Field

from voice_engine.domains.minutes.plans import Tier
from voice_engine.rest.api.call_items import CallListItem
from voice_engine.rest.wire import Amount, ResponseBody, Timestamp


class SnapshotOut(ResponseBody):
    """The running cycle. Its end is the last second that belongs to it."""

    minutes_used: Annotated[Amount, Field(serialization_alias="minutesUsed")]
    minutes_limit: Annotated[Amount, Field(serialization_alias="minutesLimit")]
    percent_used: Annotated[Amount, Field(serialization_alias="percentUsed")]
    starts_at: Annotated[Timestamp, Field(serialization_alias="currentCycleStart")]
    ends_at: Annotated[Timestamp, Field(serialization_alias="currentCycleEnd")]


class AssistantRef(ResponseBody):
    """The primary assistant."""

    id: str
    name: str


class DayOut(ResponseBody):
    """One day of the organization's zone."""

    date: dt.date
    minutes: Amount
    calls: int


class UsageOut(ResponseBody):
    """`GET /api/usage`. `features`: the contract's flags, and `maxAssistants`."""

    snapshot: SnapshotOut
    plan: Tier
    phone_number: Annotated[str | None, Field(serialization_alias="phoneNumber")]
    assistant: AssistantRef | None
    features: dict[str, bool | int]
    history: list[DayOut]
    recent_calls: Annotated[list[CallListItem], Field(serialization_alias="recentCalls")]
