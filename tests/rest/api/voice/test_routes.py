"""The catalogue, samples and the chosen voice, held to the published contract."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.api import ApiClient
from tests.fakes.assistants import assistant_service
from tests.fakes.business import add_business, business_api, refusal
from tests.fakes.tts import FragileTTS
from voice_engine.audio.wav import parse_wav
from voice_engine.blobs.directory import DirectoryBlobs
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.voices.previews import VoicePreviews
from voice_engine.rest.api.assistants.routes import router as assistant_router
from voice_engine.rest.api.voice.routes import router as voice_router
from voice_engine.store.engine import Store

pytestmark = pytest.mark.store

ROUTERS = (assistant_router, voice_router)
SAVANNAH = "pNInz6obpgDQGcFmaJgB"


@pytest.fixture
def tts() -> FragileTTS:
    return FragileTTS()


@pytest.fixture
async def api(store: Store, tts: FragileTTS, tmp_path: Path) -> AsyncIterator[ApiClient]:
    business = await add_business(store, Tier.ADVANCED)
    previews = VoicePreviews(tts, DirectoryBlobs(tmp_path))
    async with business_api(
        store, business, routers=ROUTERS, assistants=assistant_service(), previews=previews
    ) as client:
        yield client


async def test_the_catalogue_is_public_and_cacheable(store: Store) -> None:
    async with business_api(store, routers=ROUTERS, public_url="https://calls.example.com") as api:
        answer = await api.get("/api/voice/catalog")
        again = await api.get("/api/voice/catalog", headers={"If-None-Match": answer.headers["etag"]})

    assert answer.headers["cache-control"] == "public, max-age=86400"
    assert again.status_code == 200
    assert again.headers["etag"] == answer.headers["etag"]
    first = answer.json()[0]
    assert (first["id"], first["name"], first["gender"]) == (SAVANNAH, "Savannah", "female")
    assert first["previewUrl"] == f"https://calls.example.com/api/voice/preview/{SAVANNAH}"


async def test_every_preview_in_the_catalogue_can_be_heard(api: ApiClient) -> None:
    for voice in (await api.get("/api/voice/catalog")).json():
        sample = await api.get(f"/api/voice/preview/{voice['id']}")

        assert sample.headers["content-type"] == "audio/wav"
        assert sample.headers["cache-control"] == "public, max-age=86400"
        assert len(parse_wav(sample.content, name="sample")) > 8000


async def test_there_is_no_sample_of_an_unknown_voice(api: ApiClient) -> None:
    for voice_id in ("alloy", "..%2f..%2fetc", "x" * 300):
        assert refusal(await api.get(f"/api/voice/preview/{voice_id}")) == (404, "not_found")


async def test_a_broken_synthesizer_is_our_fault(api: ApiClient, tts: FragileTTS) -> None:
    tts.breaks_after = 0

    assert refusal(await api.get(f"/api/voice/preview/{SAVANNAH}")) == (500, "internal_error")


async def test_samples_are_rate_limited_by_address(store: Store) -> None:
    async with business_api(store, routers=ROUTERS, per_minute=2) as api:
        answers = [await api.get("/api/voice/preview/none") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [404, 404, 429]


async def test_the_voice_is_changed_with_its_name(api: ApiClient) -> None:
    assert refusal(await api.get("/api/voice")) == (404, "no_active_assistant")
    await api.post("/api/assistants", json={"vapiAssistantId": "va-1", "name": "Reception"})
    before = (await api.get("/api/voice")).json()
    assert before == {"provider": "fragile", "voiceId": SAVANNAH, "voiceName": "Savannah", "canEdit": True}

    assert (await api.put("/api/voice", json={"voiceId": "ve-james"})).json() == {"success": True}
    assert (await api.get("/api/voice")).json() == {**before, "voiceId": "ve-james", "voiceName": "James"}
    assert (await api.get("/api/assistant-name")).json()["name"] == "James"
    await api.put("/api/voice", json={"voiceId": "ve-james", "voiceName": "Jim"})
    assert (await api.get("/api/assistant-name")).json()["defaultName"] == "Jim"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"voiceId": "alloy"}, "unknown_voice"),
        ({"voiceId": ""}, "validation_error"),
        ({}, "validation_error"),
        ({"voiceId": SAVANNAH, "voiceName": ""}, "validation_error"),
        ({"voiceId": SAVANNAH, "voiceName": "n" * 61}, "validation_error"),
    ],
)
async def test_voices_that_cannot_be_chosen(api: ApiClient, body: dict[str, str], code: str) -> None:
    await api.post("/api/assistants", json={"vapiAssistantId": "va-1", "name": "Reception"})
    assert refusal(await api.put("/api/voice", json=body)) == (422, code)


@pytest.mark.parametrize(("plan", "may"), [(Tier.FREE, False), (Tier.STARTER, False), (Tier.ENTERPRISE, True)])
async def test_who_may_choose_a_voice(store: Store, plan: Tier, may: bool) -> None:
    business = await add_business(store, plan)
    async with business_api(store, business, routers=ROUTERS, assistants=assistant_service()) as api:
        await api.post("/api/assistants", json={"vapiAssistantId": "va-1", "name": "Reception"})
        put = await api.put("/api/voice", json={"voiceId": "ve-james"})
        got = await api.get("/api/voice")

    assert put.status_code == (200 if may else 403)
    assert got.json()["canEdit"] is may


async def test_nobody_signed_in_has_a_voice(store: Store) -> None:
    async with business_api(store, routers=ROUTERS, assistants=assistant_service()) as api:
        assert refusal(await api.get("/api/voice")) == (401, "unauthenticated")
        assert refusal(await api.put("/api/voice", json={"voiceId": SAVANNAH})) == (401, "unauthenticated")
