"""What a business has said of itself, as calls use it: the one reading of the organization's columns."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.prompts.templates import WEEKDAYS
from voice_engine.ports.call import OpeningHours


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessFacts:
    """A business. None and an empty `hours`: not said.

    `hours` maps English weekday names in lower case, a day left out is closed; `close` not after `open` is the next
    day's. `timezone` is an IANA name, `transfer_number` E.164.
    """

    name: str
    timezone: str
    business_type: str | None = None
    description: str | None = None
    site: str | None = None
    address: str | None = None
    hours: Mapping[str, OpeningHours] = field(default_factory=dict)
    knows_hours: bool = False
    transfer_number: str | None = None

    def is_open(self, at: dt.datetime) -> bool | None:
        """Whether somebody is there at `at` (aware); None: nobody said when."""
        if not self.knows_hours:
            return None
        here = at.astimezone(ZoneInfo(self.timezone))
        now, today, yesterday = here.time(), WEEKDAYS[here.weekday()], WEEKDAYS[here.weekday() - 1]
        hours, late = self.hours.get(today), self.hours.get(yesterday)
        if hours is not None and hours.open <= now and (now < hours.close or hours.close <= hours.open):
            return True
        return late is not None and late.close <= late.open and now < late.close


def facts_of(organization: Organization) -> BusinessFacts:
    """The organization as a business."""
    return BusinessFacts(
        name=organization.name,
        timezone=organization.timezone,
        business_type=organization.business_type,
        description=organization.business_description,
        site=organization.website_url,
        address=organization.business_address,
        hours=read_hours(organization.business_hours or {}),
        knows_hours=organization.business_hours is not None,
        transfer_number=organization.transfer_number,
    )


def read_hours(kept: Mapping[str, Any]) -> dict[str, OpeningHours]:
    """A week as the organization's row keeps it. The end of the day, `24:00`, is the next day's midnight."""
    return {
        day: OpeningHours(open=dt.time.fromisoformat(span["open"]), close=_closing(span["close"]))
        for day, span in kept.items()
        if not span.get("closed")
    }


def _closing(text: str) -> dt.time:
    return dt.time(0) if text == "24:00" else dt.time.fromisoformat(text)
