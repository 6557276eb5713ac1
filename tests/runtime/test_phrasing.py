"""A model's stream as checked clauses, and a request that is sent before it is known to be needed."""

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from tests.fakes.llm import FakeLLM, Item
from voice_engine.clock import run_virtual
from voice_engine.core.dialogue.actions import Say
from voice_engine.core.dialogue.llm.check import Wording
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.llm import ChatMessage, Completed, LLMEvent, LLMRequest, TextDelta, ToolCall
from voice_engine.runtime.phrasing import Budget, Phrasing, PhrasingFailed, Speculation

REQUEST = LLMRequest(messages=(ChatMessage(role="user", content="Hello?"),))
WORDING = Wording(
    says=(Say(template="act", text="One moment, please."),),
    language="en",
    direction="outbound",
    today=dt.date(2026, 2, 13),
)


def read(script: list[Item], *, heed: bool = True) -> tuple[list[str | ToolCall], str | None]:
    """What may be spoken of a script, and why it ended early."""

    async def main() -> tuple[list[str | ToolCall], str | None]:
        phrasing = Phrasing(WORDING, cut="sentence", budget=Budget(first_ms=500, later_ms=100), heed=heed)
        heard: list[str | ToolCall] = []
        try:
            async with aclosing(phrasing.clauses(FakeLLM(script).stream(REQUEST))) as clauses:
                async for clause in clauses:
                    heard.append(clause)
        except PhrasingFailed as failure:
            return heard, failure.reason
        return heard, None

    return run_virtual(main())


CALL = ToolCall(id="1", name="look", arguments="{}")


@pytest.mark.parametrize(
    ("script", "heard", "reason"),
    [
        (["One moment. Thanks"], ["One moment.", "Thanks"], None),
        ([400.0, "One moment.", 90.0, " Thanks."], ["One moment.", "Thanks."], None),
        ([600.0, "One moment."], [], "late"),
        (["One moment.", 150.0, " Thanks."], ["One moment."], "late"),
        (["One moment. It is at nine."], ["One moment."], "fact_time"),
        ([Completed(reason="stop")], [], "empty"),
        (["One mo", Completed(reason="length")], [], "empty"),
        ([UpstreamFailed("llm_timeout", "x", provider="p", retryable=True)], [], "llm_timeout"),
        ([CALL], [CALL], None),
        (["One", CALL], [CALL], None),
        (["One moment.", CALL], ["One moment."], None),
    ],
)
def test_what_may_be_spoken_comes_and_the_rest_has_a_reason(
    script: list[Item], heard: list[str | ToolCall], reason: str | None
) -> None:
    """On virtual time: deadlines to the millisecond."""
    assert read(script) == (heard, reason)


def test_objections_are_not_heeded_in_rehearsal() -> None:
    """The scripted words are all there is."""
    assert read(["It is at nine."], heed=False) == (["It is at nine."], None)


def test_a_stream_that_just_ends_is_broken_off() -> None:
    """A provider that forgets `Completed` is not believed to have finished."""

    async def forgetful() -> AsyncGenerator[LLMEvent, None]:
        yield TextDelta(text="One")

    async def main() -> str:
        phrasing = Phrasing(WORDING, cut="sentence", budget=Budget(first_ms=500, later_ms=100))
        with pytest.raises(PhrasingFailed) as caught:
            async with aclosing(phrasing.clauses(forgetful())) as clauses:
                await anext(clauses)
        return caught.value.reason

    assert run_virtual(main()) == "broken_off"


def test_a_speculations_failure_reaches_its_reader_only() -> None:
    """It must not end the call's task group."""
    script: list[Item] = ["One", UpstreamFailed("llm_server_error", "x", provider="p", retryable=True)]

    async def main() -> str:
        async with asyncio.TaskGroup() as group:
            speculation = Speculation(FakeLLM(script), REQUEST, group)
            await asyncio.sleep(0.1)
            with pytest.raises(UpstreamFailed) as caught:
                async with aclosing(speculation.events()) as events:
                    await anext(events)
                    await anext(events)
            return caught.value.code

    assert run_virtual(main()) == "llm_server_error"


def test_an_unread_speculation_that_is_cancelled_closes_its_stream() -> None:
    """The guess was wrong; nothing is paid for any longer."""
    llm = FakeLLM(["One", 9000.0, " moment."])

    async def main() -> float:
        async with asyncio.TaskGroup() as group:
            speculation = Speculation(llm, REQUEST, group)
            await asyncio.sleep(0.1)
            speculation.cancel()
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == pytest.approx(0.1)
    assert llm.closed == 1
