"""The eight operations on assistants."""

from fastapi import Request

from voice_engine.domains.assistants.naming import spoken_name
from voice_engine.domains.assistants.service import AssistantService, AssistantView
from voice_engine.domains.minutes.plans import Feature, Tier, has
from voice_engine.rest.api.assistants.schemas import (
    AssistantEnvelope,
    AssistantList,
    AssistantOut,
    CreateIn,
    FirstMessageIn,
    FirstMessageOut,
    NameIn,
    NameOut,
    RenameIn,
    SuccessOut,
)
from voice_engine.rest.api.router import api_router, operation, surface_of
from voice_engine.rest.api.session import Session
from voice_engine.rest.v1.router import services_of

router = api_router("Assistants")


@router.get("/api/assistants", openapi_extra=operation())
async def list_assistants(session: Session, request: Request) -> AssistantList:
    """Every assistant with its count of calls."""
    async with services_of(request).store.read(session.principal.organization_id) as work:
        overview = await assistants_of(request).overview(work)
    shown = [assistant_out(view) for view in overview.assistants]
    return AssistantList(assistants=shown, phone_number=overview.phone_number)


@router.post("/api/assistants", status_code=201, openapi_extra=operation())
async def create_assistant(body: CreateIn, session: Session, request: Request) -> AssistantEnvelope:
    """A new one, from the organization's defaults."""
    principal = session.principal
    async with services_of(request).store.begin(principal.organization_id) as work:
        view = await assistants_of(request).create(
            work, body.engine_id, body.name, plan=session.plan, author=principal.user_id
        )
    return AssistantEnvelope(assistant=assistant_out(view))


@router.patch("/api/assistants/{assistant_id}", openapi_extra=operation())
async def rename_assistant(
    assistant_id: str, body: RenameIn, session: Session, request: Request
) -> AssistantEnvelope:
    """The label in lists; callers hear no difference."""
    async with services_of(request).store.begin(session.principal.organization_id) as work:
        view = await assistants_of(request).rename(work, assistant_id, body.name)
    return AssistantEnvelope(assistant=assistant_out(view))


@router.delete("/api/assistants/{assistant_id}", openapi_extra=operation())
async def delete_assistant(assistant_id: str, session: Session, request: Request) -> SuccessOut:
    """Out of service; calls that are up end as they began."""
    async with services_of(request).store.begin(session.principal.organization_id) as work:
        await assistants_of(request).delete(work, assistant_id)
    return SuccessOut(success=True)


@router.get("/api/assistant-name", openapi_extra=operation())
async def get_assistant_name(session: Session, request: Request) -> NameOut:
    """What the primary assistant calls itself."""
    async with services_of(request).store.read(session.principal.organization_id) as work:
        assistant = await assistants_of(request).primary(work)
    return NameOut(
        name=spoken_name(assistant),
        default_name=assistant.voice_name,
        can_edit=has(session.plan, Feature.ASSISTANT_NAME),
    )


@router.put("/api/assistant-name", openapi_extra=operation(plan=Tier.PRO))
async def set_assistant_name(body: NameIn, session: Session, request: Request) -> SuccessOut:
    """Change it, in greeting and prompt too."""
    principal = session.principal
    async with services_of(request).store.begin(principal.organization_id) as work:
        await assistants_of(request).set_spoken_name(work, body.name, author=principal.user_id)
    return SuccessOut(success=True)


@router.get("/api/first-message-mode", openapi_extra=operation())
async def get_first_message_mode(session: Session, request: Request) -> FirstMessageOut:
    """Who speaks first, and what is said."""
    async with services_of(request).store.read(session.principal.organization_id) as work:
        first = await assistants_of(request).first_message(work)
    return FirstMessageOut(mode=first.mode, first_message=first.text)


@router.put("/api/first-message-mode", openapi_extra=operation())
async def set_first_message_mode(body: FirstMessageIn, session: Session, request: Request) -> SuccessOut:
    """For the next call."""
    async with services_of(request).store.begin(session.principal.organization_id) as work:
        await assistants_of(request).set_first_message(work, body.mode, body.first_message or None)
    return SuccessOut(success=True)


def assistants_of(request: Request) -> AssistantService:
    """The service behind these operations."""
    service = surface_of(request).assistants
    assert service is not None, "this process serves no assistants"
    return service


def assistant_out(view: AssistantView) -> AssistantOut:
    """An assistant as it is sent."""
    row = view.assistant
    return AssistantOut(
        id=row.id,
        engine_id=row.engine_id,
        name=row.name,
        status=row.status,
        calls=view.calls,
        is_primary=view.is_primary,
        created_at=row.created_at,
    )
