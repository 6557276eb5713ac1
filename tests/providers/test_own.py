"""Accounts that customers bring along, against real servers on loopback: tried and refused for the right reason."""

import pytest

from tests.fakes.openai_chat import answer, failure, running_chat_server
from tests.fakes.openai_speech import KEY, FakeOpenAI, Mishap, running
from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.ports.accounts import ProviderAccount, ProviderKind
from voice_engine.providers.guarded import Guard
from voice_engine.providers.own import OwnProbe

OPEN = Guard(allow_private=True)


def account(kind: ProviderKind, url: str, *, key: str | None = KEY, voice: str | None = None) -> ProviderAccount:
    return ProviderAccount(kind=kind, model="a-model", base_url=url, api_key=key, voice=voice)


async def test_a_recognizer_is_sent_audio() -> None:
    async with running(FakeOpenAI()) as server:
        came_back = await OwnProbe(OPEN).ask(account(ProviderKind.STT, server.base_url))

    assert came_back == '"heard 500 ms of en"'
    assert server.requests[0]["model"] == "a-model"


async def test_a_synthesizer_speaks_with_the_chosen_voice() -> None:
    async with running(FakeOpenAI(seconds=0.5)) as server:
        came_back = await OwnProbe(OPEN).ask(account(ProviderKind.TTS, server.base_url, voice="eva"))

    assert came_back == "0.5 s"
    assert (server.requests[0]["voice"], server.requests[0]["model"]) == ("eva", "a-model")


async def test_a_language_model_answers() -> None:
    async with running_chat_server() as chat:
        chat.play(answer("ready"))
        came_back = await OwnProbe(OPEN).ask(account(ProviderKind.LLM, chat.base_url, key=None))

    assert came_back == '"ready"'
    assert chat.requests[0]["model"] == "a-model"


@pytest.mark.parametrize("kind", [ProviderKind.STT, ProviderKind.TTS])
async def test_a_key_that_is_refused_is_said_to_be(kind: ProviderKind) -> None:
    async with running(FakeOpenAI(mishap=Mishap.REFUSE)) as server:
        with pytest.raises(UpstreamFailed) as refused:
            await OwnProbe(OPEN).ask(account(kind, server.base_url))

    assert refused.value.code == "provider_refused"


async def test_a_language_models_refusals_are_told_apart() -> None:
    codes = []
    async with running_chat_server() as chat:
        for script in (failure(401), failure(404), failure(500), answer("")):
            chat.play(script)
            with pytest.raises(UpstreamFailed) as refused:
                await OwnProbe(OPEN).ask(account(ProviderKind.LLM, chat.base_url))
            codes.append(refused.value.code)

    assert codes == ["llm_key_refused", "llm_request_refused", "llm_server_error", "llm_empty"]


@pytest.mark.parametrize("kind", list(ProviderKind))
async def test_an_address_inside_is_not_asked(kind: ProviderKind) -> None:
    """The key would go to whatever listens there."""
    async with running(FakeOpenAI()) as server:
        with pytest.raises(InvalidInput) as refused:
            await OwnProbe(Guard()).ask(account(kind, server.base_url))

    assert refused.value.code == "address_refused"
    assert not server.requests
