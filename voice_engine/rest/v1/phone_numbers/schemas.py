"""What numbers look like on the wire of `/v1`."""

from typing import Annotated, Any, Literal

from pydantic import Field, StrictBool, StrictStr

from voice_engine.rest.wire import RequestBody, ResponseBody, Text, Timestamp

CountryCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Code = Annotated[StrictStr, Field(pattern=r"^[0-9]{6}$")]
Label = Annotated[Text, Field(max_length=60)]
CallerIdName = Annotated[Text, Field(min_length=1, max_length=15, pattern=r"^[A-Za-z0-9 .,'&-]+$")]
"""What the caller name databases of North America hold: fifteen printable characters."""
Channel = Literal["sms", "call"]


class ProvisionIn(RequestBody):
    """A wish for a number: any one, or this one."""

    country: Annotated[StrictStr, Field(pattern=r"^[A-Z]{2}$")]
    area_code: Text | None = None
    phone_number: Annotated[Text, Field(pattern=r"^\+[1-9][0-9]{6,14}$")] | None = None


class TargetIn(RequestBody):
    """A phone of one's own. Either key names the number; the number gate judges it."""

    phone_number: Any = None
    forwarding_number: Any = None
    label: Label | None = None
    is_default: StrictBool = True


class ForwardingIn(RequestBody):
    """Where calls to a number go."""

    forwarding_number: Any = None


class VerifyStartIn(RequestBody):
    """A phone to prove."""

    phone_number: Any = None
    channel: Channel = "sms"


class VerifyCheckIn(RequestBody):
    """The code that came."""

    phone_number: Text
    code: Code


class ConfigureIn(RequestBody):
    """How to use a proven number; what is left out stays as it is."""

    phone_number: Text
    use_as_caller_id: StrictBool = False
    use_as_forwarding_target: StrictBool = False
    label: Label | None = None


class OwnershipIn(RequestBody):
    """Without a code: send one. With one: check it."""

    code: Code | None = None
    channel: Channel = "sms"


class CallerIdIn(RequestBody):
    """The name that a number's calls show."""

    caller_id_name: CallerIdName


class CountryOut(ResponseBody):
    """What can be done with a country."""

    code: str
    name: str
    dial_code: str
    can_call: bool
    can_provision: bool
    emergency_numbers: list[str]


class CountriesOut(ResponseBody):
    """By name."""

    countries: list[CountryOut]
    total: int


class CapabilitiesOut(ResponseBody):
    """What can be done over a number."""

    voice: bool
    sms: bool
    mms: bool


class AvailableOut(ResponseBody):
    """A number for sale. The price is left out where it is not known."""

    phone_number: str
    friendly_name: str
    country: str
    area_code: str | None
    locality: str | None
    region: str | None
    capabilities: CapabilitiesOut


class PricedOut(AvailableOut):
    """A number for sale, and what it costs a month."""

    monthly_price: float
    currency: str


class AvailableListOut(ResponseBody):
    """What the carrier has."""

    numbers: list[PricedOut | AvailableOut]
    total: int


class PhoneNumberOut(ResponseBody):
    """A number of the organization's."""

    id: str
    phone_number: str
    friendly_name: str
    country: str
    area_code: str | None
    type: str
    status: str
    capabilities: CapabilitiesOut
    caller_id_name: str | None
    forwarding_number: str | None
    forwarding_enabled: bool
    verified: bool
    is_default_outbound: bool
    created_at: Timestamp


class PhoneNumbersOut(ResponseBody):
    """The organization's numbers, oldest first."""

    phone_numbers: list[PhoneNumberOut]
    total: int


class ConfigurationOut(ResponseBody):
    """How a number's calls are answered."""

    inbound_enabled: bool
    recording_enabled: bool
    language: str
    greeting: str | None
    active_rule_count: int


class UsageOut(ResponseBody):
    """What a number was used for since it is the organization's."""

    inbound_calls: int
    outbound_calls: int
    minutes: float


class DetailsOut(PhoneNumberOut):
    """A number with its configuration and use."""

    provider: str
    provider_sid: str | None
    renews_at: Timestamp | None
    configuration: ConfigurationOut
    usage: UsageOut


class PricedDetailsOut(DetailsOut):
    """The same, of a number whose price is known."""

    monthly_price: float


class ReleasedOut(ResponseBody):
    """A number that was given up, for good."""

    success: bool
    id: str
    phone_number: str
    status: str
    released_at: Timestamp


class TargetOut(ResponseBody):
    """A phone that calls can be handed to."""

    id: str
    phone_number: str
    label: str | None
    verified: bool
    is_default: bool
    used_by: list[str]
    created_at: Timestamp


class TargetsOut(ResponseBody):
    """The default first."""

    targets: list[TargetOut]
    total: int


class SentOut(ResponseBody):
    """A code is on its way."""

    success: bool
    phone_number: str
    status: str
    channel: str
    expires_at: Timestamp
    attempts_remaining: int
    resend_after: Timestamp


class VerifiedOut(ResponseBody):
    """The phone is now the organization's."""

    success: bool
    phone_number: str
    status: str
    verified: bool
    verified_at: Timestamp
    phone_number_id: str


class OwnershipOut(ResponseBody):
    """Where the proof of a number stands."""

    success: bool
    phone_number_id: str
    phone_number: str
    status: str
    verified: bool
    expires_at: Timestamp | None
