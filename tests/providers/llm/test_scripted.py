"""The scripted model keeps its times on any clock, also when its reader is slow."""

import asyncio

from voice_engine.clock import run_virtual
from voice_engine.ports.llm import ChatMessage, Completed, LLMRequest
from voice_engine.providers.llm.scripted import ScriptedLLM, create
from voice_engine.providers.llm.settings import LLMSettings
from voice_engine.providers.scripted import ScriptedSettings

REQUEST = LLMRequest(messages=(ChatMessage(role="user", content="Hello?"),))


def test_tokens_come_on_time() -> None:
    """First token, then one every interval: what a latency comparison is counted from."""
    llm = ScriptedLLM(
        ScriptedSettings(llm_first_token_ms=250, llm_token_interval_ms=10, llm_reply="One two. Three")
    )

    async def main() -> list[int]:
        loop = asyncio.get_running_loop()
        return [
            round(loop.time() * 1000) async for event in llm.stream(REQUEST) if not isinstance(event, Completed)
        ]

    assert run_virtual(main()) == [250, 260, 270]


def test_a_slow_reader_finds_the_tokens_waiting() -> None:
    """As from a socket: time that the reader took is not added to the stream."""
    llm = ScriptedLLM(ScriptedSettings(llm_first_token_ms=100, llm_token_interval_ms=10, llm_reply="a b c d"))

    async def main() -> list[int]:
        loop = asyncio.get_running_loop()
        times = []
        async for _ in llm.stream(REQUEST):
            times.append(round(loop.time() * 1000))
            if len(times) == 1:
                await asyncio.sleep(1)
        return times

    assert run_virtual(main()) == [100, 1100, 1100, 1100, 1100]


def test_the_reply_is_the_settings_one() -> None:
    """Made through its entry point."""
    llm = create(LLMSettings(scripted=ScriptedSettings(llm_reply="Just this.", llm_first_token_ms=0)))

    async def main() -> list[object]:
        return [event async for event in llm.stream(REQUEST)]

    events = run_virtual(main())

    assert events[-1] == Completed(reason="stop", completion_tokens=2)
