"""The organization's plan, and what larger ones give: shown, and changed by whoever runs the server only."""

from collections.abc import Sequence
from dataclasses import dataclass

from voice_engine.domains.minutes.plans import LEAST, TIERS, Feature, Tier, includes
from voice_engine.domains.usage.plans import PAID, PLANS, PlanType
from voice_engine.web.dashboard.view import View

SHOWN = (
    Feature.KNOWLEDGE_BASE,
    Feature.TRANSCRIPTS,
    Feature.PROMPT,
    Feature.VOICE,
    Feature.TRANSFER,
    Feature.RECORDINGS,
    Feature.ASSISTANT_NAME,
    Feature.OUTBOUND,
    Feature.BROWSER_CALLING,
)
"""What is refused here without its plan; the others are names of the API that nothing here is behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LargerPlan:
    """A plan above one's own. `amount`: minutes or credits a month; `assistants` of a business only.

    `adds` names what the plan before it lacks.
    """

    plan: str
    amount: int
    assistants: int | None = None
    adds: tuple[str, ...] = ()


def larger_plans(view: View, plan: str) -> Sequence[LargerPlan]:
    """The plans above this one, the smallest first."""
    if not view.viewer.is_business:
        own = PLANS[PlanType(plan)].credits_allocated
        above = [PLANS[each] for each in PAID if PLANS[each].credits_allocated > own]
        return [LargerPlan(plan=each.type, amount=int(each.credits_allocated)) for each in above]
    return [
        LargerPlan(
            plan=tier,
            amount=TIERS[tier].minutes,
            assistants=TIERS[tier].assistants,
            adds=tuple(view.words[f"feature_{feature}"] for feature in SHOWN if LEAST[feature] is tier),
        )
        for tier in Tier
        if not includes(Tier(plan), tier)
    ]
