"""Wire schemas of overage."""

import datetime as dt
from typing import Annotated

from pydantic import Field, StrictBool

from voice_engine.domains.minutes.models import RecordStatus
from voice_engine.rest.wire import Amount, RequestBody, ResponseBody


class OverageIn(RequestBody):
    """`PUT /api/billing/overage`."""

    enabled: Annotated[StrictBool, Field(alias="overageEnabled")]


class OverageOut(ResponseBody):
    """What it is now."""

    enabled: Annotated[bool, Field(serialization_alias="overageEnabled")]


class RecordOut(ResponseBody):
    """A week's overage on one bill."""

    id: str
    week_start: Annotated[dt.date, Field(serialization_alias="weekStart")]
    week_end: Annotated[dt.date, Field(serialization_alias="weekEnd")]
    minutes: Annotated[Amount, Field(serialization_alias="overageMinutes")]
    amount_cents: Annotated[int, Field(serialization_alias="amountCents")]
    status: RecordStatus


class CurrentOverageOut(ResponseBody):
    """What is beyond the limits and not paid for yet."""

    total: Annotated[Amount, Field(serialization_alias="totalOverageMinutes")]
    unbilled: Annotated[Amount, Field(serialization_alias="unbilledMinutes")]
    estimate_cents: Annotated[int, Field(serialization_alias="estimatedCostCents")]
    enabled: Annotated[bool, Field(serialization_alias="overageEnabled")]
    rate_cents: Annotated[int, Field(serialization_alias="rateCentsPerMin")]


class BillingHistoryOut(ResponseBody):
    """`GET /api/billing/history`."""

    records: list[RecordOut]
    current: Annotated[CurrentOverageOut, Field(serialization_alias="currentOverage")]
