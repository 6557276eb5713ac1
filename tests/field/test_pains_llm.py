"""What the field complains of in voice agents that are led by a language model, turned into requirements."""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.fakes.dialogue import restaurant_spec
from tests.fakes.llm import FakeLLM
from tests.fakes.openai_chat import (
    ChatServer,
    Drop,
    Script,
    Stall,
    answer,
    failure,
    opening,
    running_chat_server,
    tokens,
)
from voice_engine.clock import run_virtual
from voice_engine.core.dialogue.actions import UseTool
from voice_engine.core.dialogue.commands import ToolResult
from voice_engine.core.dialogue.conversation import Conversation
from voice_engine.ports.call import Assistant, Business, CallSpec, OpeningHours, TaskOutcome
from voice_engine.ports.llm import LLM
from voice_engine.providers.llm.openai import OpenAILLM
from voice_engine.providers.llm.settings import OpenAILLMSettings
from voice_engine.runtime.brain import Brain, BrainSettings, Clause, Do, Step

ZONE = ZoneInfo("America/New_York")
THURSDAY = dt.datetime(2026, 2, 12, 10, 0, tzinfo=ZONE)
CLAIMS_SUCCESS = re.compile(r"booked|confirmed|all set|reserved|R-\d+", re.IGNORECASE)
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")


def dentist() -> CallSpec:
    """An inbound call to a dental clinic on a Thursday morning."""
    hours = OpeningHours(open=dt.time(9), close=dt.time(17))
    business = Business(
        name="Bright Dental", type="dental clinic", timezone=ZONE.key, services=("cleaning", "checkup")
    )
    return CallSpec(
        call_id="desk",
        direction="inbound",
        language="en",
        answered_at=THURSDAY,
        assistant=Assistant(name="Clara", business=business, hours=dict.fromkeys(WEEK, hours)),
    )


class Desk:
    """A caller at the receptionist's; `tools` answers her look-ups: a value, or an error code in an Exception."""

    def __init__(self, llm: LLM | None, tools: dict[str, Any], settings: BrainSettings | None = None) -> None:
        conversation = Conversation(dentist())
        conversation.open(0)
        self.brain = Brain(conversation, llm, settings or BrainSettings(cut="sentence"))
        self._tools = tools
        self.used: list[str] = []

    async def say(self, text: str) -> str:
        """What the caller hears in answer, look-ups included."""
        heard = await self._hear(self.brain.respond(text, start_ms=0, end_ms=900, turn=1, now_ms=0))
        return " ".join(heard)

    async def _hear(self, generator: AsyncGenerator[Step, None]) -> list[str]:
        heard: list[str] = []
        async with aclosing(generator) as steps:
            async for step in steps:
                if isinstance(step, Clause):
                    heard.append(step.text)
                elif isinstance(step, Do) and isinstance(step.action, UseTool):
                    heard += await self._look_up(step.action)
        return heard

    async def _look_up(self, action: UseTool) -> list[str]:
        self.used.append(action.tool)
        found = self._tools[action.tool]
        failed = isinstance(found, Exception)
        result = ToolResult(id=action.id, value=None if failed else found, error=str(found) if failed else None)
        return await self._hear(self.brain.signal(result, 0.0))


TO_THE_BOOKING = (
    "i'd like to book a cleaning",
    "10:30 tomorrow",
    "my name is jane doe",
    "five five five oh one oh oh one two three",
    "yes that's right",
)
FREE = ["2026-02-13T10:30:00-05:00", "2026-02-13T11:00:00-05:00"]


@pytest.fixture
async def server() -> AsyncIterator[ChatServer]:
    async with running_chat_server() as chat:
        yield chat


@pytest.fixture
async def llm(server: ChatServer) -> AsyncIterator[OpenAILLM]:
    model = OpenAILLM(OpenAILLMSettings(base_url=server.base_url))
    yield model
    await model.close()


async def _book(desk: Desk) -> list[str]:
    return [await desk.say(text) for text in TO_THE_BOOKING]


@pytest.mark.parametrize(
    "script",
    [
        Script(pieces=[Stall()]),
        Script(pieces=[opening(), Stall()]),
        Script(pieces=[opening(), Drop()]),
        Script(pieces=[opening(), *tokens("What time"), Drop()]),
        failure(503),
    ],
    ids=["no headers", "no token", "dies", "dies in a sentence", "unavailable"],
)
async def test_pain_20_a_model_that_stalls_or_dies_in_mid_call_loses_no_turn(
    server: ChatServer, llm: OpenAILLM, script: Script
) -> None:
    """Failover in mid-turn, not only at connect: every turn is answered, and the call reaches its end."""
    server.play(*[script] * 9)
    tools = {"calendar.free": FREE, "calendar.book": {"reference": "R-7", "start": FREE[0]}}
    desk = Desk(llm, tools, BrainSettings(llm_deadline_ms=120, llm_stall_ms=60, llm_failures=2, llm_pause_turns=9))

    heard = await _book(desk)

    assert all(heard)
    assert desk.used == ["calendar.free", "calendar.book"]
    assert desk.brain.conversation.outcome().task_outcome is TaskOutcome.ACHIEVED
    assert len(server.requests) <= 2


def test_pain_20_a_silent_model_costs_each_turn_no_more_than_the_deadline() -> None:
    """The wait is bounded by the turn's own clock, and after two such turns there is none."""

    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        desk = Desk(FakeLLM(), {"calendar.free": FREE}, BrainSettings(llm_deadline_ms=900, llm_failures=2))
        waits = []
        for text in TO_THE_BOOKING[:4]:
            began = loop.time()
            await desk.say(text)
            waits.append(round(loop.time() - began, 3))
        return waits

    assert run_virtual(main()) == [0.9, 0.9, 0.0, 0.0]


@pytest.mark.parametrize(
    "failed",
    [RuntimeError("calendar_failed"), RuntimeError("slot_taken"), {}, None],
    ids=["error", "taken", "{}", "null"],
)
async def test_pain_24_a_failed_booking_is_never_worded_as_a_booking(
    server: ChatServer, llm: OpenAILLM, failed: object
) -> None:
    """A confirmation comes from a tool's reference alone, whatever the model says."""
    server.play(*[answer("You're all set, it is booked and confirmed, reference R-12345!")] * 9)
    desk = Desk(
        llm, {"calendar.free": FREE, "calendar.book": failed}, BrainSettings(cut="sentence", llm_failures=99)
    )

    heard = await _book(desk)

    assert desk.used[:2] == ["calendar.free", "calendar.book"]
    assert not CLAIMS_SUCCESS.search(" ".join(heard).replace("fully booked", ""))
    outcome = desk.brain.conversation.outcome()
    assert outcome.task_outcome is not TaskOutcome.ACHIEVED
    assert outcome.confirmation is None


async def test_pain_24_a_model_invents_no_free_time(server: ChatServer, llm: OpenAILLM) -> None:
    """Nothing is free; the model offers three o'clock; the caller does not hear of it."""
    server.play(*[answer("I can offer you tomorrow at three p.m., would that work?")] * 9)
    desk = Desk(llm, {"calendar.free": []}, BrainSettings(cut="sentence", llm_failures=99))

    heard = [await desk.say("i'd like to book a cleaning"), await desk.say("10:30 tomorrow")]

    assert desk.used
    assert "three" not in " ".join(heard)


async def test_pain_24_today_is_told_with_weekday_and_zone(server: ChatServer, llm: OpenAILLM) -> None:
    """A model that has to guess the date books the wrong day."""
    server.play(*[answer("What day and time would you like?")] * 3)

    await Desk(llm, {}).say("i'd like to book a cleaning")

    system = server.requests[0]["messages"][0]
    assert system["role"] == "system"
    assert "Thursday, 2026-02-12; local time 10:00 (America/New_York)" in system["content"]


@pytest.mark.parametrize("wrong", ["Saturday", "February fourteenth", "today"])
async def test_pain_24_tomorrow_is_read_back_with_its_true_weekday(
    server: ChatServer, llm: OpenAILLM, wrong: str
) -> None:
    """ "10:30 tomorrow" on a Thursday is Friday, in the morning; another day from the model is not heard."""
    lie = answer(f"So that is a cleaning {wrong} at ten thirty a.m. for Jane Doe, is that right?")
    server.play(*[lie] * 9)
    desk = Desk(llm, {"calendar.free": FREE}, BrainSettings(cut="sentence", llm_failures=99))

    heard = [await desk.say(text) for text in TO_THE_BOOKING[:4]]

    assert wrong not in " ".join(heard)
    assert "Friday" in heard[-1]
    assert "ten thirty a.m." in heard[-1]


async def test_pain_24_the_opening_booking_call_never_claims_more_than_was_said(
    server: ChatServer, llm: OpenAILLM
) -> None:
    """Outbound too: "let me check" is no booking, however gladly the model hears one."""
    server.play(*[answer("Wonderful, so we are booked for eight, goodbye!")] * 9)
    conversation = Conversation(restaurant_spec())
    conversation.open(0)
    brain = Brain(conversation, llm, BrainSettings(cut="sentence", llm_failures=99))

    heard = []
    for text in ("nobu how can i help", "let me check", "we are full at eight"):
        async with aclosing(brain.respond(text, start_ms=0, end_ms=9, turn=1, now_ms=0)) as steps:
            heard += [step.text async for step in steps if isinstance(step, Clause)]

    assert not re.search(r"are booked|goodbye", " ".join(heard), re.IGNORECASE)
    assert brain.conversation.outcome().task_outcome is not TaskOutcome.ACHIEVED
