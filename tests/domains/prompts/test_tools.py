"""Tools belong to the setting that put them there."""

from voice_engine.domains.assistants.models import Assistant
from voice_engine.domains.prompts.tools import Tool, ToolOrigin, set_tools, tools_of, transfer_tools

CALENDAR = (Tool(name="check_availability"), Tool(name="book_appointment"))


def test_a_setting_changes_its_own_tools_only() -> None:
    assistant = Assistant(tools=[])
    set_tools(assistant, ToolOrigin.CALENDAR, CALENDAR)
    set_tools(assistant, ToolOrigin.TRANSFER, transfer_tools("+15559876543"))

    set_tools(assistant, ToolOrigin.TRANSFER, transfer_tools("+15551112222"))
    assert tools_of(assistant, ToolOrigin.TRANSFER) == (
        Tool(name="transferCall", config={"number": "+15551112222"}),
    )

    set_tools(assistant, ToolOrigin.TRANSFER, transfer_tools(None))
    assert tools_of(assistant) == CALENDAR


def test_the_same_tools_again_are_no_change() -> None:
    assistant = Assistant(tools=[])

    assert set_tools(assistant, ToolOrigin.CALENDAR, CALENDAR)
    before = assistant.tools
    assert not set_tools(assistant, ToolOrigin.CALENDAR, CALENDAR)
    assert assistant.tools is before
