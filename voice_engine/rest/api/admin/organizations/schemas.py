"""Wire schemas of businesses as the administrator sees them."""

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt

from voice_engine.domains.minutes.plans import Tier
from voice_engine.rest.wire import Amount, RequestBody, ResponseBody, Timestamp

MOST_MINUTES = 10_000_000
MOST_CENTS = 1_000_000
"""Beyond these a number is a slip of the pen."""


class OrganizationPatch(RequestBody):
    """`PATCH /api/admin/organizations/{id}`: what is not sent stays as it is. Only `minutesLimit` may be null."""

    plan: Tier = Tier.FREE
    minutes_limit: Annotated[StrictInt | StrictFloat | None, Field(alias="minutesLimit", ge=0, le=MOST_MINUTES)] = (
        None
    )
    overage_enabled: Annotated[StrictBool, Field(alias="overageEnabled")] = False
    rate_cents: Annotated[StrictInt, Field(alias="rateCentsPerMin", ge=0, le=MOST_CENTS)] = 0
    status: Literal["ACTIVE", "SUSPENDED"] = "ACTIVE"


class MemberOut(ResponseBody):
    """Somebody of a business."""

    id: str
    email: str
    role: str


class OrganizationOut(ResponseBody):
    """One business."""

    id: str
    name: str
    plan: Tier
    status: str
    minutes_used: Annotated[Amount, Field(serialization_alias="minutesUsed")]
    minutes_limit: Annotated[Amount, Field(serialization_alias="minutesLimit")]
    overage_enabled: Annotated[bool, Field(serialization_alias="overageEnabled")]
    rate_cents: Annotated[int, Field(serialization_alias="rateCentsPerMin")]
    users: list[MemberOut]
    created_at: Annotated[Timestamp, Field(serialization_alias="createdAt")]


class PaginationOut(ResponseBody):
    """Where in the list a page is."""

    page: int
    limit: int
    total: int
    pages: Annotated[int, Field(serialization_alias="totalPages")]


class OrganizationPage(ResponseBody):
    """`GET /api/admin/organizations`."""

    organizations: list[OrganizationOut]
    pagination: PaginationOut
