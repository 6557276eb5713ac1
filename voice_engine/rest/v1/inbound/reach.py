"""What the routes of inbound calls share."""

import datetime as dt
from typing import Annotated

from fastapi import Query, Request

from voice_engine.rest.v1.inbound.surface import InboundSurface
from voice_engine.rest.v1.router import services_of

LINK_VALID = dt.timedelta(hours=1)
FURTHEST_OFFSET = 2**31 - 1
"""No list is so long; a larger offset would not fit into a database's integer."""

Offset = Annotated[int, Query(ge=0)]


def surface_of(request: Request) -> InboundSurface:
    """The services of inbound calls."""
    inbound = services_of(request).inbound
    assert inbound is not None, "this surface has no inbound calls"
    return inbound
