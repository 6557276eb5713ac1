"""What an operator decides about usage."""

from dataclasses import dataclass
from decimal import Decimal

from .plans import PlanType


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSettings:
    """How accounts begin.

    Attributes:
        default_plan: the plan of whoever signs up. A self-hosted server has no shop: the largest, at no charge.
        default_credits: credits a period instead of the plan's own; None keeps those.
        upgrade_url: where a refusal for lack of credits sends people.
    """

    default_plan: PlanType = PlanType.BUSINESS
    default_credits: Decimal | None = None
    upgrade_url: str = "http://127.0.0.1:8080/v1/credits/plans"
