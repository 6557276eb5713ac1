"""The four operations on knowledge."""

from typing import Annotated

from fastapi import Query, Request

from voice_engine.domains.knowledge.service import KnowledgeService, SectionView
from voice_engine.domains.knowledge.words import label_of
from voice_engine.domains.minutes.plans import LEAST, Feature, has
from voice_engine.rest.api.kb.multipart import received
from voice_engine.rest.api.kb.schemas import (
    KEY,
    PutIn,
    PutOut,
    PutSectionOut,
    SectionKey,
    SectionOut,
    SuccessOut,
    UploadOut,
    ViewOut,
)
from voice_engine.rest.api.router import ANY_BODY, api_router, operation, surface_of
from voice_engine.rest.api.session import Session
from voice_engine.rest.requests import MOST_BODY_BYTES
from voice_engine.rest.v1.errors import field_error
from voice_engine.rest.v1.router import services_of

router = api_router("Knowledge Base")

EDIT = LEAST[Feature.KNOWLEDGE_BASE]
MOST_SECTION_BYTES = 4 * MOST_BODY_BYTES
"""Of a section's longest text in JSON, where a letter beyond ASCII takes up to twelve bytes."""


@router.get("/api/kb", openapi_extra=operation())
async def list_sections(session: Session, request: Request) -> ViewOut:
    """The primary assistant's sections."""
    async with services_of(request).store.read(session.principal.organization_id) as work:
        view = await _knowledge(request).view(work)
    return ViewOut(
        assistant_id=view.assistant.id,
        engine_id=view.assistant.engine_id,
        can_edit=has(session.plan, Feature.KNOWLEDGE_BASE),
        sections=[_section(each) for each in view.sections],
    )


@router.put("/api/kb", openapi_extra=operation(plan=EDIT, most_body_bytes=MOST_SECTION_BYTES))
async def put_section(body: PutIn, session: Session, request: Request) -> PutOut:
    """Create or replace a section; calls find it from now on."""
    if not (body.text or body.file_id):
        raise field_error("text", "is needed, or vapiFileId")
    put = await _knowledge(request).put(
        session.principal.organization_id,
        body.section_key,
        text=body.text or None,
        file_id=body.file_id or None,
        file_name=body.file_name or None,
    )
    shown = PutSectionOut(key=put.section.key, file_id=put.file.id, file_name=put.file.name)
    return PutOut(success=True, section=shown)


@router.delete("/api/kb", openapi_extra=operation(plan=EDIT))
async def delete_section(session: Session, request: Request, section: Annotated[SectionKey, Query()]) -> SuccessOut:
    """Remove a section; live calls stop finding it at once."""
    async with services_of(request).store.begin(session.principal.organization_id) as work:
        await _knowledge(request).delete(work, section)
    return SuccessOut(success=True)


@router.post("/api/kb/upload", openapi_extra=operation(body_types=ANY_BODY))
async def upload_file(session: Session, request: Request) -> UploadOut:
    """Keep a file until `PUT /api/kb` attaches it."""
    organization_id = session.principal.organization_id
    await _knowledge(request).count_upload(organization_id)
    async with received(request) as (upload, section):
        if KEY.fullmatch(section) is None:
            raise field_error("section", "is needed: small letters, digits and hyphens, at most 50")
        kept = await _knowledge(request).upload(organization_id, upload)
    return UploadOut(file_id=kept.id, file_name=kept.name, file_size=kept.size_bytes)


def _knowledge(request: Request) -> KnowledgeService:
    knowledge = surface_of(request).knowledge
    assert knowledge is not None, "this process has no knowledge base"
    return knowledge


def _section(view: SectionView) -> SectionOut:
    return SectionOut(
        key=view.section.key,
        label=label_of(view.section.key),
        text=view.section.text,
        file_id=view.file.id,
        file_name=view.file.name,
        updated_at=view.section.updated_at,
    )
