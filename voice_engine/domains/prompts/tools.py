"""What an assistant may do in a call besides talking: structured data on its row, each tool put there by a setting.

Tools are never read out of a prompt's text, and no text takes one away.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from voice_engine.domains.assistants.models import Assistant

TRANSFER_CALL = "transferCall"


class ToolOrigin(StrEnum):
    """Which setting a tool comes from."""

    TRANSFER = "transfer"
    CALENDAR = "calendar"
    KNOWLEDGE = "knowledge"
    END_CALL = "end-call"
    USER = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool by its name in calls. `config` is what its setting says; JSON, no secret."""

    name: str
    config: dict[str, Any] = field(default_factory=dict)


def set_tools(assistant: Assistant, origin: ToolOrigin, tools: Sequence[Tool]) -> bool:
    """Have the assistant's tools of this origin be exactly these; all others stay. Whether anything changed."""
    wanted = [{"name": tool.name, "origin": origin.value, "config": tool.config} for tool in tools]
    if [tool for tool in assistant.tools if tool["origin"] == origin] == wanted:
        return False
    assistant.tools = [*(tool for tool in assistant.tools if tool["origin"] != origin), *wanted]
    return True


def tools_of(assistant: Assistant, origin: ToolOrigin | None = None) -> tuple[Tool, ...]:
    """The assistant's tools; with `origin` only those that come from there."""
    return tuple(
        Tool(name=tool["name"], config=dict(tool["config"]))
        for tool in assistant.tools
        if origin is None or tool["origin"] == origin
    )


def transfer_tools(number: str | None) -> tuple[Tool, ...]:
    """The tools that a transfer number (E.164) makes; None: there is none to transfer to."""
    return () if number is None else (Tool(name=TRANSFER_CALL, config={"number": number}),)
