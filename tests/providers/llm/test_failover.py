"""The next model takes over before a word was said, never in the middle of an answer."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from voice_engine.clock import run_virtual
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.llm import ChatMessage, Completed, LLMEvent, LLMRequest, TextDelta
from voice_engine.providers.llm.failover import FailoverLLM

REQUEST = LLMRequest(messages=(ChatMessage(role="user", content="Hello"),))
DOWN = UpstreamFailed("llm_server_error", "down", provider="x", retryable=True)


class Model:
    """Waits, fails or says its name; `breaks` after its first word."""

    def __init__(self, name: str, *, fault: UpstreamFailed | None = None, wait_s: float = 0.0) -> None:
        self.name, self.fault, self.wait_s = name, fault, wait_s
        self.breaks = False
        self.asked = 0

    async def stream(self, request: LLMRequest) -> AsyncGenerator[LLMEvent, None]:
        self.asked += 1
        await asyncio.sleep(self.wait_s)
        if self.fault is not None and not self.breaks:
            raise self.fault
        yield TextDelta(text=self.name)
        if self.breaks:
            raise DOWN
        yield Completed(reason="stop")


async def say(llm: FailoverLLM) -> str:
    said = []
    async with aclosing(llm.stream(REQUEST)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                said.append(event.text)
    return "".join(said)


def test_the_first_answers_while_it_works() -> None:
    own, common = Model("own"), Model("common")

    assert run_virtual(say(FailoverLLM([own, common]))) == "own"
    assert common.asked == 0


def test_one_that_fails_is_replaced_in_the_same_turn_and_left_out_of_the_next() -> None:
    own, common = Model("own", fault=DOWN), Model("common")
    llm = FailoverLLM([own, common])

    async def main() -> list[str]:
        said = [await say(llm), await say(llm)]
        await asyncio.sleep(31)
        own.fault = None
        return [*said, await say(llm)]

    assert run_virtual(main()) == ["common", "common", "own"]
    assert own.asked == 2


def test_one_that_stalls_is_replaced_before_the_turns_time_is_over() -> None:
    own, common = Model("own", wait_s=60.0), Model("common")

    async def main() -> tuple[str, float]:
        began_s = asyncio.get_running_loop().time()
        return await say(FailoverLLM([own, common])), asyncio.get_running_loop().time() - began_s

    said, took_s = run_virtual(main())
    assert said == "common"
    assert took_s < 1.2


def test_an_answer_that_breaks_off_is_not_begun_anew() -> None:
    """Its beginning was heard."""
    own, common = Model("own"), Model("common")
    own.breaks = True

    with pytest.raises(UpstreamFailed):
        run_virtual(say(FailoverLLM([own, common])))

    assert common.asked == 0


def test_when_all_fail_the_last_ones_fault_is_told() -> None:
    with pytest.raises(UpstreamFailed, match="down"):
        run_virtual(say(FailoverLLM([Model("own", wait_s=9.0), Model("common", fault=DOWN)])))
