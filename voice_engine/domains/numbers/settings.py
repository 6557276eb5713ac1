"""Numbers of the numbers domain."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from voice_engine.domains.safety.countries import COUNTRIES
from voice_engine.domains.usage.plans import PlanType

NUMBERS_BY_PLAN: Mapping[PlanType, int] = MappingProxyType(
    {
        PlanType.TRIAL: 1,
        PlanType.PERSONAL: 1,
        PlanType.STARTER: 1,
        PlanType.PRO: 3,
        PlanType.POWER: 5,
        PlanType.BUSINESS: 20,
    }
)
"""How many numbers a plan's account may have bought at once. No published document names these: our choice."""

MONTHLY_CENTS: Mapping[tuple[str, str], int] = MappingProxyType(
    {("US", "local"): 115, ("CA", "local"): 115, ("US", "toll_free"): 215, ("CA", "toll_free"): 215}
)
"""What a number costs a month, US cents, by country and kind: Twilio's price list. Others: not known, not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberSettings:
    """How numbers are found, bought and proven.

    `public_url` is the base of our webhooks, as the carrier reaches it. `common_caller_id` (E.164) is shown by
    calls of organizations without a number. `provider` is what clients are told: "local" (the built-in carrier) or
    "twilio".
    """

    public_url: str
    common_caller_id: str
    provider: str = "local"
    first_number: str | None = None
    """A number that the carrier's account has from its beginning (the built-in carrier's): the first operator's."""
    record: bool = True
    countries: frozenset[str] = frozenset(COUNTRIES)
    """ISO codes in which numbers can be bought."""

    numbers_by_plan: Mapping[PlanType, int] = field(default_factory=lambda: NUMBERS_BY_PLAN)
    extra_pairs: frozenset[tuple[str, str]] = frozenset()
    """As in the calls' settings: where trial accounts may go beyond their own area."""

    picks: int = 5
    """Numbers that are tried, one after the other, when none in particular is asked for."""
    settle_after: dt.timedelta = dt.timedelta(minutes=2)
    """When to look for what a purchase came to that nobody finished. One takes eight requests of 10 s at most."""

    code_ttl: dt.timedelta = dt.timedelta(minutes=10)
    tries: int = 5
    resend_after: dt.timedelta = dt.timedelta(minutes=1)
    sends_per_window: int = 3
    send_window: dt.timedelta = dt.timedelta(minutes=10)
    sends_per_destination: int = 8
    """Codes to one number in a day, whoever asks: it may be a stranger's phone."""
    sends_per_organization: int = 20
    """Codes for one organization in a day: each costs money."""

    @property
    def voice_url(self) -> str:
        """Answers calls to a bought number."""
        return f"{self.public_url}/v1/webhooks/twilio/voice"

    @property
    def status_url(self) -> str:
        """Hears of the end of calls to a bought number."""
        return f"{self.public_url}/v1/webhooks/twilio/status"

    def monthly_cents(self, country: str, kind: str) -> int | None:
        """What a number costs a month; None: not known."""
        return MONTHLY_CENTS.get((country, kind))
