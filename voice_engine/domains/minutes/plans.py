"""The business plans: what each includes, and the one comparison that every gate is made of.

Source: the published business API reference names the tiers, the least tier of each operation and the Pro plan's
500 minutes at 30 cents; the numbers it does not give are decided here, and only here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Tier(StrEnum):
    """A plan's name, the smallest first. FREE: who never bought a plan, or whose plan has ended."""

    FREE = "FREE"
    STARTER = "STARTER"
    ADVANCED = "ADVANCED"
    PRO = "PRO"
    ENTERPRISE = "ENTERPRISE"


RANKS: Mapping[Tier, int] = MappingProxyType({tier: rank for rank, tier in enumerate(Tier)})


def includes(plan: Tier, least: Tier) -> bool:
    """Whether `plan` is `least` or a larger one: the rule of every gate and of every `canEdit`."""
    return RANKS[plan] >= RANKS[least]


@dataclass(frozen=True, slots=True, kw_only=True)
class TierPlan:
    """What a tier gives.

    Attributes:
        minutes: talked for nothing extra in one cycle.
        assistants: the most that may exist at once.
        overage_cents: US cents for a minute beyond; None: there is no overage.
        price_cents: US cents a month; None: not sold by checkout.
    """

    tier: Tier
    minutes: int
    assistants: int
    overage_cents: int | None
    price_cents: int | None


TIERS: Mapping[Tier, TierPlan] = MappingProxyType(
    {
        plan.tier: plan
        for plan in (
            TierPlan(tier=Tier.FREE, minutes=10, assistants=1, overage_cents=None, price_cents=0),
            TierPlan(tier=Tier.STARTER, minutes=100, assistants=1, overage_cents=30, price_cents=4900),
            TierPlan(tier=Tier.ADVANCED, minutes=250, assistants=2, overage_cents=30, price_cents=9900),
            TierPlan(tier=Tier.PRO, minutes=500, assistants=5, overage_cents=30, price_cents=19900),
            TierPlan(tier=Tier.ENTERPRISE, minutes=2000, assistants=25, overage_cents=30, price_cents=None),
        )
    }
)


class Feature(StrEnum):
    """Something that a plan may include; the values are the wire's keys."""

    TRANSCRIPTS = "transcripts"
    RECORDINGS = "recordings"
    ANALYTICS = "analytics"
    OUTBOUND = "outbound"
    BROWSER_CALLING = "browserCalling"
    SMS = "sms"
    EMBED = "embed"
    KNOWLEDGE_BASE = "knowledgeBase"
    VOICE = "voice"
    PROMPT = "prompt"
    CALENDAR = "calendar"
    TRANSFER = "transfer"
    ASSISTANT_NAME = "assistantName"


LEAST: Mapping[Feature, Tier] = MappingProxyType(
    {
        Feature.TRANSCRIPTS: Tier.ADVANCED,
        Feature.RECORDINGS: Tier.PRO,
        Feature.ANALYTICS: Tier.ADVANCED,
        Feature.OUTBOUND: Tier.ENTERPRISE,
        Feature.BROWSER_CALLING: Tier.ENTERPRISE,
        Feature.SMS: Tier.PRO,
        Feature.EMBED: Tier.PRO,
        Feature.KNOWLEDGE_BASE: Tier.STARTER,
        Feature.VOICE: Tier.ADVANCED,
        Feature.PROMPT: Tier.ADVANCED,
        Feature.CALENDAR: Tier.ADVANCED,
        Feature.TRANSFER: Tier.ADVANCED,
        Feature.ASSISTANT_NAME: Tier.PRO,
    }
)
"""The smallest plan with each feature."""


def has(plan: Tier, feature: Feature) -> bool:
    """Whether the plan includes the feature."""
    return includes(plan, LEAST[feature])
