"""Wire schemas of a business's number."""

from typing import Annotated, Literal

from pydantic import Field

from voice_engine.domains.numbers.business import NumberView
from voice_engine.domains.numbers.models import PhoneNumber
from voice_engine.ports.telephony import AvailableNumber
from voice_engine.rest.wire import RequestBody, ResponseBody, Text

AREA_CODE = r"^[2-9][0-9]{2}$"


class ProvisionIn(RequestBody):
    """`POST /api/phone-numbers`. `phone_number` is one that the search found."""

    area_code: Annotated[Text, Field(pattern=AREA_CODE)] | None = Field(default=None, alias="areaCode")
    phone_number: Annotated[Text, Field(pattern=r"^\+[1-9][0-9]{6,14}$")] | None = Field(
        default=None, alias="phoneNumber"
    )


class PhoneNumberOut(ResponseBody):
    """`GET /api/phone-numbers`: all null or false before there is one."""

    phone_number: Annotated[str | None, Field(serialization_alias="phoneNumber")]
    number_id: Annotated[str | None, Field(serialization_alias="vapiPhoneNumberId")]
    provider_sid: Annotated[str | None, Field(serialization_alias="twilioPhoneNumberSid")]
    has_route: Annotated[bool, Field(serialization_alias="hasSipTrunk")]
    has_assistant: Annotated[bool, Field(serialization_alias="hasAssistant")]
    assistant_name: Annotated[str | None, Field(serialization_alias="assistantName")]


class ProvisionOut(ResponseBody):
    """A number that answers."""

    success: Literal[True]
    phone_number: Annotated[str, Field(serialization_alias="phoneNumber")]
    number_id: Annotated[str, Field(serialization_alias="vapiPhoneNumberId")]
    provider_sid: Annotated[str, Field(serialization_alias="twilioPhoneNumberSid")]


class FreeNumberOut(ResponseBody):
    """A number that can be bought now."""

    phone_number: Annotated[str, Field(serialization_alias="phoneNumber")]
    locality: str | None
    region: str | None


class SearchOut(ResponseBody):
    """`GET /api/phone-numbers/search`."""

    numbers: list[FreeNumberOut]


def number_out(view: NumberView) -> PhoneNumberOut:
    """The wire's view. A number bought here has its voice route from the first moment."""
    number, assistant = view.number, view.assistant
    return PhoneNumberOut(
        phone_number=None if number is None else number.e164,
        number_id=None if number is None else number.id,
        provider_sid=None if number is None else number.provider_sid,
        has_route=number is not None and number.provider_sid is not None,
        has_assistant=assistant is not None,
        assistant_name=None if assistant is None else assistant.name,
    )


def provision_out(number: PhoneNumber) -> ProvisionOut:
    """The wire's view of a number just bought."""
    assert number.provider_sid is not None, "a bought number has its carrier's id"
    return ProvisionOut(
        success=True, phone_number=number.e164, number_id=number.id, provider_sid=number.provider_sid
    )


def free_out(number: AvailableNumber) -> FreeNumberOut:
    """The wire's view of a number for sale."""
    return FreeNumberOut(phone_number=number.e164, locality=number.locality, region=number.region)
