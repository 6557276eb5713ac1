"""What wire schemas are made of. Requests ignore unknown keys; answers have no defaults: every key is meant."""

import datetime as dt
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer, Strict


def _rfc3339(at: dt.datetime) -> str:
    utc = at.astimezone(dt.UTC)
    return utc.isoformat(timespec="milliseconds" if utc.microsecond else "seconds").replace("+00:00", "Z")


def _storable(text: str) -> str:
    if "\0" in text or any("\ud800" <= each <= "\udfff" for each in text):
        raise ValueError("may hold neither NUL nor half a surrogate pair")
    return text


Text = Annotated[str, Strict(), AfterValidator(_storable)]
"""Text that a database can keep. Every free string of a request is one: JSON can carry what PostgreSQL refuses."""

Timestamp = Annotated[dt.datetime, PlainSerializer(_rfc3339, return_type=str)]
"""An instant, written in UTC with a Z."""

Amount = Annotated[Decimal, PlainSerializer(float, return_type=float)]
"""An exact decimal inside, a JSON number outside (two places are exact in a double)."""


class RequestBody(BaseModel):
    """A request's body. Where the contract names another code than `validation_error` for a field, the schema takes
    any JSON there and the service judges it, in the contract's order."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ResponseBody(BaseModel):
    """An answer's body."""

    model_config = ConfigDict(frozen=True)
