"""The primary assistant's prompt: read, replaced, its persona and context written anew."""

from fastapi import Request

from voice_engine.domains.minutes.plans import LEAST, Feature, has
from voice_engine.domains.prompts.assembly import PromptsDomain
from voice_engine.domains.prompts.sections import ORDER, SectionKey
from voice_engine.rest.api.assistants.routes import assistants_of
from voice_engine.rest.api.assistants.schemas import SuccessOut
from voice_engine.rest.api.prompt.schemas import PromptIn, PromptOut, RegenerateIn, RegenerateOut
from voice_engine.rest.api.router import api_router, operation, surface_of
from voice_engine.rest.api.session import Session
from voice_engine.rest.v1.router import services_of

router = api_router("Voice & Prompt")


@router.get("/api/prompt", openapi_extra=operation())
async def get_prompt(session: Session, request: Request) -> PromptOut:
    """The text that the language model gets in the next call."""
    async with services_of(request).store.read(session.principal.organization_id) as work:
        assistant = await assistants_of(request).primary(work)
        prompt = await prompts_of(request).service.read(work, assistant)
    return PromptOut(
        system_prompt=prompt.text,
        assistant_name=assistant.name,
        engine_id=assistant.engine_id,
        can_edit=has(session.plan, Feature.PROMPT),
        version=prompt.version,
        sections=[key.value for key in prompt.sections],
    )


@router.put("/api/prompt", openapi_extra=operation(plan=LEAST[Feature.PROMPT]))
async def replace_prompt(body: PromptIn, session: Session, request: Request) -> SuccessOut:
    """Another text; tools and settings stay as they are."""
    await prompts_of(request).rewriting.replace(
        session.principal.organization_id,
        body.system_prompt,
        version=body.version or None,
        author=session.principal.user_id,
    )
    return SuccessOut(success=True)


@router.post("/api/prompt/regenerate", openapi_extra=operation(plan=LEAST[Feature.PROMPT]))
async def regenerate_prompt(session: Session, request: Request, body: RegenerateIn | None = None) -> RegenerateOut:
    """Persona, context or both written anew from what the business says of itself."""
    asked = {SectionKey(each) for each in (body or RegenerateIn()).sections}
    sections = [key for key in ORDER if key in asked]
    prompt = await prompts_of(request).rewriting.regenerate(
        session.principal.organization_id, sections, author=session.principal.user_id
    )
    return RegenerateOut(success=True, system_prompt=prompt.text, regenerated=[key.value for key in sections])


def prompts_of(request: Request) -> PromptsDomain:
    """The domain."""
    prompts = surface_of(request).prompts
    assert prompts is not None, "this process has no prompts"
    return prompts
