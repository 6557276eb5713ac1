"""Language models: one streaming request a turn, text and tool calls out."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    """One message of the prompt. `tool_call_id` on `tool` messages; `tool_calls` on `assistant` ones."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    tool_call_id: str | None = None
    tool_calls: tuple["ToolCall", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """A function the model may call; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LLMRequest:
    """One completion to stream."""

    messages: tuple[ChatMessage, ...]
    tools: tuple[ToolSpec, ...] = ()
    max_tokens: int = 160
    temperature: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDelta:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A complete tool call, its fragments joined. `arguments` is the JSON text the model wrote, unchecked."""

    id: str
    name: str
    arguments: str


LLMEvent = TextDelta | ToolCall


class LLM(Protocol):
    """A model behind an endpoint. Never retries by itself: the turn has a deadline and a fallback."""

    @property
    def name(self) -> str:
        """Provider and model, for reports."""
        ...

    def stream(self, request: LLMRequest) -> AsyncGenerator[LLMEvent, None]:
        """Yield deltas and tool calls; close with `aclosing`. Raises UpstreamFailed."""
        ...
