"""The adapter against a real HTTP server: what arrives is joined, what breaks is named, nothing is retried."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.fakes.openai_chat import (
    DONE,
    ChatServer,
    Drop,
    Script,
    Stall,
    answer,
    chunk,
    event,
    failure,
    opening,
    resplit,
    running_chat_server,
    tokens,
    tool_call,
    usage,
)
from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.ports.llm import ChatMessage, Completed, LLMEvent, LLMRequest, TextDelta, ToolCall, ToolSpec
from voice_engine.providers.llm.openai import OpenAILLM
from voice_engine.providers.llm.settings import LLMSettings, OpenAILLMSettings

TOOL = ToolSpec(name="look", description="Look.", parameters={"type": "object", "properties": {}})
REQUEST = LLMRequest(
    messages=(ChatMessage(role="system", content="Be brief."), ChatMessage(role="user", content="¿Sí?")),
    tools=(TOOL,),
    max_tokens=50,
    temperature=0.1,
)


@pytest.fixture
async def chat_server() -> AsyncIterator[ChatServer]:
    async with running_chat_server() as server:
        yield server


@pytest.fixture
async def llm(chat_server: ChatServer) -> AsyncIterator[OpenAILLM]:
    model = OpenAILLM(OpenAILLMSettings(base_url=chat_server.base_url, model="m", timeout_s=2.0, stall_s=0.1))
    yield model
    await model.close()


async def read(llm: OpenAILLM) -> list[LLMEvent]:
    return [event async for event in llm.stream(REQUEST)]


def text_of(events: list[LLMEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize(("name", "hastened"), [("gpt-6-luna", True), ("gpt-4.1-mini", False)])
async def test_the_vendors_own_models_are_told_not_to_think(
    chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch, name: str, hastened: bool
) -> None:
    """They take tools only then, and no temperature; older ones know no such word."""
    monkeypatch.setattr("voice_engine.providers.llm.openai.OPENAI_URL", chat_server.base_url)
    chat_server.play(answer("Sure."))
    llm = OpenAILLM(OpenAILLMSettings(model=name, api_key="k", timeout_s=2.0))

    await read(llm)
    await llm.close()

    sent = chat_server.requests[0]
    assert (sent.get("reasoning_effort"), "temperature" in sent) == (("none", False) if hastened else (None, True))


async def test_text_usage_and_end_are_read(chat_server: ChatServer, llm: OpenAILLM) -> None:
    """The plain case, and what the endpoint was asked."""
    chat_server.play(answer("Sure, that works."))

    events = await read(llm)

    assert text_of(events) == "Sure, that works."
    assert events[-1] == Completed(reason="stop", prompt_tokens=412, completion_tokens=3)
    sent = chat_server.requests[0]
    assert sent["model"] == "m"
    assert sent["stream_options"] == {"include_usage": True}
    assert (sent["max_tokens"], sent["temperature"]) == (50, 0.1)
    assert "reasoning_effort" not in sent
    assert sent["messages"][1] == {"role": "user", "content": "¿Sí?"}
    assert sent["tools"][0]["function"]["name"] == "look"


@pytest.mark.parametrize("size", [1, 3, 7, 50])
async def test_bytes_may_be_split_anywhere(chat_server: ChatServer, llm: OpenAILLM, size: int) -> None:
    """Also inside a multi-byte character and between the two line ends of an event."""
    chat_server.play(resplit(answer("¿Mañana a las ocho? Sí, señor — año 2026."), size))

    assert text_of(await read(llm)) == "¿Mañana a las ocho? Sí, señor — año 2026."


async def test_fragments_of_a_tool_call_are_joined(chat_server: ChatServer, llm: OpenAILLM) -> None:
    """A call is given once, when it is whole."""
    chat_server.play(tool_call("look", '{"query": "aparcamiento"}', size=3))

    events = await read(llm)

    assert events[:-1] == [
        ToolCall(id="call_DdmO9pD3xa9XTPNJ32zg2hcA", name="look", arguments='{"query": "aparcamiento"}')
    ]


async def test_parallel_calls_and_calls_without_an_index_are_told_apart(
    chat_server: ChatServer, llm: OpenAILLM
) -> None:
    """Some endpoints interleave calls, others leave `index` out."""
    fragments = [
        {"index": 0, "id": "a", "function": {"name": "one", "arguments": '{"x"'}},
        {"index": 1, "id": "b", "function": {"name": "two", "arguments": "{}"}},
        {"index": 0, "function": {"arguments": ": 1}"}},
    ]
    bare = [
        {"id": "a", "function": {"name": "one", "arguments": "{}"}},
        {"id": "b", "function": {"name": "two", "arguments": "{}"}},
    ]
    for calls, first in ((fragments, '{"x": 1}'), (bare, "{}")):
        pieces = [opening(), *(chunk({"tool_calls": [call]}) for call in calls), chunk({}, "tool_calls"), DONE]
        chat_server.play(Script(pieces=pieces))

        found = [event for event in await read(llm) if isinstance(event, ToolCall)]

        assert found == [
            ToolCall(id="a", name="one", arguments=first),
            ToolCall(id="b", name="two", arguments="{}"),
        ]


async def test_an_answer_cut_off_by_its_length_says_so(chat_server: ChatServer, llm: OpenAILLM) -> None:
    """Its last sentence is unfinished, which the reader must know."""
    chat_server.play(answer("Sure, I would", finish="length"))

    events = await read(llm)

    assert isinstance(events[-1], Completed)
    assert events[-1].reason == "length"


async def test_chunks_of_other_endpoints_are_read(chat_server: ChatServer, llm: OpenAILLM) -> None:
    """No usage, empty choices, null content, comments as keep-alive."""
    keep_alive = b": keep-alive\n\n"
    sparse = event({"choices": [{"index": 0, "delta": {"content": "Hi."}, "finish_reason": None}]})
    no_choices = event({"choices": []})
    chat_server.play(
        Script(pieces=[keep_alive, no_choices, chunk({"content": None}), sparse, chunk({}, "stop"), DONE])
    )

    assert await read(llm) == [TextDelta(text="Hi."), Completed(reason="stop")]


@pytest.mark.parametrize(
    ("script", "code", "retryable"),
    [
        (failure(401, "invalid_api_key"), "llm_key_refused", False),
        (failure(400, "bad"), "llm_request_refused", False),
        (failure(404, "model_not_found"), "llm_request_refused", False),
        (failure(429, "rate_limit_exceeded"), "llm_rate_limited", True),
        (failure(429, "insufficient_quota"), "llm_rate_limited", False),
        (failure(500), "llm_server_error", True),
        (failure(503), "llm_server_error", True),
        (Script(pieces=[opening(), *tokens("Sure, I"), Drop()]), "llm_unreachable", True),
        (Script(pieces=[opening(), *tokens("Sure, I")]), "llm_broken_off", True),
        (Script(pieces=[opening(), b"data: {not json\n\n", DONE]), "llm_malformed", True),
        (Script(pieces=[event({"error": {"message": "overloaded"}})]), "llm_server_error", True),
        (Script(pieces=[opening(), chunk({}, "content_filter"), DONE]), "llm_refused", True),
        (Script(pieces=[chunk({"refusal": "I'm sorry"}), chunk({}, "stop"), DONE]), "llm_refused", True),
        (Script(pieces=[Stall()]), "llm_timeout", True),
        (Script(pieces=[opening(), *tokens("Sure, I"), Stall()]), "llm_timeout", True),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_every_failure_has_its_code(
    chat_server: ChatServer, llm: OpenAILLM, script: Script, code: str, retryable: bool
) -> None:
    """Named, asked once, and without the vendor's own words, which may quote the caller."""
    chat_server.play(script)

    with pytest.raises(UpstreamFailed) as caught:
        await read(llm)

    assert (caught.value.code, caught.value.retryable) == (code, retryable)
    assert len(chat_server.requests) == 1
    assert "secret vendor text" not in str(caught.value)


async def test_nobody_listening_is_unreachable() -> None:
    """A wrong port fails at once and may be tried again."""
    llm = OpenAILLM(OpenAILLMSettings(base_url="http://127.0.0.1:9/v1"))

    with pytest.raises(UpstreamFailed) as caught:
        await read(llm)
    await llm.close()

    assert caught.value.code == "llm_unreachable"


async def test_closing_the_stream_tells_the_endpoint(chat_server: ChatServer, llm: OpenAILLM) -> None:
    """A barge-in must not leave a request running that is paid for by the token."""
    chat_server.play(Script(pieces=[opening(), *tokens("Sure, I"), Stall()]))

    stream = llm.stream(REQUEST)
    await anext(stream)
    await stream.aclose()

    async with asyncio.timeout(2):
        await chat_server.abandoned.wait()


def test_a_key_is_needed_away_from_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The vendor's own environment variables are not read: one place reads the environment."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-elsewhere")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")

    for base_url in (None, "https://models.example.com/v1", "http://10.0.0.1/v1"):
        with pytest.raises(InvalidInput) as caught:
            OpenAILLM(OpenAILLMSettings(base_url=base_url))
        assert caught.value.code == "provider_key_missing"


@pytest.mark.parametrize("base_url", ["http://localhost:1234/v1", "http://127.0.0.1:8080/v1", "http://[::1]:1/v1"])
def test_a_model_on_this_machine_needs_no_key(base_url: str) -> None:
    """Local servers have none."""
    assert OpenAILLM(OpenAILLMSettings(base_url=base_url, model="m")).name == "openai:m"


def test_the_key_is_in_no_representation() -> None:
    """Settings end up in logs and tracebacks."""
    assert "sk-1" not in repr(LLMSettings(openai=OpenAILLMSettings(api_key="sk-1")))


async def test_usage_alone_is_no_answer(chat_server: ChatServer, llm: OpenAILLM) -> None:
    """A stream with figures and no end is broken off."""
    chat_server.play(Script(pieces=[opening(), usage(1, 0), DONE]))

    with pytest.raises(UpstreamFailed) as caught:
        await read(llm)

    assert caught.value.code == "llm_broken_off"
