"""A language model that plays written answers with written delays, on any clock."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence

from voice_engine.errors import UpstreamFailed
from voice_engine.ports.llm import Completed, LLMEvent, LLMRequest, TextDelta, ToolCall

Item = str | float | ToolCall | Completed | UpstreamFailed
"""Text is streamed word by word, a number waits that many ms, an error is raised."""


class FakeLLM:
    """Plays its scripts in order, one a request; without one it never answers. Keeps the requests."""

    def __init__(self, *scripts: Sequence[Item]) -> None:
        self.scripts = deque(scripts)
        self.requests: list[LLMRequest] = []
        self.closed = 0
        """Streams that ended, however they ended."""

    @property
    def name(self) -> str:
        return "fake"

    async def stream(self, request: LLMRequest) -> AsyncGenerator[LLMEvent, None]:
        self.requests.append(request)
        script = self.scripts.popleft() if self.scripts else (3_600_000.0,)
        try:
            for item in script:
                match item:
                    case str():
                        for index, word in enumerate(item.split(" ")):
                            yield TextDelta(text=word if index == 0 else f" {word}")
                    case float():
                        await asyncio.sleep(item / 1000)
                    case UpstreamFailed():
                        raise item
                    case _:
                        yield item
            if not any(isinstance(item, Completed) for item in script):
                yield Completed(reason="stop", prompt_tokens=100, completion_tokens=10)
        finally:
            self.closed += 1
