"""Wire schemas of what a business says of itself."""

import re
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, ConfigDict, Field, StrictBool, model_validator

from voice_engine.rest.wire import RequestBody, ResponseBody, Text

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

_URL = re.compile(r"https?://[^\s/?#\\]+[^\s\\]*")


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError as error:
        raise ValueError("is no web address") from error
    if not _URL.fullmatch(url) or not has_host:
        raise ValueError("is no web address: it begins with https:// and names a host")
    return url


class InfoIn(RequestBody):
    """`PUT /api/business-info`: what is left out stays, null clears. At least one key is needed, known or not."""

    model_config = ConfigDict(extra="allow", frozen=True)

    business_type: Annotated[Text, Field(max_length=64)] | None = Field(None, alias="businessType")
    business_description: Annotated[Text, Field(max_length=4000)] | None = Field(None, alias="businessDescription")
    website_url: Annotated[Text, Field(max_length=500), AfterValidator(_web_address)] | None = Field(
        None, alias="websiteUrl"
    )

    @property
    def is_empty(self) -> bool:
        """Whether it names nothing at all."""
        return not self.model_fields_set and not self.model_extra


class InfoOut(ResponseBody):
    """`GET /api/business-info`."""

    business_type: Annotated[str | None, Field(serialization_alias="businessType")]
    business_description: Annotated[str | None, Field(serialization_alias="businessDescription")]
    website_url: Annotated[str | None, Field(serialization_alias="websiteUrl")]


class InfoSaved(InfoOut):
    """`PUT /api/business-info`."""

    success: Literal[True]


class DayIn(RequestBody):
    """One day. `open` and `close` are needed unless it is `closed`; `close` before `open` is the next day's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    open: Annotated[Text, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")] = ""
    close: Annotated[Text, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")] = ""
    closed: StrictBool = False

    @model_validator(mode="after")
    def _has_times(self) -> Self:
        if not self.closed and not (self.open and self.close):
            raise ValueError("needs open and close, unless it is closed")
        return self


class HoursIn(RequestBody):
    """`PUT /api/business-hours`: the whole week. A day that is left out is closed, a zone left out stays."""

    business_hours: Annotated[dict[Weekday, DayIn], Field(alias="businessHours")]
    timezone: Annotated[Text, Field(min_length=1, max_length=64)] = ""

    def kept(self) -> dict[str, Any]:
        """The week as the organization keeps it."""
        return {
            day: {**hours.model_dump(exclude_unset=True), "closed": hours.closed}
            for day, hours in self.business_hours.items()
        }


class HoursOut(ResponseBody):
    """`GET /api/business-hours`. None: nobody has said yet."""

    business_hours: Annotated[dict[str, Any] | None, Field(serialization_alias="businessHours")]
    timezone: str


class HoursSaved(HoursOut):
    """`PUT /api/business-hours`."""

    success: Literal[True]


class AddressIn(RequestBody):
    """`PUT /api/business-address`; null and "" clear it."""

    business_address: Annotated[Text, Field(max_length=500)] | None = Field(alias="businessAddress")


class AddressOut(ResponseBody):
    """`GET /api/business-address`."""

    business_address: Annotated[str | None, Field(serialization_alias="businessAddress")]


class AddressSaved(AddressOut):
    """`PUT /api/business-address`."""

    success: Literal[True]


class TransferIn(RequestBody):
    """`PUT /api/transfer-number`; null, "" and nothing at all clear it."""

    transfer_number: Annotated[Text, Field(max_length=40)] | None = Field(None, alias="transferNumber")


class TransferOut(ResponseBody):
    """`GET /api/transfer-number`."""

    transfer_number: Annotated[str | None, Field(serialization_alias="transferNumber")]
    can_edit: Annotated[bool, Field(serialization_alias="canEdit")]


class TransferSaved(ResponseBody):
    """`PUT /api/transfer-number`: the number in E.164."""

    success: Literal[True]
    transfer_number: Annotated[str | None, Field(serialization_alias="transferNumber")]
