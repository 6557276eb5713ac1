"""A language model that always answers the same, token by token at fixed times: for tests and comparisons."""

import asyncio
import re
from collections.abc import AsyncGenerator

from voice_engine.ports.llm import Completed, LLMEvent, LLMRequest, TextDelta
from voice_engine.providers.llm.settings import LLMSettings
from voice_engine.providers.scripted import ScriptedSettings

_TOKEN = re.compile(r"\s*\S+")


def create(settings: LLMSettings) -> "ScriptedLLM":
    """The entry point `scripted`."""
    return ScriptedLLM(settings.scripted)


class ScriptedLLM:
    """Streams `llm_reply`: the first token `llm_first_token_ms` after the request, then one every interval.

    Times count from the request, so that a reader that pauses finds waiting what has "arrived" meanwhile.
    """

    def __init__(self, settings: ScriptedSettings) -> None:
        self._first_s = settings.llm_first_token_ms / 1000
        self._interval_s = settings.llm_token_interval_ms / 1000
        self._tokens = tuple(TextDelta(text=token) for token in _TOKEN.findall(settings.llm_reply))

    @property
    def name(self) -> str:
        """Its name for reports."""
        return "scripted"

    async def stream(self, request: LLMRequest) -> AsyncGenerator[LLMEvent, None]:
        """Yield the reply's tokens on time. Never fails."""
        loop = asyncio.get_running_loop()
        due_s = loop.time() + self._first_s
        for token in self._tokens:
            wait_s = due_s - loop.time()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            yield token
            due_s += self._interval_s
        yield Completed(reason="stop", completion_tokens=len(self._tokens))
