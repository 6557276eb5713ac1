"""Tools run at once, each in its time; one answer an id, in the asked order, the same when asked again."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.fakes.business import Business, add_business
from tests.fakes.knowledge import add_house, library
from tests.fakes.vapi import VapiCall, VapiRig, add_assistant, tool_call, tool_calls
from voice_engine.domains.accounts.models import Organization
from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.calls.models import ToolInvocation
from voice_engine.domains.inbound.models import ActionItem
from voice_engine.domains.minutes.plans import Tier
from voice_engine.domains.webhooks.service import Reply
from voice_engine.domains.webhooks.tools import (
    MOST_TOOLS,
    ToolCall,
    one_line,
    read_function_call,
    read_tool_calls,
)
from voice_engine.errors import UpstreamFailed
from voice_engine.ports.knowledge import Passage
from voice_engine.store.engine import Store


class Shelf:
    """What is written down: by query. `together`: so many searches must be under way before any ends."""

    def __init__(self, *, together: int = 1) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self._barrier = asyncio.Barrier(together)

    async def __call__(
        self, organization_id: str, assistant_id: str, query: str, *, limit: int
    ) -> Sequence[Passage]:
        self.asked.append((organization_id, assistant_id, query))
        match query:
            case "slow":
                await asyncio.Event().wait()
            case "broken":
                raise UpstreamFailed("knowledge_down", "the index is away", provider="store", retryable=True)
            case "bug":
                raise ZeroDivisionError
        await self._barrier.wait()
        return [Passage(key="k", text=f"About {query}.", score=1.0)]


def search(call_id: str, query: str) -> dict[str, Any]:
    return tool_call(call_id, "search_knowledge", {"query": query})


async def results_of(rig: VapiRig, asked: list[dict[str, Any]]) -> list[tuple[str, str | None, str | None]]:
    (reply,) = await rig.tell(tool_calls(VapiCall(), asked))
    assert reply.results is not None
    return [(one.tool_call_id, one.result, one.error) for one in reply.results]


async def uses(store: Store) -> list[ToolInvocation]:
    async with store.system("tests", writes=False) as work:
        return list(await work.session.scalars(sa.select(ToolInvocation).order_by(ToolInvocation.tool_call_id)))


async def test_all_run_at_once_and_answer_in_order(store: Store, business: Business, assistant: Assistant) -> None:
    """None of the five ends before all five have begun."""
    shelf = Shelf(together=5)
    rig = VapiRig(store, retrieve=shelf)

    found = await results_of(rig, [search(f"call_{place}", f"q{place}") for place in (4, 2, 0, 1, 3)])

    assert found == [(f"call_{place}", f"About q{place}.", None) for place in (4, 2, 0, 1, 3)]
    assert {(one[0], one[1]) for one in shelf.asked} == {(business.organization_id, assistant.id)}


async def test_one_that_is_broken_or_unknown_takes_no_other_along(store: Store, assistant: Assistant) -> None:
    rig = VapiRig(store, retrieve=Shelf())

    found = await results_of(
        rig, [search("b", "broken"), search("c", "bug"), tool_call("d", "dance", {}), search("e", "x")]
    )

    assert found == [
        ("b", None, "the index is away"),
        ("c", None, "the tool failed"),
        ("d", None, "there is no tool dance"),
        ("e", "About x.", None),
    ]


async def test_one_that_is_slow_ends_in_an_error(store: Store, assistant: Assistant) -> None:
    rig = VapiRig(store, retrieve=Shelf(), tool_wait_s=0.05)

    assert await results_of(rig, [search("a", "slow")]) == [("a", None, "no answer within 0.05 s")]


async def test_what_was_used_answers_the_same_again(store: Store, assistant: Assistant) -> None:
    """The other engine repeats a request whose answer it lost; the tool is not used twice."""
    shelf = Shelf()
    rig = VapiRig(store, retrieve=shelf)
    first = await results_of(rig, [search("a", "x")])

    again = await results_of(rig, [search("a", "x"), search("b", "y")])

    assert again[0] == first[0]
    assert [one[2] for one in shelf.asked] == ["x", "y"]
    assert [use.tool_call_id for use in await uses(store)] == ["a", "b"]


async def test_a_message_is_taken_once_and_becomes_a_follow_up(rig: VapiRig) -> None:
    """The same request four times at once, then the report."""
    call = VapiCall()
    given = {"name": "Pat", "phone": "+14155559876", "message": "Please call back."}
    request = tool_calls(call, [tool_call("m1", "take_message", json.dumps(given))])
    await rig.tell(call.started())

    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(rig.tell(request)) for _ in range(4)]
    await rig.tell(call.report())

    assert {task.result()[0].results[0].result for task in asked} == {"the message is taken"}
    row = await rig.call()
    assert row.next_steps == ["Call Pat back at +14155559876: “Please call back.”."]
    assert row.outcome is not None
    assert row.outcome["message"] == {"name": "Pat", "phone": "+14155559876", "text": "Please call back."}
    async with rig.store.system("tests", writes=False) as work:
        (item,) = await work.session.scalars(sa.select(ActionItem))
    assert item.description == row.next_steps[0]


async def test_what_the_business_has_written_is_found_and_only_its_own(store: Store, tmp_path: Path) -> None:
    """Without a searcher of its own, an intake asks the store."""
    shelf = library(store, tmp_path / "blobs")
    business, assistant_id = await add_house(store)
    other = await add_business(store, name="Rival Dental")
    await add_assistant(store, other, "vapi_rival")
    await shelf.service.put(
        business.organization_id, "faqs", text="Parking is free on Elm Street.", file_id=None, file_name=None
    )
    rig = VapiRig(store)
    async with store.read(business.organization_id) as work:
        row = await work.session.get(Assistant, assistant_id)
        assert row is not None

    answers = []
    for place, engine_id in enumerate((row.engine_id, "vapi_rival")):
        call = VapiCall(id=f"c{place}", assistant_id=engine_id)
        (reply,) = await rig.tell(tool_calls(call, [search("a", "where can I park")]))
        answers.append(reply.results[0].result)

    assert answers == ["Parking is free on Elm Street.", "nothing is written about that"]


async def test_transfers_need_a_number_and_a_plan(store: Store) -> None:
    answers = []
    for plan, number in ((Tier.PRO, None), (Tier.STARTER, "+14155550177"), (Tier.ADVANCED, "+14155550177")):
        business = await add_business(store, plan, name=plan)
        await add_assistant(store, business, f"vapi_{plan}")
        async with store.begin(business.organization_id) as work:
            organization = await work.session.get(Organization, business.organization_id)
            assert organization is not None
            organization.transfer_number = number
        call = VapiCall(id=f"call-{plan}", assistant_id=f"vapi_{plan}")
        (reply,) = await VapiRig(store).tell(tool_calls(call, [tool_call("t", "transferCall", {})]))
        answers.append((reply.results[0].result, reply.results[0].error))

    assert answers == [
        (None, "no transfer number is set"),
        (None, "the plan has no transfers"),
        ('{"destination": {"type": "number", "number": "+14155550177"}}', None),
    ]


async def test_nobodys_tools_are_answered_too(rig: VapiRig) -> None:
    """Else the other engine's caller waits in silence."""
    call = VapiCall(assistant_id="somebody-elses")

    (reply,) = await rig.tell(tool_calls(call, [search("a", "x"), search("b", "y")]))

    assert reply.ignored == "unknown_assistant"
    assert [(one.tool_call_id, one.result) for one in reply.results] == [("a", None), ("b", None)]


async def test_a_function_call_without_a_name_is_an_error(rig: VapiRig) -> None:
    (reply,) = await rig.tell(VapiCall().message("function-call", functionCall={"parameters": {}}))

    assert reply == Reply(error="the message names no function")


async def test_too_many_at_once_are_answered_with_errors(store: Store, assistant: Assistant) -> None:
    rig = VapiRig(store, retrieve=Shelf())

    found = await results_of(rig, [tool_call(f"{place:03}", "dance", {}) for place in range(MOST_TOOLS + 2)])

    assert len(found) == MOST_TOOLS + 2
    assert [one[2] for one in found[-2:]] == ["too many tools at once"] * 2


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            {"id": "a", "type": "function", "function": {"name": "n", "arguments": '{"x": 1}'}},
            ToolCall(id="a", name="n", arguments={"x": 1}),
        ),
        (
            {"id": "a", "type": "function", "function": {"name": "n", "arguments": {"x": 1}}},
            ToolCall(id="a", name="n", arguments={"x": 1}),
        ),
        ({"id": "a", "name": "n", "parameters": {"x": 1}}, ToolCall(id="a", name="n", arguments={"x": 1})),
        ({"id": "a", "name": "n", "arguments": {"x": 1}}, ToolCall(id="a", name="n", arguments={"x": 1})),
        ({"id": "a", "function": {"name": "n"}}, ToolCall(id="a", name="n", arguments={})),
        ({"id": "a", "function": {"name": "n", "arguments": ""}}, ToolCall(id="a", name="n", arguments={})),
        ({"id": "a", "function": {"name": "n", "arguments": "{"}}, ToolCall(id="a", name="n", arguments=None)),
        ({"id": "a", "function": {"name": "n", "arguments": "[1]"}}, ToolCall(id="a", name="n", arguments=None)),
        ({"id": "a", "function": {"name": "n", "arguments": "NaN"}}, ToolCall(id="a", name="n", arguments=None)),
        (
            {"id": "a", "function": {"name": "n", "arguments": "[" * 9_999}},
            ToolCall(id="a", name="n", arguments=None),
        ),
        (
            {"id": "a", "function": {"name": "n", "arguments": '{"x": "\\u0000\\ud800y"}'}},
            ToolCall(id="a", name="n", arguments={"x": "y"}),
        ),
        ({"id": "a"}, ToolCall(id="a", name="unknown", arguments={})),
    ],
)
def test_every_spelling_is_read(entry: dict[str, Any], expected: ToolCall) -> None:
    assert read_tool_calls({"toolCallList": [entry]}) == (expected,)


def test_calls_are_read_beside_their_tools_where_they_stand_there_only() -> None:
    beside = [
        {
            "type": "function",
            "function": {"name": "n"},
            "toolCall": {"id": "a", "function": {"arguments": '{"x": 1}'}},
        },
        {"name": "m", "toolCall": {"id": "b", "parameters": {"y": 2}}},
    ]

    assert read_tool_calls({"toolWithToolCallList": beside}) == (
        ToolCall(id="a", name="n", arguments={"x": 1}),
        ToolCall(id="b", name="m", arguments={"y": 2}),
    )


def test_there_is_one_call_an_id_and_none_without() -> None:
    asked = [{"id": "a", "name": "n"}, {"name": "x"}, "text", {"id": "a", "name": "m"}, {"id": "b", "name": "n"}]

    assert [(one.id, one.name) for one in read_tool_calls({"toolCallList": asked})] == [("a", "n"), ("b", "n")]


def test_an_older_function_call_has_its_content_for_an_id() -> None:
    body = {"functionCall": {"name": "n", "parameters": {"x": 1}}, "timestamp": 5}
    first, second = read_function_call(body), read_function_call({**body, "timestamp": 6})

    assert first is not None
    assert second is not None
    assert first == read_function_call(dict(body))
    assert first.id != second.id
    assert first.arguments == {"x": 1}


def test_answers_stand_on_one_line() -> None:
    assert one_line(" a\nb\r\n\tc  ") == "a b c"
