"""The catalogue of voices, their samples, and the voice in use."""

import hashlib
import json

from fastapi import Request, Response

from voice_engine.domains.minutes.plans import Feature, Tier, has
from voice_engine.domains.voices import catalogue
from voice_engine.domains.voices.catalogue import CATALOGUE, CatalogueVoice
from voice_engine.errors import NotFound
from voice_engine.rest.api.assistants.routes import assistants_of
from voice_engine.rest.api.assistants.schemas import SuccessOut
from voice_engine.rest.api.router import api_router, operation, surface_of
from voice_engine.rest.api.session import Session
from voice_engine.rest.api.voice.schemas import CatalogueVoiceOut, VoiceIn, VoiceOut
from voice_engine.rest.v1.router import services_of

CACHED = "public, max-age=86400"
"""The contract's, word for word."""

router = api_router("Voice & Prompt")


@router.get("/api/voice/catalog", openapi_extra=operation("public"))
async def list_voices(request: Request) -> Response:
    """Every voice that there is, as a bare array. The contract has no 304: the ETag is for caches before us."""
    base = surface_of(request).public_url.rstrip("/")
    shown = [_voice_out(voice, base).model_dump(by_alias=True) for voice in CATALOGUE]
    body = json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return Response(body, media_type="application/json", headers={"Cache-Control": CACHED, "ETag": etag})


@router.get("/api/voice/preview/{voice_id}", openapi_extra=operation("public"))
async def get_voice_preview(voice_id: str, request: Request) -> Response:
    """A sample, spoken by the synthesizer that speaks in calls."""
    voice, previews = catalogue.find(voice_id), surface_of(request).previews
    if voice is None:
        raise NotFound("not_found", "there is no such voice; GET /api/voice/catalog has the ids")
    assert previews is not None, "this process has no synthesizer"
    return Response(await previews.wav(voice), media_type="audio/wav", headers={"Cache-Control": CACHED})


@router.get("/api/voice", openapi_extra=operation())
async def get_voice(session: Session, request: Request) -> VoiceOut:
    """The primary assistant's."""
    async with services_of(request).store.read(session.principal.organization_id) as work:
        assistant = await assistants_of(request).primary(work)
    previews = surface_of(request).previews
    return VoiceOut(
        provider=previews.provider if previews is not None else "local",
        voice_id=assistant.voice_id,
        voice_name=assistant.voice_name,
        can_edit=has(session.plan, Feature.VOICE),
    )


@router.put("/api/voice", openapi_extra=operation(plan=Tier.ADVANCED))
async def set_voice(body: VoiceIn, session: Session, request: Request) -> SuccessOut:
    """Another one, from the next call on."""
    principal = session.principal
    async with services_of(request).store.begin(principal.organization_id) as work:
        await assistants_of(request).set_voice(
            work, body.voice_id, body.voice_name or None, author=principal.user_id
        )
    return SuccessOut(success=True)


def _voice_out(voice: CatalogueVoice, base: str) -> CatalogueVoiceOut:
    return CatalogueVoiceOut(
        id=voice.id,
        name=voice.name,
        gender=voice.gender,
        desc=voice.description,
        preview_url=f"{base}/api/voice/preview/{voice.id}",
    )
