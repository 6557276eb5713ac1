"""What these pages reach, and what several of them do."""

from collections.abc import Mapping
from typing import Any

from voice_engine.domains.assistants.service import AssistantService
from voice_engine.domains.knowledge.service import KnowledgeService
from voice_engine.domains.minutes.plans import LEAST, Feature, Tier, has
from voice_engine.domains.prompts.assembly import PromptsDomain
from voice_engine.errors import VoiceEngineError
from voice_engine.rest.api.router import require_plan
from voice_engine.rest.api.surface import ApiSurface
from voice_engine.web.dashboard.view import View

NAME = "reception"


def surface_of(view: View) -> ApiSurface:
    """The services of a business."""
    surface = view.services.api
    assert surface is not None, "this process serves no business surface"
    return surface


def assistants_of(view: View) -> AssistantService:
    """Who answers."""
    assistants = surface_of(view).assistants
    assert assistants is not None, "this process serves no assistants"
    return assistants


def prompts_of(view: View) -> PromptsDomain:
    """What a business says of itself, and its prompts."""
    prompts = surface_of(view).prompts
    assert prompts is not None, "this process has no prompts"
    return prompts


def knowledge_of(view: View) -> KnowledgeService:
    """What is looked up in calls."""
    knowledge = surface_of(view).knowledge
    assert knowledge is not None, "this process has no knowledge base"
    return knowledge


def plan_of(view: View) -> Tier:
    """The business's plan."""
    tier = view.viewer.person.tier
    assert tier is not None, "these pages are a business's"
    return tier


def gates_of(view: View, *features: Feature) -> Mapping[str, Tier]:
    """The features that the plan lacks, each with the smallest plan that has it, by the feature's wire name."""
    plan = plan_of(view)
    return {feature.value: LEAST[feature] for feature in features if not has(plan, feature)}


def require(view: View, feature: Feature) -> None:
    """Raise NotAllowed `plan_upgrade_required` unless the plan has the feature."""
    require_plan(plan_of(view), LEAST[feature])


def wording(view: View, error: VoiceEngineError) -> str:
    """What went wrong, in the person's language where there are words for it."""
    reason = str(error.details.get("reason", ""))
    words = view.words
    return words.get(f"error_{reason}") or words.get(f"error_{error.code}") or error.message


def text_of(form: Mapping[str, Any], name: str) -> str:
    """A field of a form as its owner typed it, with the line ends of texts here; "" when it was not sent."""
    value = form.get(name, "")
    return value.replace("\r\n", "\n") if isinstance(value, str) else ""
