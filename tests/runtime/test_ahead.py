"""Openings are spoken before their stream is there, once, and nothing depends on it."""

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest

from tests.fakes.call_rig import RECEPTIONIST, RESTAURANT
from tests.fakes.tts import FragileTTS
from voice_engine.clock import run_virtual
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.call import CallSpec, GreetingMode
from voice_engine.ports.tts import SpeechRequest
from voice_engine.runtime.ahead import AheadTTS, opening_of

GREETING = "Thank you for calling Bright Smile, how may I help you today?"


def spec_of(call_id: str = "call-1", greeting: str = GREETING, **fields: object) -> CallSpec:
    assert RECEPTIONIST.assistant is not None
    assistant = replace(RECEPTIONIST.assistant, greeting=greeting, **fields)  # type: ignore[arg-type]
    return replace(RECEPTIONIST, call_id=call_id, assistant=assistant, record=False)


async def first_ms(tts: AheadTTS, request: SpeechRequest) -> float:
    """How long the first chunk takes."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    async with aclosing(tts.synthesize(request)) as chunks:
        await anext(chunks)
    return 1000 * (loop.time() - began_s)


def test_what_was_prepared_is_there_at_once_and_for_the_next_caller_too() -> None:
    inner = FragileTTS()
    tts = AheadTTS(inner)

    async def main() -> None:
        await tts.prepare(spec_of())
        for request in opening_of(spec_of(), inner, "clause"):
            assert await first_ms(tts, request) == 0
        asked = len(inner.requests)
        await tts.prepare(spec_of("call-2"))
        assert len(inner.requests) == asked

    run_virtual(main())
    assert " ".join(request.text for request in inner.requests) == GREETING


def test_a_stream_that_is_quicker_follows_what_is_under_way() -> None:
    inner = FragileTTS()
    tts = AheadTTS(inner)

    async def main() -> int:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(tts.prepare(spec_of()))
            await asyncio.sleep(0.05)
            request = opening_of(spec_of(), inner, "clause")[0]
            followers = [tasks.create_task(_samples(tts, request)) for _ in range(2)]
        assert followers[0].result() == followers[1].result() == await _samples(tts, request)
        return followers[0].result()

    assert run_virtual(main()) > 8000
    assert len({request.text for request in inner.requests}) == len(inner.requests)


async def _samples(tts: AheadTTS, request: SpeechRequest) -> int:
    return sum([len(chunk) async for chunk in tts.synthesize(request)])


def test_a_preparation_that_fails_leaves_the_call_to_speak_for_itself() -> None:
    inner = FragileTTS(breaks_after=0)
    tts = AheadTTS(inner)

    async def main() -> int:
        await tts.prepare(spec_of())
        inner.breaks_after = None
        return await _samples(tts, opening_of(spec_of(), inner, "clause")[0])

    assert run_virtual(main()) > 8000


def test_a_preparation_that_breaks_off_under_a_listener_is_an_error_and_not_a_repeat() -> None:
    inner = FragileTTS(breaks_after=3)
    tts = AheadTTS(inner)

    async def main() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(tts.prepare(spec_of()))
            await asyncio.sleep(0.03)
            with pytest.raises(UpstreamFailed):
                await _samples(tts, opening_of(spec_of(), inner, "clause")[0])

    run_virtual(main())


def test_memory_is_bounded() -> None:
    inner = FragileTTS()
    tts = AheadTTS(inner, kept_bytes=200_000)

    async def main() -> list[float]:
        for index in range(6):
            await tts.prepare(spec_of(greeting=f"Hello and welcome to the house number {index}, dear caller."))
        return [
            await first_ms(tts, opening_of(spec_of(greeting=greeting), inner, "clause")[0])
            for greeting in (f"Hello and welcome to the house number {index}, dear caller." for index in (0, 5))
        ]

    oldest, newest = run_virtual(main())
    assert oldest > 0
    assert newest == 0


def test_only_an_assistant_that_speaks_first_has_an_opening() -> None:
    inner = FragileTTS()

    assert opening_of(spec_of(greeting_mode=GreetingMode.CALLER_FIRST), inner, "clause") == []
    assert opening_of(RESTAURANT, inner, "clause") == []
    assert opening_of(replace(spec_of(), language="es"), inner, "clause") == []
