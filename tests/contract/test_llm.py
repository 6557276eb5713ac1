"""What every language model keeps, whoever made it: the fake, the scripted and the OpenAI adapter alike."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from tests.fakes.llm import FakeLLM
from tests.fakes.openai_chat import answer, running_chat_server
from voice_engine.ports.llm import LLM, ChatMessage, Completed, LLMRequest, TextDelta
from voice_engine.providers.llm.openai import OpenAILLM
from voice_engine.providers.llm.scripted import ScriptedLLM
from voice_engine.providers.llm.settings import OpenAILLMSettings
from voice_engine.providers.scripted import ScriptedSettings

REPLY = "Sure, one moment please. I will have a look."
REQUEST = LLMRequest(messages=(ChatMessage(role="user", content="Hello?"),))


@asynccontextmanager
async def fake() -> AsyncIterator[LLM]:
    yield FakeLLM([REPLY], [REPLY])


@asynccontextmanager
async def scripted() -> AsyncIterator[LLM]:
    yield ScriptedLLM(ScriptedSettings(llm_reply=REPLY, llm_first_token_ms=1, llm_token_interval_ms=0))


@asynccontextmanager
async def openai() -> AsyncIterator[LLM]:
    async with running_chat_server() as server:
        server.play(answer(REPLY), answer(REPLY))
        model = OpenAILLM(OpenAILLMSettings(base_url=server.base_url))
        yield model
        await model.close()


models = pytest.mark.parametrize("opened", [fake, scripted, openai], ids=["fake", "scripted", "openai"])


@models
async def test_text_comes_in_pieces_and_ends_with_completed(opened: object) -> None:
    """The reader can speak before the end, and knows the end when it comes."""
    async with _open(opened) as llm:
        events = [event async for event in llm.stream(REQUEST)]

    deltas = [event.text for event in events if isinstance(event, TextDelta)]
    assert "".join(deltas) == REPLY
    assert len(deltas) > 5
    assert [isinstance(event, Completed) for event in events] == [False] * (len(events) - 1) + [True]


@models
async def test_a_stream_may_be_closed_early_and_the_model_asked_again(opened: object) -> None:
    """A barge-in closes it in mid-sentence."""
    async with _open(opened) as llm:
        stream = llm.stream(REQUEST)
        await anext(stream)
        await stream.aclose()

        again = [event async for event in llm.stream(REQUEST)]

    assert isinstance(again[-1], Completed)


@models
async def test_it_has_a_name(opened: object) -> None:
    """Reports say who worded the turns."""
    async with _open(opened) as llm:
        assert llm.name


def _open(opened: object) -> AbstractAsyncContextManager[LLM]:
    assert callable(opened)
    context = opened()
    assert isinstance(context, AbstractAsyncContextManager)
    return context
