"""What a business says of itself: kept on its organization, written into its prompts, given to its assistants.

Each setting is checked here, stored, and rewrites exactly its section (`PromptService.refresh`).
"""

import functools
import zoneinfo
from collections.abc import Mapping
from typing import Any

import phonenumbers

from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.assistants import repository as assistants
from voice_engine.domains.assistants.service import AssistantService
from voice_engine.domains.numbers.models import NumberType
from voice_engine.domains.numbers.repository import numbers
from voice_engine.domains.prompts import repository
from voice_engine.domains.prompts.sections import SectionKey
from voice_engine.domains.prompts.service import PromptService
from voice_engine.domains.prompts.tools import ToolOrigin, set_tools, transfer_tools
from voice_engine.domains.safety import service as safety
from voice_engine.domains.safety.digits import bare_digits, strip_formatting
from voice_engine.domains.safety.emergency import is_emergency
from voice_engine.domains.safety.numbers import Reach
from voice_engine.errors import InvalidInput, NotAllowed
from voice_engine.store.uow import UnitOfWork

HOME_REGION = "US"
"""A transfer number without a country code is one of this region (published business API)."""

INFO_COLUMNS = ("business_type", "business_description", "website_url")


class BusinessSettings:
    """Methods run inside the organization's unit of work. `author` is the user who changes something."""

    def __init__(self, prompts: PromptService, assistants: AssistantService) -> None:
        self._prompts = prompts
        self._assistants = assistants

    async def read(self, work: UnitOfWork) -> Organization:
        """The organization as it is."""
        return await repository.organization(work)

    async def set_info(self, work: UnitOfWork, changes: Mapping[str, str | None], *, author: str) -> Organization:
        """Change those of `INFO_COLUMNS` that are named; None or blank clears one."""
        organization = await repository.organization(work, lock=True)
        for column, text in changes.items():
            assert column in INFO_COLUMNS, column
            setattr(organization, column, (text or "").strip() or None)
        await self._prompts.refresh(work, (SectionKey.CONTEXT,), author=author, reason="business info")
        return organization

    async def set_hours(
        self, work: UnitOfWork, hours: Mapping[str, Any], timezone: str | None, *, author: str
    ) -> Organization:
        """Replace the week (as on `Organization.business_hours`); `timezone` None: the zone stays.

        Raises:
            InvalidInput: `validation_error`, when there is no such zone.
        """
        if timezone is not None and timezone not in zones():
            raise field_error("timezone", "is no IANA time zone such as America/New_York", rule="timezone")
        organization = await repository.organization(work, lock=True)
        organization.business_hours = dict(hours)
        organization.timezone = timezone or organization.timezone
        await self._prompts.refresh(work, (SectionKey.HOURS,), author=author, reason="business hours")
        return organization

    async def set_address(self, work: UnitOfWork, address: str | None, *, author: str) -> Organization:
        """Say where the business is, on one line; None or blank: it does not say."""
        organization = await repository.organization(work, lock=True)
        lines = (" ".join(line.split()).rstrip(",") for line in (address or "").splitlines())
        organization.business_address = ", ".join(line for line in lines if line) or None
        await self._prompts.refresh(work, (SectionKey.ADDRESS,), author=author, reason="business address")
        return organization

    async def set_transfer_number(self, work: UnitOfWork, raw: str | None, *, author: str) -> Organization:
        """Say where callers are transferred to who want a person; None or blank: nowhere.

        Every assistant gets the tool for it, or loses it; tools of other origins stay.

        Raises:
            NotFound: `no_active_assistant`.
            InvalidInput: `invalid_phone_number`: no number, or none that calls may be transferred to.
        """
        organization = await repository.organization(work, lock=True)
        await self._assistants.primary(work)
        is_set = raw is not None and strip_formatting(raw)
        number = await self._target(work, raw, organization) if raw is not None and is_set else None
        organization.transfer_number = number
        for assistant in await assistants.all_of(work):
            set_tools(assistant, ToolOrigin.TRANSFER, transfer_tools(number))
        await self._prompts.refresh(work, (SectionKey.HANDLING,), author=author, reason="transfer number")
        return organization

    async def check_transfer_number(self, work: UnitOfWork, raw: str) -> str:
        """The number (E.164) that `set_transfer_number` would keep. Raises InvalidInput `invalid_phone_number`."""
        return await self._target(work, raw, await repository.organization(work))

    async def _target(self, work: UnitOfWork, raw: str, organization: Organization) -> str:
        reach = Reach(own_region=organization.country)
        try:
            number = await safety.gate(work, to_e164(raw), reach, own_target=True)
        except (InvalidInput, NotAllowed) as error:
            raise _no_target(error.message, reason=error.code) from error
        own = await numbers.find_own(work, number.e164)
        if own is not None and own.type == NumberType.PROVISIONED:
            raise _no_target("calls to this number come back to the assistant itself", reason="own_number")
        return number.e164


def to_e164(raw: str) -> str:
    """A number in any notation with its country code; without one it is a number of `HOME_REGION`.

    Raises:
        InvalidInput: `emergency_number`, `invalid_phone_number`.
    """
    text = strip_formatting(raw)
    if is_emergency(bare_digits(text)):
        raise InvalidInput("emergency_number", "calls are never transferred to emergency numbers")
    try:
        number = phonenumbers.parse(text, HOME_REGION)
    except phonenumbers.NumberParseException as error:
        raise InvalidInput("invalid_phone_number", "this is no phone number") from error
    if number.extension:
        raise InvalidInput("invalid_phone_number", "an extension cannot be dialled")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@functools.cache
def zones() -> frozenset[str]:
    """Every IANA time zone that is known here."""
    return frozenset(zoneinfo.available_timezones())


def field_error(path: str, message: str, *, rule: str) -> InvalidInput:
    """A field that is well-formed and not valid."""
    return InvalidInput(
        "validation_error",
        f"{path} {message}",
        details={"fields": [{"path": path, "message": message, "rule": rule}]},
    )


def _no_target(message: str, *, reason: str) -> InvalidInput:
    return InvalidInput("invalid_phone_number", message, details={"reason": reason})
