"""Tool calls become commands or are refused; the schema and the reading of it agree."""

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_engine.core.dialogue import commands as c
from voice_engine.core.dialogue.llm.tools import (
    MAX_COMMANDS,
    REPORT,
    as_json,
    command_types,
    commands_of,
    tools_for,
)
from voice_engine.errors import InvalidInput
from voice_engine.ports.call import Category
from voice_engine.ports.llm import ToolCall


def report(*commands: object) -> ToolCall:
    return ToolCall(id="1", name=REPORT, arguments=json.dumps({"commands": commands}))


def read(*commands: object, category: Category = Category.RESTAURANT) -> tuple[c.Command, ...]:
    return commands_of(report(*commands), category)


def test_commands_are_read_with_their_types() -> None:
    """Dates are dates, times times, counts whole numbers."""
    assert read(
        {"type": "Offer", "options": [{"time": "20:30", "date": "2026-02-14"}, {"time": "21:00"}]},
        {"type": "Provide", "slot": "date", "value": "2026-02-14"},
        {"type": "Provide", "slot": "time", "value": "20:30"},
        {"type": "Provide", "slot": "party_size", "value": 4},
        {"type": "Confirm", "slots": {"name": "Smith", "party_size": "4"}},
        {"type": "Booked", "code": None},
        {"type": "AskSlot", "slot": "name"},
        {"type": "Yes"},
    ) == (
        c.Offer(options=(c.When(time=dt.time(20, 30), date=dt.date(2026, 2, 14)), c.When(time=dt.time(21, 0)))),
        c.Provide(slot="date", value=dt.date(2026, 2, 14)),
        c.Provide(slot="time", value=dt.time(20, 30)),
        c.Provide(slot="party_size", value=4),
        c.Confirm(slots={"name": "Smith", "party_size": 4}),
        c.Booked(),
        c.AskSlot(slot="name"),
        c.Yes(),
    )


@pytest.mark.parametrize(
    "entry",
    [
        {"type": "ToolResult", "id": "t1", "value": {"reference": "R"}},
        {"type": "Beep"},
        {"type": "HungUp"},
        {"type": "TimeLimit", "which": "total"},
        {"type": "WantBooking"},
        {"type": "NoSuch"},
        {"slot": "name"},
        {"type": "AskSlot", "slot": "shoe_size"},
        {"type": "AskSlot"},
        {"type": "Offer", "options": [{"time": "25:00"}]},
        {"type": "Offer", "options": "20:30"},
        {"type": "Offer", "options": [{}] * 99},
        {"type": "Offer", "options": [], "extra": 1},
        {"type": "Provide", "slot": "party_size", "value": 4.5},
        {"type": "Provide", "slot": "party_size", "value": True},
        {"type": "Provide", "slot": "party_size", "value": 10**9},
        {"type": "Provide", "slot": "name", "value": {"a": 1}},
        {"type": "Provide", "slot": "date", "value": "tomorrow"},
        {"type": "Unavailable", "whole_day": "yes"},
        {"type": "OptOut", "quote": ""},
        "Yes",
        None,
    ],
)
def test_what_is_no_command_of_this_call_is_refused(entry: object) -> None:
    """Channel events and tool results can not be forged, nor half a command used."""
    with pytest.raises(InvalidInput) as caught:
        read(entry)

    assert caught.value.code == "llm_tool_malformed"


@pytest.mark.parametrize(
    "arguments", ["", "{", "[]", "null", '{"commands": {}}', '{"commands": []}', "[" * 3000, '{"commands": 1e999}']
)
def test_malformed_arguments_are_refused(arguments: str) -> None:
    """A model writes JSON as it writes prose: mostly."""
    with pytest.raises(InvalidInput):
        commands_of(ToolCall(id="1", name=REPORT, arguments=arguments), Category.RESTAURANT)


def test_a_flood_of_commands_is_refused() -> None:
    """One utterance does not say nine things."""
    with pytest.raises(InvalidInput):
        read(*[{"type": "Yes"}] * (MAX_COMMANDS + 1))


words = st.text(alphabet="a1:-é ", max_size=6)
scalars = st.none() | st.booleans() | st.integers(-5, 2000) | st.just(1e300) | words
json_values = scalars | st.lists(scalars, max_size=2) | st.dictionaries(words, scalars, max_size=2)
kinds = st.sampled_from([kind.__name__ for kind in command_types(Category.CLINIC)])


@settings(max_examples=40)
@given(kinds, st.dictionaries(st.sampled_from(["slot", "value", "options", "slots", "code", "text"]), json_values))
def test_any_json_gives_commands_or_one_error(kind: str, values: dict[str, Any]) -> None:
    """Nothing else ever comes out of the reader."""
    try:
        commands = read({"type": kind, **values}, category=Category.CLINIC)
    except InvalidInput:
        return
    assert type(commands[0]).__name__ == kind


def test_look_ups_are_commands_that_make_the_policy_look_up() -> None:
    """No result comes from the model; a booking has no tool at all."""

    def call(
        name: str, arguments: dict[str, Any], category: Category = Category.RECEPTIONIST
    ) -> tuple[c.Command, ...]:
        return commands_of(ToolCall(id="1", name=name, arguments=json.dumps(arguments)), category)

    assert call("search_knowledge", {"query": "parking"}) == (c.AskFact(fact="other", query="parking"),)
    assert call("calendar_free", {"date": "2026-02-14"}) == (
        c.WantBooking(),
        c.Provide(slot="date", value=dt.date(2026, 2, 14)),
    )
    assert call("calendar_find", {"purpose": "cancel"}) == (c.WantCancel(),)
    assert call("calendar_find", {"purpose": "reschedule"}) == (c.WantReschedule(),)
    for name, category in (("calendar_book", Category.RECEPTIONIST), ("search_knowledge", Category.HOTEL)):
        with pytest.raises(InvalidInput) as caught:
            call(name, {}, category)
        assert caught.value.code == "llm_tool_unknown"


@pytest.mark.parametrize("category", list(Category))
def test_the_schema_offers_what_the_reader_takes(category: Category) -> None:
    """Every command in the schema, built from its required fields, is read back as that command."""
    schema = json.loads(json.dumps(tools_for(category)[0].parameters))
    samples: dict[str, Any] = {
        "slot": "name",
        "value": "Ann",
        "quote": "stop",
        "reason": "no",
        "topic": "card",
        "fact": "hours",
    }
    samples |= {"query": "hours", "text": "words"}

    for entry in schema["properties"]["commands"]["items"]["anyOf"]:
        values: dict[str, Any] = {"type": entry["properties"]["type"]["const"]}
        for name in entry["required"][1:]:
            kind = entry["properties"][name]["type"]
            values[name] = samples[name] if name in samples else {"array": [], "object": {"1": "sales"}}[kind]
        assert type(read(values, category=category)[0]).__name__ == values["type"]


def test_commands_are_shown_without_empty_fields() -> None:
    """For prompts and reports."""
    shown = json.loads(as_json([c.Offer(options=(c.When(time=dt.time(20, 30)),)), c.Yes()]))

    assert shown == [{"type": "Offer", "options": [{"time": "20:30:00"}]}, {"type": "Yes"}]
