"""The providers of a call are its organization's own where it has some, and the installation's where those fail."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.call_rig import RECEPTIONIST
from tests.fakes.calls import CallsRig, new_call, open_calls
from tests.fakes.identity import Clock
from tests.fakes.openai_chat import answer, running_chat_server
from tests.fakes.openai_speech import KEY, FakeOpenAI, Mishap, running
from tests.fakes.providerkeys import provider_keys
from voice_engine.bootstrap import open_providers
from voice_engine.bootstrap.engine import Providers, call_services
from voice_engine.bootstrap.furnishing import HELD_S, Furnishing
from voice_engine.config import Settings, load_settings
from voice_engine.domains.providerkeys.service import ProviderKeys, WantedAccount
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.accounts import ProviderKind
from voice_engine.ports.call import CallSpec
from voice_engine.ports.llm import LLM, ChatMessage, LLMRequest, TextDelta
from voice_engine.ports.stt import STTRequest
from voice_engine.ports.tts import TTS, SpeechRequest
from voice_engine.providers.guarded import Guard
from voice_engine.providers.speech import FailoverSettings
from voice_engine.store.engine import Store

LLM_, STT_, TTS_ = ProviderKind.LLM, ProviderKind.STT, ProviderKind.TTS
SCRIPTED = {"VOICE_ENGINE_STT": "scripted", "VOICE_ENGINE_TTS": "scripted", "VOICE_ENGINE_LLM": "scripted"}


class Rig:
    """An installation whose own providers are scripted ones, and an organization with a call."""

    def __init__(self, store: Store, calls: CallsRig, keys: ProviderKeys, guard: Guard) -> None:
        self.store, self.calls, self.keys, self.now_s = store, calls, keys, 0.0
        self.settings: Settings = load_settings(SCRIPTED)
        self.common: Providers = open_providers(self.settings)
        self.furnishing = Furnishing(
            keys, self.common, guard, failover=FailoverSettings(), monotonic=lambda: self.now_s
        )

    async def spec(self) -> CallSpec:
        """What the engine is told of a call of the organization."""
        return replace(RECEPTIONIST, call_id=(await self.calls.ask()).id)

    async def save(self, kind: ProviderKind, url: str, *, model: str = "a-model", voice: str | None = None) -> None:
        """Keep an account of the organization."""
        wanted = WantedAccount(kind=kind, model=model, base_url=url, api_key=KEY, voice=voice)
        await self.keys.save(self.calls.account.organization_id, wanted, actor="tests")


@pytest.fixture
async def rig(store: Store, tmp_path: Path) -> AsyncIterator[Rig]:
    guard = Guard(allow_private=True)
    made = Rig(store, await open_calls(store, tmp_path), provider_keys(store, Clock(), guard=guard), guard)
    async with aclosing(made.common), aclosing(made.furnishing):
        yield made


async def speak(tts: TTS, voice: str | None = None) -> int:
    """How many samples came back."""
    async with aclosing(tts.synthesize(SpeechRequest(text="Hello.", language="en", voice=voice))) as chunks:
        return sum([len(chunk) async for chunk in chunks])


async def complete(llm: LLM) -> str:
    request = LLMRequest(messages=(ChatMessage(role="user", content="Hello"),))
    async with aclosing(llm.stream(request)) as events:
        return "".join([event.text async for event in events if isinstance(event, TextDelta)])


async def test_a_call_without_accounts_has_what_the_installation_has(rig: Rig) -> None:
    spec = await rig.spec()
    await rig.furnishing.furnish(spec)

    used = rig.furnishing.of(spec)

    assert (used.stt, used.tts, used.llm) == (rig.common.stt, rig.common.ahead, rig.common.llm)


async def test_a_call_speaks_and_thinks_with_its_organizations_own_accounts(rig: Rig, store: Store) -> None:
    """Seen at the providers' end: their requests, with the stored key and model."""
    spec = await rig.spec()
    async with running(FakeOpenAI()) as speech, running_chat_server() as chat:
        await rig.save(TTS_, speech.base_url, model="my-voice")
        await rig.save(LLM_, chat.base_url, model="my-model")
        await rig.furnishing.furnish(spec)
        services = call_services(rig.settings, rig.common, spec, NoControl(), furniture=rig.furnishing.of(spec))
        chat.play(answer("mine"))
        assert services.llm is not None

        assert await speak(services.tts) == 8_000
        assert await complete(services.llm) == "mine"

    assert [request["model"] for request in speech.requests] == ["my-voice"]
    assert [request["model"] for request in chat.requests] == ["my-model"]
    assert services.stt is rig.common.stt


class NoControl:
    """No carrier."""

    async def hang_up(self, call_sid: str) -> None:
        raise AssertionError

    async def send_digits(self, call_sid: str, digits: str) -> None:
        raise AssertionError

    async def transfer(self, call_sid: str, number: str) -> None:
        raise AssertionError


@pytest.mark.parametrize(("kept", "used"), [("eva", "eva"), (None, "nova")])
async def test_an_accounts_voice_says_everything(rig: Rig, kept: str | None, used: str) -> None:
    """An assistant's voice is a name that other endpoints refuse; without one of its own the vendor's is meant."""
    spec = await rig.spec()
    async with running(FakeOpenAI()) as speech:
        await rig.save(TTS_, speech.base_url, voice=kept)
        await rig.furnishing.furnish(spec)
        await speak(rig.furnishing.of(spec).tts, "nova")

    assert [request["voice"] for request in speech.requests] == [used]


async def test_a_call_hears_with_its_organizations_recognizer(rig: Rig) -> None:
    spec = await rig.spec()
    async with running(FakeOpenAI()) as speech:
        await rig.save(STT_, speech.base_url)
        await rig.furnishing.furnish(spec)
        async with rig.furnishing.of(spec).stt.open(STTRequest(call_id=spec.call_id, language="en")) as stream:
            stream.begin(1, 0)
            stream.push(1, np.full(4_000, 900, np.int16))
            stream.request(1, final=True)
            heard = await anext(aiter(stream.hypotheses()))

    assert heard.text == "heard 500 ms of en"


async def test_where_its_own_provider_fails_the_installations_takes_over(rig: Rig) -> None:
    spec = await rig.spec()
    async with running(FakeOpenAI(mishap=Mishap.CRASH)) as speech, running_chat_server() as chat:
        await rig.save(TTS_, speech.base_url)
        await rig.save(LLM_, chat.base_url)
        await rig.furnishing.furnish(spec)
        used = rig.furnishing.of(spec)
        assert used.llm is not None

        assert await speak(used.tts) > 0
        assert (await complete(used.llm)).startswith("This is the first sentence")

    assert len(speech.requests) == 0
    assert len(chat.requests) == 1


async def test_what_is_changed_while_a_call_is_up_is_the_next_calls(rig: Rig) -> None:
    first = await rig.spec()
    async with running_chat_server() as chat:
        await rig.save(LLM_, chat.base_url, model="old")
        await rig.furnishing.furnish(first)
        await rig.save(LLM_, chat.base_url, model="new")
        second = replace(first, call_id=await another_call(rig))
        await rig.furnishing.furnish(second)
        chat.play(answer("a"), answer("b"))
        for spec in (first, second):
            llm = rig.furnishing.of(spec).llm
            assert llm is not None
            await complete(llm)

    assert [request["model"] for request in chat.requests] == ["old", "new"]


async def another_call(rig: Rig) -> str:
    """A second call of the same organization."""
    return (await rig.calls.ask(new_call(respondent_phone="+14155559999"))).id


async def test_connections_are_shared_by_calls_and_closed_once_replaced_and_unused(rig: Rig) -> None:
    first = await rig.spec()
    second = replace(first, call_id=await another_call(rig))
    async with running_chat_server() as chat:
        await rig.save(LLM_, chat.base_url)
        for spec in (first, second):
            await rig.furnishing.furnish(spec)
        shared = rig.furnishing.of(first)
        assert rig.furnishing.of(second) is shared
        await rig.save(LLM_, chat.base_url, model="new")
        await rig.furnishing.furnish(second)
        chat.play(answer("still open"))
        assert shared.llm is not None
        assert await complete(shared.llm) == "still open"

        rig.now_s = HELD_S + 1
        await rig.furnishing.furnish(second)
        with pytest.raises(RuntimeError, match="closed"):
            await complete(shared.llm)

    assert rig.furnishing.of(first).llm is rig.common.llm


async def test_another_organizations_calls_do_not_get_them(rig: Rig, store: Store, tmp_path: Path) -> None:
    other = await open_calls(store, tmp_path / "other")
    spec = replace(RECEPTIONIST, call_id=(await other.ask()).id)
    await rig.save(LLM_, "http://127.0.0.1:9/v1")

    await rig.furnishing.furnish(spec)

    assert rig.furnishing.of(spec).llm is rig.common.llm


async def test_without_a_database_a_call_has_what_all_have(rig: Rig) -> None:
    spec = await rig.spec()
    await rig.save(LLM_, "http://127.0.0.1:9/v1")
    rig.keys.for_call = away  # type: ignore[method-assign]  # the database is away for this one

    await rig.furnishing.furnish(spec)

    assert rig.furnishing.of(spec).llm is rig.common.llm


async def away(call_id: str) -> None:
    raise UpstreamFailed("database_unavailable", "away", provider="database", retryable=True)
