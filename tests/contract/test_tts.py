"""What every synthesizer owes the engine, held against the scripted, the local, the failing-over and the remote."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager

import numpy as np
import pytest

from tests.fakes.openai_speech import KEY, FakeOpenAI, running
from tests.fakes.tts import CountingSynthesizer, FragileTTS
from voice_engine.clock import run_virtual
from voice_engine.ports.tts import TTS, SpeechRequest
from voice_engine.providers.speech import OpenAISpeechSettings
from voice_engine.providers.speech_pool import SpeechPool
from voice_engine.providers.tts.failover import FailoverTTS
from voice_engine.providers.tts.hibari import HibariSynthesizer
from voice_engine.providers.tts.local import LocalTTS
from voice_engine.providers.tts.openai import OpenAITTS
from voice_engine.providers.tts.pico import PicoSynthesizer
from voice_engine.providers.tts.scripted import ScriptedTTS

Maker = Callable[[], AbstractAsyncContextManager[TTS]]

REQUEST = SpeechRequest(text="Your table is booked. See you on Friday.", language="en")


@asynccontextmanager
async def scripted() -> AsyncGenerator[TTS, None]:
    yield ScriptedTTS()


@asynccontextmanager
async def local() -> AsyncGenerator[TTS, None]:
    pool = SpeechPool()
    yield LocalTTS([CountingSynthesizer()], pool)
    pool.close()


@asynccontextmanager
async def packaged() -> AsyncGenerator[TTS, None]:
    pool = SpeechPool()
    yield LocalTTS([HibariSynthesizer(), PicoSynthesizer()], pool)
    pool.close()


@asynccontextmanager
async def failover() -> AsyncGenerator[TTS, None]:
    yield FailoverTTS([FragileTTS(freezes_after=3), FragileTTS(name="spare")])


@asynccontextmanager
async def openai() -> AsyncGenerator[TTS, None]:
    async with running(FakeOpenAI()) as fake:
        tts = OpenAITTS(OpenAISpeechSettings(api_key=KEY, base_url=fake.base_url))
        yield tts
        await tts.aclose()


Run = Callable[[Callable[[TTS], Awaitable[None]]], None]


@pytest.fixture(
    params=[
        scripted,
        local,
        failover,
        openai,
        pytest.param(packaged, marks=[pytest.mark.speech, pytest.mark.slow]),
    ],
    ids=lambda maker: maker.__name__,
)
def run(request: pytest.FixtureRequest) -> Run:
    maker: Maker = request.param

    def runner(script: Callable[[TTS], Awaitable[None]]) -> None:
        async def main() -> None:
            async with asyncio.timeout(10), maker() as tts:
                await script(tts)

        if maker is openai:
            asyncio.run(main())
        else:
            run_virtual(main())

    return runner


def test_audio_is_int16_at_8_khz_and_audible(run: Run) -> None:
    async def script(tts: TTS) -> None:
        chunks = [pcm async for pcm in tts.synthesize(REQUEST)]
        pcm = np.concatenate(chunks)
        assert all(chunk.dtype == np.int16 and chunk.ndim == 1 and len(chunk) for chunk in chunks)
        assert len(pcm) > 8000 // 2
        assert np.abs(pcm).max() > 900

    run(script)


def test_closing_in_the_middle_leaves_nothing_behind(run: Run) -> None:
    """Barge-in: the leaked-task check of the suite would see what stays."""

    async def script(tts: TTS) -> None:
        async with aclosing(tts.synthesize(REQUEST)) as chunks:
            await anext(chunks)

    run(script)


def test_calls_do_not_disturb_each_other(run: Run) -> None:
    async def script(tts: TTS) -> None:
        async def speak() -> int:
            return sum([len(pcm) async for pcm in tts.synthesize(REQUEST)])

        alone = await speak()
        async with asyncio.TaskGroup() as group:
            together = [group.create_task(speak()) for _ in range(3)]
        if tts.capabilities.name != "fragile+spare":
            assert {task.result() for task in together} == {alone}

    run(script)


def test_every_voice_has_a_language_and_a_label(run: Run) -> None:
    async def script(tts: TTS) -> None:
        assert tts.capabilities.name
        assert "en" in tts.capabilities.languages()
        assert all(voice.id and voice.label for voice in tts.capabilities.voices)
        assert tts.capabilities.cost_ms("Hello.") >= 0

    run(script)
