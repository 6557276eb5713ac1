"""What every recognizer owes the engine: held against the scripted, chunked, failing-over and remote ones."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

import pytest

from tests.fakes.openai_speech import KEY, FakeOpenAI, running
from tests.fakes.stt import CountingRecognizer, FragileSTT, silence, speech, take, until_final
from voice_engine.clock import run_virtual
from voice_engine.ports.stt import STT, STTRequest
from voice_engine.providers.speech import OpenAISpeechSettings
from voice_engine.providers.stt.chunked import ChunkedSTT
from voice_engine.providers.stt.failover import FailoverSTT
from voice_engine.providers.stt.openai import OpenAIRecognizer
from voice_engine.providers.stt.openai_realtime import OpenAIRealtimeSTT
from voice_engine.providers.stt.scripted import ScriptedSTT

T = TypeVar("T")
Maker = Callable[[], AbstractAsyncContextManager[STT]]

REQUEST = STTRequest(call_id="c1", language="en", hints=("Nobu",))


@asynccontextmanager
async def scripted() -> AsyncGenerator[STT, None]:
    yield ScriptedSTT()


@asynccontextmanager
async def chunked() -> AsyncGenerator[STT, None]:
    yield ChunkedSTT("fake", {"en": CountingRecognizer()}, local=True)


@asynccontextmanager
async def failover() -> AsyncGenerator[STT, None]:
    yield FailoverSTT([FragileSTT(frozen=True), ChunkedSTT("fake", {"en": CountingRecognizer()}, local=True)])


@asynccontextmanager
async def openai_files() -> AsyncGenerator[STT, None]:
    async with running(FakeOpenAI()) as fake:
        recognizer = OpenAIRecognizer(OpenAISpeechSettings(api_key=KEY, base_url=fake.base_url))
        yield ChunkedSTT("openai", {"en": recognizer}, local=False)
        await recognizer.aclose()


@asynccontextmanager
async def openai_realtime() -> AsyncGenerator[STT, None]:
    async with running(FakeOpenAI()) as fake:
        stt = OpenAIRealtimeSTT(OpenAISpeechSettings(api_key=KEY, base_url=fake.base_url))
        yield stt
        await stt.aclose()


VIRTUAL: list[Maker] = [scripted, chunked, failover]
REAL: list[Maker] = [openai_files, openai_realtime]


@pytest.fixture(params=[*VIRTUAL, *REAL], ids=lambda maker: maker.__name__)
def run(request: pytest.FixtureRequest) -> Callable[[Callable[[STT], Awaitable[T]]], T]:
    """Run a coroutine function on a fresh recognizer, on the kind of loop that it needs."""
    maker: Maker = request.param

    def runner(script: Callable[[STT], Awaitable[T]]) -> T:
        async def main() -> T:
            async with asyncio.timeout(10), maker() as stt:
                return await script(stt)

        return run_virtual(main()) if maker in VIRTUAL else asyncio.run(main())

    return runner


Run = Callable[[Callable[[STT], Awaitable[object]]], object]


def test_a_final_request_is_answered_once_over_all_audio(run: Run) -> None:
    async def script(stt: STT) -> None:
        async with stt.open(REQUEST) as stream:
            stream.begin(7, 2000)
            for _ in range(50):
                stream.push(7, speech(20))
            stream.request(7, final=True)
            *_, final = await until_final(stream)
            assert (final.utterance_id, final.until_ms, final.final) == (7, 3000, True)
            assert final.text

    run(script)


def test_utterances_are_told_apart(run: Run) -> None:
    async def script(stt: STT) -> None:
        async with stt.open(REQUEST) as stream:
            for utterance, ms in ((1, 400), (2, 800)):
                stream.begin(utterance, utterance * 10_000)
                stream.push(utterance, speech(ms))
                stream.request(utterance, final=True)
                *_, final = await until_final(stream)
                assert (final.utterance_id, final.until_ms) == (utterance, utterance * 10_000 + ms)

    run(script)


def test_a_pause_is_answered_before_the_final(run: Run) -> None:
    async def script(stt: STT) -> None:
        async with stt.open(REQUEST) as stream:
            stream.begin(1, 0)
            stream.push(1, speech(400))
            stream.request(1, final=False, reason="pause")
            (hypothesis,) = await take(stream, lambda _: True)
            assert not hypothesis.final
            stream.push(1, silence(300))
            stream.request(1, final=True, reason="final")
            *_, final = await until_final(stream)
            assert final.until_ms <= 700

    run(script)


def test_a_dropped_utterance_is_never_answered(run: Run) -> None:
    async def script(stt: STT) -> None:
        async with stt.open(REQUEST) as stream:
            stream.begin(1, 0)
            stream.push(1, speech(400))
            stream.request(1, final=True)
            stream.drop(1)
            stream.begin(2, 1000)
            stream.push(2, speech(400))
            stream.request(2, final=True)
            assert {hypothesis.utterance_id for hypothesis in await until_final(stream)} == {2}

    run(script)


def test_unknown_and_finished_utterances_are_ignored(run: Run) -> None:
    """Late frames of an utterance that is over must not raise in the receive path."""

    async def script(stt: STT) -> None:
        async with stt.open(REQUEST) as stream:
            stream.begin(1, 0)
            stream.push(1, speech(400))
            stream.request(1, final=True)
            await until_final(stream)
            stream.push(1, speech(20))
            stream.request(1, final=True)
            stream.push(5, speech(20))
            stream.request(5, final=True)
            stream.drop(5)

    run(script)


def test_closing_ends_a_waiting_reader(run: Run) -> None:
    """When the call is over nothing of it is left waiting."""

    async def script(stt: STT) -> None:
        async with asyncio.TaskGroup() as group, stt.open(REQUEST) as stream:
            reader = group.create_task(until_final(stream))
            await asyncio.sleep(0.05)
        assert reader.result() == []

    run(script)


def test_an_error_in_the_call_comes_out_as_it_is(run: Run) -> None:
    async def script(stt: STT) -> None:
        with pytest.raises(KeyError):
            async with stt.open(REQUEST):
                raise KeyError

    run(script)


def test_capabilities_are_complete(run: Run) -> None:
    async def script(stt: STT) -> None:
        assert stt.capabilities.name
        assert "en" in stt.capabilities.languages
        assert stt.capabilities.cost_ms(1000) >= 0

    run(script)
