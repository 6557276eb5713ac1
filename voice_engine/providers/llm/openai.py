"""Language models behind an OpenAI-compatible endpoint: streaming chat completions through the vendor's client.

Importing this module costs about a second and a half (`openai`): it is loaded only when it is configured.
"""

import asyncio
import contextlib
import ipaddress
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx2
import openai
from openai.types.chat import ChatCompletionChunk

from voice_engine.errors import InvalidInput, UpstreamFailed
from voice_engine.ports.llm import ChatMessage, Completed, LLMEvent, LLMRequest, TextDelta, ToolCall, ToolSpec
from voice_engine.providers.llm.settings import OPENAI_URL, LLMSettings, OpenAILLMSettings

_REFUSED = {"content_filter"}
_KEYLESS = "no-key"


def create(settings: LLMSettings) -> "OpenAILLM":
    """The entry point `openai`. Raises InvalidInput (`provider_key_missing`)."""
    return OpenAILLM(settings.openai)


class OpenAILLM:
    """One model of one endpoint; holds a pool of connections for all calls of the process.

    `http` carries its requests; None: a client of its own.

    Raises:
        InvalidInput: `provider_key_missing`, unless the endpoint is on this machine.
    """

    def __init__(self, settings: OpenAILLMSettings, *, http: httpx2.AsyncClient | None = None) -> None:
        base_url = settings.base_url or OPENAI_URL
        if not settings.api_key and http is None and not _is_loopback(base_url):
            raise InvalidInput(
                "provider_key_missing", f"The language model at {base_url} needs VOICE_ENGINE_OPENAI__API_KEY."
            )
        self._settings = settings
        # The vendor's endpoint has renamed this; its imitators have not.
        self._limit_field = "max_completion_tokens" if base_url == OPENAI_URL else "max_tokens"
        # The vendor's models since gpt-5 think before they speak unless told not to, take no temperature, and take
        # tools in chat completions only when told not to think.
        self._hastened = base_url == OPENAI_URL and not settings.model.startswith("gpt-4")
        self._client = openai.AsyncOpenAI(
            api_key=settings.api_key or _KEYLESS,
            base_url=base_url,
            max_retries=0,
            timeout=openai.Timeout(settings.timeout_s, connect=settings.connect_timeout_s, read=settings.stall_s),
            http_client=http,
        )

    @property
    def name(self) -> str:
        """Provider and model."""
        return f"openai:{self._settings.model}"

    async def close(self) -> None:
        """Close idle connections; no stream may be open."""
        await self._client.close()

    async def stream(self, request: LLMRequest) -> AsyncGenerator[LLMEvent, None]:
        """Yield deltas as they arrive, tool calls when whole, then `Completed`.

        Raises:
            UpstreamFailed: `llm_key_refused`, `llm_request_refused` (not retryable), `llm_rate_limited`,
                `llm_timeout`, `llm_unreachable`, `llm_server_error`, `llm_malformed`, `llm_broken_off`,
                `llm_refused`.
        """
        with self._translated():
            async with asyncio.timeout(self._settings.timeout_s):
                chunks = await self._client.chat.completions.create(**self._arguments(request))
            answer = _Answer()
            async with aclosing(_iterate(chunks)) as source:
                async for chunk in source:
                    for event in answer.take(chunk):
                        yield event
            yield self._completed(answer)

    def _completed(self, answer: "_Answer") -> Completed:
        if answer.finished is None:
            raise self._failure("llm_broken_off", "the stream ended before the answer did", retryable=True)
        if answer.finished in _REFUSED or answer.refused:
            raise self._failure("llm_refused", "the model refused to answer", retryable=True)
        reason: Literal["stop", "length"] = "length" if answer.finished == "length" else "stop"
        return Completed(
            reason=reason, prompt_tokens=answer.prompt_tokens, completion_tokens=answer.completion_tokens
        )

    def _arguments(self, request: LLMRequest) -> dict[str, Any]:
        arguments: dict[str, Any] = {
            "model": self._settings.model,
            "messages": [_message(message) for message in request.messages],
            self._limit_field: request.max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if self._hastened:
            arguments["reasoning_effort"] = "none"
        else:
            arguments["temperature"] = request.temperature
        if request.tools:
            arguments["tools"] = [_tool(tool) for tool in request.tools]
        return arguments

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """The vendor's errors as ours. Its texts may quote the prompt, so they go no further."""
        try:
            yield
        except TimeoutError as error:
            raise self._failure("llm_timeout", "no answer in time", retryable=True) from error
        except openai.APITimeoutError as error:
            raise self._failure("llm_timeout", "no answer in time", retryable=True) from error
        except openai.APIConnectionError as error:
            raise self._failure("llm_unreachable", "the connection failed", retryable=True) from error
        except openai.APIStatusError as error:
            raise self._refusal(error) from error
        except openai.OpenAIError as error:
            raise self._failure("llm_server_error", "the endpoint reported an error", retryable=True) from error
        except ValueError as error:
            raise self._failure("llm_malformed", "the stream was no valid JSON", retryable=True) from error

    def _refusal(self, error: openai.APIStatusError) -> UpstreamFailed:
        status, spent = error.status_code, error.code == "insufficient_quota"
        if status in (401, 403):
            return self._failure("llm_key_refused", f"the key was refused ({status})", retryable=False)
        if status == 429:
            return self._failure("llm_rate_limited", "too many requests or no credit", retryable=not spent)
        if status < 500 and status not in (408, 409):
            return self._failure("llm_request_refused", f"the request was refused ({status})", retryable=False)
        return self._failure("llm_server_error", f"the endpoint failed ({status})", retryable=True)

    def _failure(self, code: str, message: str, *, retryable: bool) -> UpstreamFailed:
        return UpstreamFailed(code, f"{self.name}: {message}", provider="openai", retryable=retryable)


@dataclass(slots=True)
class _Call:
    """A tool call whose fragments are still arriving."""

    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(slots=True)
class _Answer:
    """What has arrived of one completion. Fields of chunks may be missing: endpoints differ."""

    finished: str | None = None
    refused: bool = False
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    calls: dict[int, _Call] = field(default_factory=dict)

    def take(self, chunk: ChatCompletionChunk) -> list[LLMEvent]:
        """The events that a chunk completes."""
        usage = getattr(chunk, "usage", None)
        if usage is not None:
            self.prompt_tokens, self.completion_tokens = usage.prompt_tokens, usage.completion_tokens
        choice = next(iter(getattr(chunk, "choices", None) or []), None)
        if choice is None:
            return []
        events: list[LLMEvent] = []
        delta = choice.delta
        if delta is not None:
            self.refused = self.refused or bool(getattr(delta, "refusal", None))
            if delta.content:
                events.append(TextDelta(text=delta.content))
            for fragment in getattr(delta, "tool_calls", None) or []:
                self._join(fragment)
        if choice.finish_reason is not None:
            self.finished = choice.finish_reason
            events += [ToolCall(id=c.id, name=c.name, arguments=c.arguments) for c in self.calls.values()]
            self.calls.clear()
        return events

    def _join(self, fragment: Any) -> None:
        """Add a fragment to its call; some endpoints leave `index` out and send whole calls."""
        index = fragment.index
        if index is None:
            index = len(self.calls) if fragment.id or not self.calls else max(self.calls)
        call = self.calls.setdefault(index, _Call())
        call.id = call.id or fragment.id or ""
        if fragment.function is not None:
            call.name += fragment.function.name or ""
            call.arguments += fragment.function.arguments or ""


async def _iterate(
    stream: openai.AsyncStream[ChatCompletionChunk],
) -> AsyncGenerator[ChatCompletionChunk, None]:
    """The stream's chunks; closing the generator closes the response, which tells the endpoint to stop."""
    try:
        async for chunk in stream:
            yield chunk
    finally:
        await stream.close()


def _message(message: ChatMessage) -> dict[str, Any]:
    wire: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_call_id is not None:
        wire["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        wire["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    return wire


def _tool(tool: ToolSpec) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": function}


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
