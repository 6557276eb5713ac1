"""The prompt over HTTP: read by all, written from ADVANCED up, 404 without an assistant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.domains.prompts.rig import PromptRig, prompt_rig
from tests.fakes.api import ApiClient
from tests.fakes.business import add_business, business_api, refusal
from tests.fakes.llm import FakeLLM
from voice_engine.domains.minutes.plans import Tier
from voice_engine.errors import UpstreamFailed
from voice_engine.rest.api.business import routes as business
from voice_engine.rest.api.prompt import routes as prompt
from voice_engine.store.engine import Store


@asynccontextmanager
async def serving(rig: PromptRig) -> AsyncIterator[ApiClient]:
    """A client signed in as the rig's business."""
    parts = {"assistants": rig.assistants, "prompts": rig.domain}
    async with business_api(rig.store, rig.business, routers=(prompt.router, business.router), **parts) as client:
        yield client


@pytest.fixture
async def rig(store: Store) -> PromptRig:
    return await prompt_rig(store)


@pytest.fixture
async def api(rig: PromptRig) -> AsyncIterator[ApiClient]:
    async with serving(rig) as client:
        yield client


async def test_the_prompt_is_read(api: ApiClient, rig: PromptRig) -> None:
    read = (await api.get("/api/prompt")).json()

    assistant = await rig.assistant()
    assert read == {
        "systemPrompt": (await rig.view()).text,
        "assistantName": "Reception AI",
        "vapiAssistantId": assistant.engine_id,
        "canEdit": True,
        "version": 1,
        "sections": ["persona", "context", "handling"],
    }


async def test_the_prompt_is_replaced(api: ApiClient) -> None:
    text = "Be nice.\n\n## Business hours\nAlways."

    answer = await api.put("/api/prompt", json={"systemPrompt": text, "version": 1.0})

    assert answer.json() == {"success": True}
    read = (await api.get("/api/prompt")).json()
    assert (read["systemPrompt"], read["version"], read["sections"]) == (text, 2, ["hours"])


async def test_an_older_version_is_a_conflict(api: ApiClient) -> None:
    await api.put("/api/prompt", json={"systemPrompt": "Be nice."})

    answer = await api.put("/api/prompt", json={"systemPrompt": "Be nasty.", "version": 1})

    assert refusal(answer) == (409, "version_conflict")
    assert answer.json()["details"] == {"currentVersion": 2}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"systemPrompt": ""},
        {"systemPrompt": None},
        {"systemPrompt": 5},
        {"systemPrompt": "x" * 50_001},
        {"systemPrompt": "nul \0"},
        {"systemPrompt": "x", "version": 0},
        {"systemPrompt": "x", "version": "1"},
        {"systemPrompt": "x", "version": 1.5},
        {"systemPrompt": "x", "version": True},
        {"systemPrompt": "x", "version": None},
    ],
)
async def test_a_text_must_be_one(api: ApiClient, body: object) -> None:
    assert refusal(await api.put("/api/prompt", json=body)) == (422, "validation_error")


async def test_the_longest_text_is_taken(api: ApiClient) -> None:
    assert (await api.put("/api/prompt", json={"systemPrompt": "ñ" * 50_000})).status_code == 200


@pytest.mark.parametrize("body", ["{", "[]", '"x"'])
async def test_a_body_without_sense_is_malformed(api: ApiClient, body: str) -> None:
    headers = {"Content-Type": "application/json"}

    assert refusal(await api.put("/api/prompt", content=body, headers=headers)) == (400, "malformed_request")


async def test_sections_are_written_anew(api: ApiClient) -> None:
    await api.put("/api/prompt", json={"systemPrompt": "## Persona\nYou are nobody.\n\n## Mine\nx"})

    answer = await api.post("/api/prompt/regenerate", json={"sections": ["persona"]})

    body = answer.json()
    assert body["regenerated"] == ["persona"]
    assert body["systemPrompt"].startswith("## Persona\nYou are Savannah, ")
    assert body["systemPrompt"].endswith("\n\n## Mine\nx")
    assert body["systemPrompt"] == (await api.get("/api/prompt")).json()["systemPrompt"]


@pytest.mark.parametrize("options", [{}, {"json": {}}, {"json": {"sections": ["context", "persona"]}}])
async def test_both_sections_are_written_in_their_order(api: ApiClient, options: dict[str, object]) -> None:
    answer = await api.post("/api/prompt/regenerate", **options)

    assert answer.json()["regenerated"] == ["persona", "context"]


@pytest.mark.parametrize("sections", [[], ["hours"], ["persona", "persona"], "persona", None])
async def test_only_two_sections_can_be_written_anew(api: ApiClient, sections: object) -> None:
    answer = await api.post("/api/prompt/regenerate", json={"sections": sections})

    assert refusal(answer) == (422, "validation_error")


async def test_when_the_model_fails_nothing_changes(store: Store) -> None:
    failure = UpstreamFailed("llm_unreachable", "no", provider="fake", retryable=True)
    async with serving(await prompt_rig(store, llm=FakeLLM([failure]))) as api:
        before = (await api.get("/api/prompt")).json()

        assert refusal(await api.post("/api/prompt/regenerate")) == (502, "llm_failed")
        assert (await api.get("/api/prompt")).json() == before


@pytest.mark.parametrize(("plan", "may"), [(Tier.FREE, False), (Tier.STARTER, False), (Tier.ADVANCED, True)])
async def test_writing_needs_the_advanced_plan(store: Store, plan: Tier, may: bool) -> None:
    async with serving(await prompt_rig(store, plan=plan)) as api:
        assert (await api.get("/api/prompt")).json()["canEdit"] is may

        written = await api.put("/api/prompt", json={"systemPrompt": "x"})
        anew = await api.post("/api/prompt/regenerate")

    assert {written.status_code, anew.status_code} == ({200} if may else {403})


async def test_without_an_assistant_there_is_no_prompt(store: Store, rig: PromptRig) -> None:
    bare = await add_business(store)
    async with serving(PromptRig(store, bare)) as api:
        answers = [
            await api.get("/api/prompt"),
            await api.put("/api/prompt", json={"systemPrompt": "x"}),
            await api.post("/api/prompt/regenerate"),
        ]

    assert {refusal(answer) for answer in answers} == {(404, "no_active_assistant")}


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/prompt"), ("PUT", "/api/prompt"), ("POST", "/api/prompt/regenerate")]
)
async def test_nobody_gets_nothing(rig: PromptRig, method: str, path: str) -> None:
    async with business_api(rig.store, None, routers=(prompt.router,)) as api:
        assert refusal(await api.request(method, path)) == (401, "unauthenticated")
