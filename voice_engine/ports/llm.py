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


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """The answer is complete; the last event. `length`: cut off by `max_tokens`. Token counts None: not told."""

    reason: Literal["stop", "length"]
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


LLMEvent = TextDelta | ToolCall | Completed


class LLM(Protocol):
    """A model behind an endpoint. Never retries by itself: the turn has a deadline and a fallback."""

    @property
    def name(self) -> str:
        """Provider and model, for reports."""
        ...

    def stream(self, request: LLMRequest) -> AsyncGenerator[LLMEvent, None]:
        """Yield deltas and tool calls, then `Completed`; close with `aclosing`.

        Raises UpstreamFailed, also when the stream breaks off before its end.
        """
        ...
