"""What a business uploads is what its callers hear: asked for in a call, cited in its record, gone when deleted."""

import asyncio
import dataclasses
import random
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest

from tests.fakes import documents
from tests.fakes.business import Business, business_api
from tests.fakes.call_rig import RECEPTIONIST, Call, ClipLine, Rig, Say, clip
from tests.fakes.knowledge import FromVirtualTime, Library, add_house, library
from tests.fakes.llm import FakeLLM
from voice_engine.audio import mulaw
from voice_engine.audio.frames import PCM
from voice_engine.clock import run_virtual
from voice_engine.domains.knowledge.calls import open_searches
from voice_engine.domains.minutes.plans import Tier
from voice_engine.ports.llm import ToolCall
from voice_engine.ports.tts import TTS, SpeechRequest
from voice_engine.providers import open_stt, open_tts
from voice_engine.providers.speech import SpeechContext
from voice_engine.providers.stt.whisper import WhisperTranscriber
from voice_engine.store.engine import Store

FILLING = "Our practice has been in the old mill since the spring of its founding year. " * 30
QUESTION = "what is the word that opens the garden gate"


@pytest.fixture
def shelf(store: Store, tmp_path: Path) -> Library:
    return library(store, tmp_path / "blobs")


def _word() -> str:
    return random.Random().choice(["marigold", "thunder", "harbor", "lantern", "meadow", "copper"])


async def _publish(shelf: Library, business: Business, data: bytes, key: str = "garden") -> None:
    """As a client does: upload, then attach."""
    async with business_api(shelf.store, business, knowledge=shelf.service) as api:
        upload = await api.post("/api/kb/upload", files={"file": ("garden.pdf", data)}, data={"section": key})
        put = await api.put("/api/kb", json={"sectionKey": key, "vapiFileId": upload.json()["fileId"]})
        assert put.status_code == 200


async def _delete(shelf: Library, business: Business, key: str = "garden") -> None:
    async with business_api(shelf.store, business, knowledge=shelf.service) as api:
        assert (await api.delete("/api/kb", params={"section": key})).status_code == 200


async def _call(
    shelf: Library,
    assistant_id: str,
    *questions: str | PCM,
    before: dict[int, object] | None = None,
    **options: object,
) -> Rig:
    """A caller asks these questions, one after the other, and hangs up."""
    steps = before or {}

    async def prepare(number: int) -> None:
        step = steps.get(number)
        if callable(step):
            await step()

    async with open_searches(shelf.store, bound_ms=5_000) as searches:
        knowledge = FromVirtualTime(searches.of(assistant_id), asyncio.get_running_loop(), before=prepare)
        clips = [Say(clip(ms=1500)) if isinstance(question, str) else Say(question) for question in questions]
        line = ClipLine(*clips, hang_up_after_ms=9_000)
        texts = [question for question in questions if isinstance(question, str)]
        spec = dataclasses.replace(RECEPTIONIST, knowledge_scope=assistant_id)
        call = Call(line=line, spec=spec, texts=texts, knowledge=knowledge, **options)  # type: ignore[arg-type]
        return await asyncio.to_thread(call.run)


def _said(rig: Rig) -> list[str]:
    return [turn.text for turn in rig.report.turns if turn.speaker == "AI"]


@pytest.mark.slow
async def test_an_uploaded_fact_is_told_and_cited(store: Store, shelf: Library) -> None:
    """One sentence of a page, in the next call."""
    business, assistant_id = await add_house(store, Tier.STARTER)
    word = _word()
    fact = f"The garden gate opens with the word {word}."
    await _publish(shelf, business, documents.two_column_pdf([FILLING, fact + " " + FILLING, FILLING]))

    rig = await _call(shelf, assistant_id, QUESTION)

    told = next(line for line in _said(rig) if word in line)
    assert fact in told
    assert len(told) < 200
    assert rig.report.outcome.citations == ("garden",)


@pytest.mark.slow
async def test_a_deleted_section_is_gone_from_the_call_that_is_up(store: Store, shelf: Library) -> None:
    business, assistant_id = await add_house(store, Tier.STARTER)
    word = _word()
    await _publish(shelf, business, documents.two_column_pdf([f"The garden gate opens with the word {word}."]))

    async def delete() -> None:
        await _delete(shelf, business)

    rig = await _call(shelf, assistant_id, QUESTION, QUESTION, before={1: delete})

    told = [word in line for line in _said(rig)]
    assert told.count(True) == 1
    assert "message" in _said(rig)[-1] or "call" in _said(rig)[-1]
    assert rig.report.outcome.next_steps, "the house is told that the answer is missing"


@pytest.mark.slow
async def test_another_businesss_call_does_not_find_it(store: Store, shelf: Library) -> None:
    ours, _ = await add_house(store, Tier.STARTER)
    _, their_assistant = await add_house(store, Tier.STARTER)
    word = _word()
    await _publish(shelf, ours, documents.two_column_pdf([f"The garden gate opens with the word {word}."]))

    rig = await _call(shelf, their_assistant, QUESTION)

    assert not any(word in line for line in _said(rig))
    assert rig.report.outcome.citations == ()


def _spoken(tts: TTS, text: str) -> PCM:
    """A caller's words as telephone audio, in another voice than the engine's."""

    async def speak() -> PCM:
        request = SpeechRequest(text=text, language="en", voice="pico-en-US")
        async with aclosing(tts.synthesize(request)) as chunks:
            return np.concatenate([chunk async for chunk in chunks])

    return run_virtual(speak())


def _recognized(rig: Rig) -> list[str]:
    """What an ear that knows nothing of the call makes of the engine's audio, turn by turn."""
    ear, heard = WhisperTranscriber(), mulaw.decode_pcm(bytes(rig.heard))
    spans = [(turn.start_ms, turn.end_ms) for turn in rig.report.turns if turn.speaker == "AI"]
    return [ear.transcribe(heard[start * 8 : end * 8 + 4000], "en").text.lower() for start, end in spans]


@pytest.mark.slow
@pytest.mark.speech
@pytest.mark.acceptance
@pytest.mark.timeout(300)
async def test_a_fact_is_asked_for_and_answered_in_speech(store: Store, shelf: Library) -> None:
    """From a caller's voice to the engine's: while it is written, and in the same call once it is deleted."""
    business, assistant_id = await add_house(store, Tier.STARTER)
    word = _word()
    await _publish(
        shelf, business, documents.two_column_pdf([FILLING, f"The garden gate opens with {word}.", FILLING])
    )
    context = SpeechContext()
    stt, tts = open_stt("local", context), open_tts("local", context)

    async def delete() -> None:
        await _delete(shelf, business)

    try:
        question = await asyncio.to_thread(
            _spoken, tts, "Hello. Could you tell me what word opens the garden gate?"
        )
        again = await asyncio.to_thread(_spoken, tts, "Which word do you need for the garden gate?")
        rig = await _call(shelf, assistant_id, question, again, before={1: delete}, stt=stt, tts=tts)
        recognized = await asyncio.to_thread(_recognized, rig)
    finally:
        await context.aclose()

    told = [word in line for line in recognized]
    assert told.count(True) == 1, recognized
    assert not told[-1], recognized
    assert rig.report.outcome.citations == ("garden",)


@pytest.mark.slow
async def test_a_model_is_shown_the_passages_and_words_them(store: Store, shelf: Library) -> None:
    """After a look-up of the policy's; and by the words of a turn that the policy took for something else."""
    business, assistant_id = await add_house(store, Tier.STARTER)
    text = "The garden gate opens with the word lantern. It squeaks.\nTickets for the garden cost 12 dollars."
    async with business_api(store, business, knowledge=shelf.service) as api:
        await api.put("/api/kb", json={"sectionKey": "garden", "text": text})
    model = FakeLLM(["It opens with the word lantern. Anything else?"], ["Bye, then. Anything else?"])

    rig = await _call(shelf, assistant_id, QUESTION, llm=model)

    shown = "\n".join(message.content for request in model.requests for message in request.messages)
    assert '"section": "garden"' in shown
    assert "It squeaks." in shown
    assert "It opens with the word lantern." in _said(rig)[1]


@pytest.mark.slow
async def test_a_model_may_search_where_the_policy_did_not(store: Store, shelf: Library) -> None:
    """Thanks are thanks to the policy; the model sees that more was asked, and its search is the policy's."""
    business, assistant_id = await add_house(store, Tier.STARTER)
    async with business_api(store, business, knowledge=shelf.service) as api:
        await api.put("/api/kb", json={"sectionKey": "garden", "text": "Tickets for the garden cost 12 dollars."})
    search = ToolCall(id="c1", name="search_knowledge", arguments='{"query": "garden tickets"}')
    model = FakeLLM([search], ["Tickets for the garden cost 12 dollars."])

    rig = await _call(shelf, assistant_id, "hello there, garden tickets", llm=model)

    assert any(tool.name == "search_knowledge" for tool in model.requests[0].tools)
    assert '"section": "garden"' in model.requests[0].messages[-2].content
    assert any("12 dollars" in line for line in _said(rig))
    assert rig.report.outcome.citations == ("garden",)
